import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { Controller } from '@gridlease/kube/controller';
import { type KubeObject, objectKey } from '@gridlease/kube/object';
import type { RunDeps } from './deps.ts';

/** Changes of Jobs and pods within this time are looked at once. */
const burstMs = 100;

/** Lets a lease be looked at whenever something that decides about it has changed. */
export function wakeBy(
  controller: Pick<Controller, 'watch' | 'enqueue'>,
  { informers, onUsage }: Pick<RunDeps, 'informers' | 'onUsage'>,
): void {
  controller.watch(informers.records, (record) => [record.spec.leaseRef.uid]);
  // A starting task is half a dozen changes of its Job and its pod in a tenth of a second.
  const soon = ({ metadata }: KubeObject): void => {
    const uid = metadata.labels?.[LABEL_LEASE_UID];
    if (uid !== undefined) controller.enqueue(uid, burstMs);
  };
  const nothing = () => [];
  controller.watch(informers.jobs, nothing);
  controller.watch(informers.deployments, nothing);
  controller.watch(informers.pods, nothing);
  informers.jobs.onChange(soon);
  informers.deployments.onChange(soon);
  informers.pods.onChange(soon);
  // Not watched as a source: an agent that starts while the hub is away must run its leases.
  informers.leases.onChange((lease) => controller.enqueue(lease.metadata.uid ?? objectKey(lease)));
  onUsage((uid) => controller.enqueue(uid));
}
