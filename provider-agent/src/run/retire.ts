import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { isTrue } from '@gridlease/kube/conditions';

const longestMs = 86_400_000;

/**
 * In how many milliseconds the record of an ended lease may go, 0 for now; undefined as long as it is
 * needed. Its last row must have been accepted: until then it is the only proof of what was delivered.
 * Then it goes with its lease, or once that has been settled for the retention time.
 */
export function retireInMs(
  record: LeaseRecord,
  hub: { readonly lease: GPULease | undefined; readonly isGone: boolean },
  { retentionSeconds, nowMs }: { readonly retentionSeconds: number; readonly nowMs: number },
): number | undefined {
  const { state, finished, meter } = record.spec;
  if (state !== 'Ended' || finished === undefined || meter?.folded !== true) return undefined;
  if (hub.isGone) return 0;
  if (!isTrue(hub.lease?.status?.conditions, 'Settled')) return undefined;
  const dueMs = Date.parse(finished.time) + retentionSeconds * 1000;
  return Math.min(longestMs, Math.max(0, dueMs - nowMs));
}
