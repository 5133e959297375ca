import { parseIndexes } from '@gridlease/crds/indexes';
import type { AccountFacts, CandidateFacts, JobFacts, PlacementFacts } from './facts.ts';

/** A candidate with its price read once. */
export type Candidate = CandidateFacts & { readonly price: bigint };

/** What the filters compare candidates with, read once per decision. */
export type Query = {
  readonly nowMs: number;
  readonly job: JobFacts;
  readonly account: AccountFacts;
  /** Indexes still to be placed, ascending. */
  readonly waiting: readonly number[];
  /** Tasks to start now: what parallelism leaves, at most what waits. */
  readonly want: number;
  /** Tasks alive over all providers. */
  readonly alive: number;
  /** Tasks that one provider may run at once, and over the life of the job. */
  readonly shareLimit: number;
  readonly lifeLimit: number;
  readonly maxPrice: bigint | undefined;
};

export function readQuery(facts: PlacementFacts): Query {
  const { job, account } = facts;
  const waiting = parseIndexes(job.waitingIndexes);
  const alive = Object.values(job.aliveTasks).reduce((total, tasks) => total + tasks, 0);
  const share = (of: number) => Math.max(1, Math.floor((of * job.maxProviderSharePercent) / 100));
  return {
    nowMs: facts.nowMs,
    job,
    account,
    waiting,
    want: Math.max(0, Math.min(job.parallelism - alive, waiting.length)),
    alive,
    shareLimit: share(job.parallelism),
    lifeLimit: share(job.completions),
    maxPrice: job.maxPricePerGpuHour === undefined ? undefined : BigInt(job.maxPricePerGpuHour),
  };
}

/** Tasks in one lease, of so many that are placed at a time: a replica has one for itself. */
export function tasksOfOneLease({ job }: Pick<Query, 'job'>, tasks: number): number {
  return job.service === undefined ? tasks : Math.min(tasks, 1);
}

/** What the job calls its tasks. */
export function nounOf({ job }: Pick<Query, 'job'>): 'task' | 'replica' {
  return job.service === undefined ? 'task' : 'replica';
}

/** Tasks of this job that may be started at a provider now before its share is used up. */
export function shareLeft(query: Query, provider: string): number {
  const alive = query.job.aliveTasks[provider] ?? 0;
  return Math.max(0, Math.min(query.shareLimit - alive, lifeLeft(query, provider)));
}

/** Tasks of this job that a provider may still be given, now or for later. */
export function lifeLeft({ lifeLimit, job }: Query, provider: string): number {
  return Math.max(0, lifeLimit - (job.takenTasks[provider] ?? 0));
}
