import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { createOnce } from '@gridlease/kube/apply';
import type { AcceptDeps } from './deps.ts';

const fieldManager = 'gridlease-accept';

/** What this stage writes: answers at the hub, and records in the provider's own cluster. */
export function createWriter({ clients, informers }: Pick<AcceptDeps, 'clients' | 'informers'>) {
  return {
    /** With the resourceVersion of the lease that was judged: a withdrawal since then makes this fail. */
    answer: async (
      lease: GPULease,
      status: NonNullable<GPULease['status']>,
      signal: AbortSignal,
    ): Promise<void> => {
      const changed = { ...lease, status };
      const written = await clients.leases.replaceStatus(changed, { fieldManager, signal });
      informers.leases.observe(written);
    },

    /** Stores a promise, once. */
    keep: async (record: LeaseRecord, signal: AbortSignal): Promise<LeaseRecord> => {
      const accept = ({ spec }: LeaseRecord) => spec.leaseId === record.spec.leaseId;
      const stored = await createOnce(clients.records, record, { accept, fieldManager, signal });
      informers.records.observe(stored);
      return stored;
    },

    note: async (
      { metadata }: LeaseRecord,
      spec: Partial<LeaseRecord['spec']>,
      signal: AbortSignal,
    ): Promise<void> => {
      const { uid, resourceVersion } = metadata;
      const patch = { metadata: { uid, resourceVersion }, spec };
      const stored = await clients.records.mergePatch(metadata, patch, { fieldManager, signal });
      informers.records.observe(stored);
    },
  };
}
