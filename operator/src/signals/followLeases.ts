import type { GPULease } from '@gridlease/crds/gpulease';
import {
  leaseIsActive,
  leaseOutcome,
  leaseStanding,
  leaseStandings,
} from '@gridlease/crds/leaseState';
import type { Informer } from '@gridlease/kube/informer';
import { objectKey } from '@gridlease/kube/object';
import type { Series } from '@gridlease/kube/seriesGauge';
import { Tally } from '@gridlease/kube/tally';
import { allStates } from './allStates.ts';

type Leases = Pick<Informer<GPULease>, 'onChange'>;

/** Counts leases by provider and state; every state of a provider that has a lease, also at 0. */
export function countLeases(leases: Leases): () => Iterable<Series<'provider' | 'state'>> {
  const tally = Tally.follow(leases, ['provider', 'state'] as const, (lease) => [
    [{ provider: lease.spec.providerName, state: leaseStanding(lease) }, 1],
  ]);
  return () => allStates(tally.series(), 'provider', leaseStandings);
}

/** What leases that are not over cost in an hour, by namespace; 0 where all are over. */
export function committedPerHour(leases: Leases): () => Iterable<Series<'namespace'>> {
  const tally = Tally.follow(leases, ['namespace'] as const, (lease) => {
    const { jobRef, pricePerGPUHour, terms } = lease.spec;
    const perHour = leaseIsActive(lease) ? Number(pricePerGPUHour) * terms.gpuCount : 0;
    return [[{ namespace: jobRef.namespace }, perHour]];
  });
  return () => tally.series();
}

/**
 * When each lease ended whose money is not final yet; the oldest of them, unix milliseconds. Nobody waits
 * for the money of a provider that is given up.
 */
export function oldestUnsettled(
  leases: Leases,
  endOf: (lease: GPULease) => number,
  isGivenUp: (provider: string) => boolean,
): () => number | undefined {
  const ends = new Map<string, { readonly endMs: number; readonly provider: string }>();
  leases.onChange((lease, _old, { type }) => {
    const key = objectKey(lease);
    const endMs =
      type !== 'deleted' && leaseStanding(lease) === 'unsettled' ? endOf(lease) : undefined;
    // Nobody has said when it ended: 0 would be an age of fifty years.
    if (endMs === undefined || endMs === 0) ends.delete(key);
    else ends.set(key, { endMs, provider: lease.spec.providerName });
  });
  return () => {
    let oldest: number | undefined;
    for (const { endMs, provider } of ends.values()) {
      if (endMs < (oldest ?? Infinity) && !isGivenUp(provider)) oldest = endMs;
    }
    return oldest;
  };
}

/** Calls back when an agent refused a lease. */
export function onRefusal(
  leases: Leases,
  refused: (provider: string, reason: string) => void,
): void {
  leases.onChange((lease, old, { type }) => {
    if (type !== 'updated' || old === undefined || leaseOutcome(old).state === 'Refused') return;
    const { state, reason } = leaseOutcome(lease);
    if (state === 'Refused') refused(lease.spec.providerName, reason);
  });
}
