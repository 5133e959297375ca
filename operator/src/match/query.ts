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
  /** Tasks that one provider may run at once. */
  readonly shareLimit: number;
  readonly maxPrice: bigint | undefined;
};

export function readQuery(facts: PlacementFacts): Query {
  const { job, account } = facts;
  const waiting = parseIndexes(job.waitingIndexes);
  const alive = Object.values(job.aliveTasks).reduce((total, tasks) => total + tasks, 0);
  const tasks = Math.min(job.parallelism, waiting.length + alive);
  const share = Math.floor((tasks * job.maxProviderSharePercent) / 100);
  return {
    nowMs: facts.nowMs,
    job,
    account,
    waiting,
    want: Math.max(0, Math.min(job.parallelism - alive, waiting.length)),
    alive,
    shareLimit: Math.max(1, share),
    maxPrice: job.maxPricePerGpuHour === undefined ? undefined : BigInt(job.maxPricePerGpuHour),
  };
}

/** Tasks of this job that may still be started at a provider before its share is used up. */
export function shareLeft(query: Query, provider: string): number {
  return Math.max(0, query.shareLimit - (query.job.aliveTasks[provider] ?? 0));
}
