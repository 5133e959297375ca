import type { Manifest } from '../cluster/apiClient.ts';
import type { Federation } from '../cluster/federation.ts';
import { condition, isSettled, type Job, type Lease, wasAccepted } from '../demo/receipts.ts';
import { jobPath } from './jobs.ts';

/** What the hub says of a run's jobs. */
export type Outcome = { readonly jobs: readonly Job[]; readonly leases: readonly Lease[] };

export async function readOutcome(
  { hub }: Pick<Federation, 'hub'>,
  manifests: readonly Manifest[],
): Promise<Outcome> {
  const jobs = await Promise.all(manifests.map((job) => hub.client.get<Job>(jobPath(job))));
  const uids = jobs.map((job) => job.metadata.uid).join(',');
  const selector = encodeURIComponent(`gridlease.dev/job-uid in (${uids})`);
  const list = await hub.client.get<{ items: Lease[] }>(
    `/apis/gridlease.dev/v1alpha1/gpuleases?labelSelector=${selector}`,
  );
  return { jobs, leases: list.items };
}

const hasEnded = (job: Job): boolean =>
  ['True', 'False'].includes(condition(job, 'Succeeded')?.status ?? 'Unknown');

/** A run is over when every job has ended and every lease that ran is paid. */
export const isOver = ({ jobs, leases }: Outcome): boolean =>
  jobs.every(hasEnded) && leases.filter(wasAccepted).every(isSettled);

/**
 * One sentence for each thing that isn't as it should be at the end of a run. What the provider of a lost lease
 * demands afterwards must be disputed.
 */
export const outcomeProblems = (
  { jobs, leases }: Outcome,
  lost: ReadonlySet<string> = new Set(),
): readonly string[] => [
  ...jobs
    .filter((job) => condition(job, 'Succeeded')?.status !== 'True')
    .map((job) => `job ${job.metadata.name} did not succeed: ${told(job, 'Succeeded')}`),
  ...leases
    .filter((lease) => wasAccepted(lease) && !isSettled(lease))
    .map(
      (lease) =>
        `lease ${lease.metadata.name} is not settled: ${told(lease, 'Settled')}; ${all(lease)}`,
    ),
  ...leases
    .filter(({ metadata }) => !lost.has(metadata.uid))
    .filter((lease) => condition(lease, 'MeterDisputed')?.status === 'True')
    .map((lease) => `lease ${lease.metadata.name} is disputed: ${told(lease, 'MeterDisputed')}`),
];

type Told = Parameters<typeof condition>[0];

const told = (object: Told, type: string): string => {
  const found = condition(object, type);
  return found === undefined ? 'nothing said' : `${found.reason}: ${found.message}`;
};

const all = (lease: Lease): string =>
  (lease.status?.conditions ?? [])
    .map(({ type, status, reason }) => `${type}=${status} ${reason}`)
    .join(', ');
