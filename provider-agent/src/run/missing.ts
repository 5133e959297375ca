import type { GPULease } from '@gridlease/crds/gpulease';
import type { Clock } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import type { ResourceClient } from '@gridlease/kube/resources';

/**
 * Whether a lease is really gone from the hub. "Not found" alone proves nothing: the hub may have been
 * restored, or a cache may be behind. It counts when the informer's list and, after a grace, a second
 * complete list agree; a failed list is no answer.
 */
export function createMissingLeases(deps: {
  readonly namespace: string;
  readonly client: ResourceClient<GPULease>;
  readonly informer: Informer<GPULease>;
  readonly graceSeconds: number;
  readonly clock: Clock;
}): {
  find(ref: { readonly name: string; readonly uid: string }): GPULease | undefined;
  /** Milliseconds to wait before asking again, or the answer. */
  isGone(uid: string, signal: AbortSignal): Promise<boolean | { readonly againInMs: number }>;
} {
  const since = new Map<string, number>();
  return {
    find(ref) {
      const lease = deps.informer.get(`${deps.namespace}/${ref.name}`);
      if (lease === undefined || lease.metadata.uid !== ref.uid) return undefined;
      since.delete(ref.uid);
      return lease;
    },
    async isGone(uid, signal) {
      const graceMs = deps.graceSeconds * 1000;
      const againInMs = Math.max(1_000, graceMs);
      // Not listed yet, or the hub is not heard: absence says nothing, and time doesn't count.
      if (!deps.informer.hasSynced || deps.informer.lastError !== undefined) {
        since.delete(uid);
        return { againInMs };
      }
      const now = deps.clock.monotonicMs();
      const first = since.get(uid) ?? now;
      since.set(uid, first);
      if (now - first < graceMs) return { againInMs: graceMs - (now - first) };
      const list = await deps.client.list({ namespace: deps.namespace, signal });
      if (!list.items.some((lease) => lease.metadata.uid === uid)) return true;
      since.delete(uid);
      return { againInMs };
    },
  };
}
