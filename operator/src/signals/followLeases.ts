import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import {
  leaseIsActive,
  leaseOutcome,
  leaseStanding,
  leaseStandings,
} from '@gridlease/crds/leaseState';
import type { Clock } from '@gridlease/kube/clock';
import { getCondition } from '@gridlease/kube/conditions';
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

/** For each provider, the seconds since the oldest of its leases was accepted that shall run and never ran; 0 without any. */
export function oldestStarting(
  leases: Leases,
  providers: Pick<Informer<GPUProvider>, 'list'>,
  clock: Pick<Clock, 'now'>,
): () => Iterable<Series<'provider'>> {
  const starts = new Map<string, { readonly sinceMs: number; readonly provider: string }>();
  leases.onChange((lease, _old, { type }) => {
    const key = objectKey(lease);
    const { spec, status } = lease;
    const isStarting =
      type !== 'deleted' &&
      spec.desiredState === 'Running' &&
      status?.startTime === undefined &&
      leaseOutcome(lease).state === 'Accepted' &&
      leaseStanding(lease) === 'pending';
    const accepted = getCondition(status?.conditions, 'Accepted')?.lastTransitionTime;
    const sinceMs = Date.parse(accepted ?? '');
    if (!isStarting || Number.isNaN(sinceMs)) starts.delete(key);
    else starts.set(key, { sinceMs, provider: spec.providerName });
  });
  return () => {
    const nowMs = clock.now().getTime();
    const seconds = new Map(providers.list().map(({ metadata: { name } }) => [name, 0]));
    for (const { sinceMs, provider } of starts.values()) {
      const most = seconds.get(provider);
      const age = (nowMs - sinceMs) / 1_000;
      if (most !== undefined && age > most) seconds.set(provider, age);
    }
    return [...seconds].map(([provider, most]) => [{ provider }, most] as const);
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
