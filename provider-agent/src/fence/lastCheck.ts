import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { delay, linkedAbort } from '@gridlease/kube/abort';
import { ApiError } from '@gridlease/kube/apiError';
import { toMicroTime } from '@gridlease/kube/conditions';
import { checkMs } from './decide.ts';
import type { FenceDeps } from './deps.ts';

/** held: the hub can't give it up any more without seeing the renewal. lost: it has. */
export type CheckOutcome = 'held' | 'lost' | 'unknown';

const againMs = 250;

/**
 * Asks the hub one last time whether these leases are still ours: a renewal, then a write to each lease.
 * The write is what decides: the hub gives a lease up with the resourceVersion that it read before it
 * looked at the heartbeat, so whichever of the two writes comes first makes the other fail. Takes no
 * longer than five seconds, however many leases; what isn't answered by then is unknown.
 */
export async function lastCheck(
  records: readonly LeaseRecord[],
  deps: FenceDeps,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, CheckOutcome>> {
  using limit = linkedAbort([signal], checkMs, 'Asking the hub');
  try {
    await deps.renewals.refresh(limit.signal);
  } catch {
    return new Map(records.map(({ metadata }) => [metadata.name, 'unknown']));
  }
  const outcomes = records.map(
    async (record) => [record.metadata.name, await hold(record, deps, limit.signal)] as const,
  );
  return new Map(await Promise.all(outcomes));
}

async function hold(
  { spec }: LeaseRecord,
  deps: FenceDeps,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  while (!signal.aborted) {
    try {
      const lease = await deps.clients.leases.find(spec.leaseRef, { signal });
      if (lease === undefined || lease.metadata.uid !== spec.leaseRef.uid) return 'lost';
      deps.informers.leases.observe(lease);
      if (lease.spec.lost !== undefined) return 'lost';
      // Stopped by the hub and not replaced before the end is told: that is for the run stage to do.
      if (lease.spec.desiredState !== 'Running') return 'held';
      await touch(lease, deps, signal);
      return 'held';
    } catch (error) {
      if (signal.aborted) break;
      const isRace = error instanceof ApiError && error.isConflict;
      if (!isRace) await delay(againMs, signal).catch(() => undefined);
    }
  }
  return 'unknown';
}

async function touch(lease: GPULease, deps: FenceDeps, signal: AbortSignal): Promise<void> {
  // A PUT that changes nothing is not stored, and would not stand in the hub's way.
  const status = { ...lease.status, heldTime: toMicroTime(deps.clock.now()) };
  const options = { fieldManager: 'gridlease-fence', signal };
  const written = await deps.clients.leases.replaceStatus({ ...lease, status }, options);
  deps.informers.leases.observe(written);
}
