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
 * its container ended, stood in the pod alone. A node that has ended it writes its own time over the one
 * at which it was asked to; what is remembered says the first. `isOver`: nobody asks any more.
 */
export function createDeparted(
  pods: Pick<Informer<TaskPod>, 'onChange'>,
  isOver: (leaseUid: string) => boolean,
): Departed {
  const leases = new Map<string, TaskPod[]>();
  const asked = new Map<string, Asked>();
  pods.onChange((pod, _, { type }) => {
    const { uid = '', labels, deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
    const leaseUid = labels?.[LABEL_LEASE_UID];
    if (leaseUid === undefined || isOver(leaseUid)) return void asked.delete(uid);
    if (type !== 'deleted') {
      if (deletionTimestamp === undefined || asked.has(uid)) return;
      asked.set(uid, { deletionTimestamp, deletionGracePeriodSeconds });
      return;
    }
    const first = asked.get(uid);
    asked.delete(uid);
    // Of one that was gone before we heard of it we don't know whether it was asked.
    if (first === undefined) return;
    const remembered = { ...pod, metadata: { ...pod.metadata, ...first } };
    leases.set(leaseUid, [...(leases.get(leaseUid) ?? []), remembered].slice(-mostPods));
  });
  return {
    of: (leaseUid) => leases.get(leaseUid) ?? [],
    forget: (leaseUid) => void leases.delete(leaseUid),
  };
}

type Asked = { readonly deletionTimestamp: string; readonly deletionGracePeriodSeconds: number };

/** As many failures as a lease's status lists. */
const mostPods = 64;
