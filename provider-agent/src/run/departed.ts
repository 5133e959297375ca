import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { Informer } from '@gridlease/kube/informer';
import type { TaskPod } from './objects.ts';

/** Remembers how pods of leases that go on were when they were deleted, for as long as this process lives. */
export type Departed = {
  /** Of one lease, in the order in which they went. */
  of(leaseUid: string): readonly TaskPod[];
  forget(leaseUid: string): void;
};

/**
 * A drain deletes a pod, and its Job says no more than that the pod failed: who took it away, and how
 * its container ended, stood in the pod alone. `isOver`: nobody asks any more how its tasks ended.
 */
export function createDeparted(
  pods: Pick<Informer<TaskPod>, 'onChange'>,
  isOver: (leaseUid: string) => boolean,
): Departed {
  const leases = new Map<string, TaskPod[]>();
  pods.onChange((pod, _, { type }) => {
    const leaseUid = pod.metadata.labels?.[LABEL_LEASE_UID];
    if (type !== 'deleted' || leaseUid === undefined || isOver(leaseUid)) return;
    leases.set(leaseUid, [...(leases.get(leaseUid) ?? []), pod].slice(-mostPods));
  });
  return {
    of: (leaseUid) => leases.get(leaseUid) ?? [],
    forget: (leaseUid) => void leases.delete(leaseUid),
  };
}

/** As many failures as a lease's status lists. */
const mostPods = 64;
