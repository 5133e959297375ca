import { setTimeout as sleep } from 'node:timers/promises';
import type { Kubectl } from './kubectl.ts';
import {
  condition,
  disputesOf,
  isSettled,
  type Job,
  type Lease,
  readChannels,
  readJobs,
  readLeases,
  wasAccepted,
} from './receipts.ts';
import { columns } from './table.ts';

export type StoryEnd = {
  readonly jobs: readonly Job[];
  readonly leases: readonly Lease[];
  /** Why the story did not end with every lease settled; empty when it did. */
  readonly failures: readonly string[];
  /** Seconds from the first look until all jobs had succeeded, and until all leases were settled. */
  readonly seconds: { readonly succeeded: number; readonly settled: number };
};

export type StoryOptions = {
  readonly kubectl: Kubectl;
  readonly namespace: string;
  readonly show: (table: string) => void;
  readonly signal: AbortSignal;
  /** Longest wait for the jobs, and then for the money. */
  readonly timeoutSeconds: { readonly jobs: number; readonly money: number };
};

/** Watches the jobs until every lease is settled, something is disputed, or the time is over. */
export async function watchStory(options: StoryOptions): Promise<StoryEnd> {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let succeededAt: number | undefined;
  for (;;) {
    options.signal.throwIfAborted();
    const [jobs, leases, channels] = await Promise.all([
      readJobs(options.kubectl, options.namespace),
      readLeases(options.kubectl),
      readChannels(options.kubectl),
    ]);
    options.show(storyTable(jobs, leases));
    const end = (failures: readonly string[]): StoryEnd => ({
      jobs,
      leases,
      failures,
      seconds: { succeeded: succeededAt ?? elapsed(), settled: elapsed() },
    });
    const failed = jobs.filter((job) => condition(job, 'Succeeded')?.status === 'False');
    const problems = [
      ...disputesOf(leases, channels),
      ...failed.map((job) => `job ${job.metadata.name}: ${condition(job, 'Succeeded')?.message}`),
    ];
    if (problems.length > 0) return end(problems);
    if (jobs.length > 0 && jobs.every((job) => condition(job, 'Succeeded')?.status === 'True')) {
      succeededAt ??= elapsed();
      const ran = leases.filter(wasAccepted);
      if (ran.every(isSettled)) return end([]);
      if (elapsed() - succeededAt > options.timeoutSeconds.money)
        return end(unsettled(ran, options));
    } else if (elapsed() > options.timeoutSeconds.jobs) {
      return end(jobs.map((job) => `job ${job.metadata.name} has not ended: ${stateOf(job)}`));
    }
    await sleep(500, undefined, { signal: options.signal });
  }
}

const unsettled = (leases: readonly Lease[], { timeoutSeconds }: StoryOptions): readonly string[] =>
  leases
    .filter((lease) => !isSettled(lease))
    .map((lease) => {
      const why = condition(lease, 'Settled');
      return `voucher: lease ${lease.metadata.name} is not paid ${timeoutSeconds.money} s after its job ended${why ? `: ${why.message}` : ''}`;
    });

const stateOf = (job: Job): string => {
  const succeeded = condition(job, 'Succeeded');
  return succeeded ? `${succeeded.reason}: ${succeeded.message}` : 'no condition yet';
};

function storyTable(jobs: readonly Job[], leases: readonly Lease[]): string {
  const rows = jobs.map((job) => {
    const own = leases.filter(
      (lease) => lease.spec.jobRef.uid === job.metadata.uid && wasAccepted(lease),
    );
    return [
      job.metadata.name,
      condition(job, 'Succeeded')?.reason ?? 'New',
      job.status?.tasks ?? '',
      job.status?.provider ?? '',
      job.status?.amount ?? '',
      `${own.filter(isSettled).length}/${own.length}`,
    ];
  });
  return columns([['JOB', 'STATE', 'DONE', 'PROVIDER', 'COST', 'LEASES PAID'], ...rows]);
}
