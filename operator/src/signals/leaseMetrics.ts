import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseStandings } from '@gridlease/crds/leaseState';
import { readGauge, type Series, seriesGauge } from '@gridlease/kube/seriesGauge';
import { Counter, type Registry } from 'prom-client';

export const mismatchKinds = [
  'paid_not_running',
  'running_not_paid',
  'chain_only',
  'cluster_only',
] as const;

export type LeaseReads = {
  readonly leases: () => Iterable<Series<'provider' | 'state'>>;
  readonly committedPerHour: () => Iterable<Series<'namespace'>>;
  readonly mismatches: () => Iterable<Series<'kind'>>;
  readonly oldestUnsettledSeconds: () => number;
  readonly startingSeconds: () => Iterable<Series<'provider'>>;
  readonly drift: () => Iterable<Series<'provider'>>;
};

export type LeaseMetrics = ReturnType<typeof leaseMetrics>;

/** What runs, what was stated and paid for it, and where these contradict each other. */
export function leaseMetrics(registry: Registry, read: LeaseReads) {
  const registers = [registry];
  seriesGauge(registry, {
    name: 'gridlease_leases',
    help: 'GPULeases by state: pending (asked or accepted, on the way to run), running (Delivered), suspended (stopped until it is paid or funded again), unsettled (ended, its money not final on the chain yet), ended (settled, refused or withdrawn). Leases are deleted some time after they are settled.',
    labelNames: ['provider', 'state'] as const,
    values: { state: leaseStandings },
    read: read.leases,
  });
  seriesGauge(registry, {
    name: 'gridlease_committed_tokens_per_hour',
    help: 'What the leases of the namespace that are not over cost in an hour at most, in token units.',
    labelNames: ['namespace'] as const,
    read: read.committedPerHour,
  });
  seriesGauge(registry, {
    name: 'gridlease_lease_mismatch',
    help: "What runs, what is paid and what is on the chain contradict each other; 0 is the only good value. paid_not_running: leases that answered statements bill further although their own conditions have said for interval + grace that nothing runs (more than half of the time of their GPUs; kept for 5 minutes after). running_not_paid: leases that deliver, of a provider that is heard of, and had no growing paid row for longer than interval + grace + 30 s. chain_only: channels with a reserve or claims on the chain, of this hub's accounts, providers and keys, that no PaymentChannel knows. cluster_only: PaymentChannels whose generation is not the chain's, or that know of less than the chain has paid, for longer than 60 s.",
    labelNames: ['kind'] as const,
    values: { kind: mismatchKinds },
    read: read.mismatches,
  });
  readGauge(registry, {
    name: 'gridlease_settlement_oldest_seconds',
    help: 'Age of the oldest lease that has ended and whose money is not final on the chain, in seconds since its end; 0 when there is none. Leases of abandoned providers do not count.',
    read: read.oldestUnsettledSeconds,
  });
  seriesGauge(registry, {
    name: 'gridlease_lease_starting_oldest_seconds',
    help: 'For how long the lease of the provider that was accepted first of those that shall run and never ran has been on its way: funds, image, pod. 0 when there is none.',
    labelNames: ['provider'] as const,
    read: read.startingSeconds,
  });
  seriesGauge(registry, {
    name: 'gridlease_settlement_drift_tokens',
    help: "Promised to the provider by the newest vouchers of its channels and not claimed in the chain's final blocks, in token units. It rises while work is done and falls with each redemption. Below zero where the chain has paid more than the newest voucher that this hub knows: then what was paid too much. No series before the chain was read, nor for what an abandoned provider has not claimed.",
    labelNames: ['provider'] as const,
    read: read.drift,
  });
  const statedSeconds = new Counter({
    name: 'gridlease_stated_gpu_seconds_total',
    help: "GPU time that the provider's signed statements have added while this replica led, by provider and product.",
    labelNames: ['provider', 'product'] as const,
    registers,
  });
  const paidSeconds = new Counter({
    name: 'gridlease_paid_gpu_seconds_total',
    help: 'GPU time that signed replies have accepted while this replica led, by namespace of the payer, provider and product.',
    labelNames: ['namespace', 'provider', 'product'] as const,
    registers,
  });
  const spent = new Counter({
    name: 'gridlease_spent_tokens_total',
    help: 'What vouchers have promised while this replica led, in token units, by namespace of the payer.',
    labelNames: ['namespace'] as const,
    registers,
  });
  /** By provider: what its leases were begun with. */
  const begun = new Map<string, Map<string, { namespace: string; product: string }>>();
  return {
    statedSeconds,
    paidSeconds,
    spent,
    /** What a lease will count, from zero: its first minute would be no step, and no payment at all no series. */
    begin({ spec: { providerName: provider, product, accountRef } }: Pick<GPULease, 'spec'>): void {
      const { namespace } = accountRef;
      const known =
        begun.get(provider) ?? new Map<string, { namespace: string; product: string }>();
      begun.set(provider, known);
      const id = `${namespace}/${product}`;
      if (known.has(id)) return;
      known.set(id, { namespace, product });
      statedSeconds.inc({ provider, product }, 0);
      paidSeconds.inc({ namespace, provider, product }, 0);
      spent.inc({ namespace }, 0);
    },
    /** Takes a provider that is gone off the page. */
    forget(provider: string): void {
      for (const { namespace, product } of begun.get(provider)?.values() ?? []) {
        // Without a product: what was paid after the lease was gone.
        for (const shown of [product, '']) {
          statedSeconds.remove({ provider, product: shown });
          paidSeconds.remove({ namespace, provider, product: shown });
        }
      }
      begun.delete(provider);
    },
  };
}
