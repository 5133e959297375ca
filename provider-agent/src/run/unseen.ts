import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { Informer } from '@gridlease/kube/informer';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { TaskJob, TaskPod } from './objects.ts';
import { indexOf } from './observe.ts';

/**
 * Pods and Jobs are followed by two watches. Where that of pods lags behind, a Job has ended and nothing
 * is known of what ran for it: its end must not be recorded, or it would never be paid.
 */
export function hasUnseenPods(jobs: readonly TaskJob[], pods: readonly TaskPod[]): boolean {
  const seen = new Set(pods.map(indexOf));
  return jobs.some((job) => hasEnded(job) && !seen.has(indexOf(job)));
}

function hasEnded({ status }: TaskJob): boolean {
  return (
    status?.conditions?.some(
      ({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True',
    ) ?? false
  );
}

/**
 * Asks the API server for the pods of a lease. Whether there was one that nobody had seen: what the
 * cache takes is to be looked at anew, what it refuses comes with its next list.
 */
export async function lookForPods(
  leaseUid: string,
  pods: Pick<Informer<TaskPod>, 'byIndex' | 'observe'>,
  client: Pick<ResourceClient<TaskPod>, 'list'>,
  signal: AbortSignal,
): Promise<boolean> {
  const known = new Set(pods.byIndex('leaseUid', leaseUid).map(({ metadata }) => metadata.uid));
  const { items } = await client.list({ labelSelector: `${LABEL_LEASE_UID}=${leaseUid}`, signal });
  for (const pod of items) pods.observe(pod);
  return items.some(({ metadata }) => !known.has(metadata.uid));
}
