import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseWorkload } from '@gridlease/crds/leaseworkload';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import type { Informer } from '@gridlease/kube/informer';
import type { ResourceClient } from '@gridlease/kube/resources';

type RetentionDeps = {
  readonly clients: {
    readonly leases: ResourceClient<GPULease>;
    readonly records: ResourceClient<PlacementRecord>;
    readonly workloads: ResourceClient<LeaseWorkload>;
  };
  readonly informers: {
    readonly leases: Informer<GPULease>;
    readonly records: Informer<PlacementRecord>;
  };
};

/**
 * Deletes leases whose time is over: the workload with the last lease that refers to it, and the
 * record before the lease, so that a crash between them leaves what leads back here.
 */
export async function removeExpired(
  leases: readonly GPULease[],
  { clients, informers }: RetentionDeps,
  signal: AbortSignal,
): Promise<void> {
  const expired = new Set(leases.map(({ metadata }) => metadata.uid));
  for (const { metadata, spec } of leases) {
    const namespace = metadata.namespace!;
    const shared =
      spec.workloadDocument !== undefined ||
      informers.leases
        .list(namespace)
        .some(
          (other) =>
            other.spec.workloadName === spec.workloadName && !expired.has(other.metadata.uid),
        );
    if (!shared)
      await deleteFound(clients.workloads, { namespace, name: spec.workloadName }, signal);
    const record = informers.records.get(`${spec.jobRef.namespace}/${metadata.name}`);
    if (record !== undefined) {
      await clients.records.delete(record.metadata, { uid: record.metadata.uid!, signal });
    }
    await clients.leases.delete(metadata, { uid: metadata.uid!, signal });
  }
}

async function deleteFound(
  client: ResourceClient<LeaseWorkload>,
  ref: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const found = await client.find(ref, { signal });
  if (found !== undefined) await client.delete(ref, { uid: found.metadata.uid!, signal });
}
