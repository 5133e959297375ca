import { refusalReasons } from '@gridlease/crds/reasons';
import { withValues } from '@gridlease/kube/closedValues';
import { type Series, seriesGauge } from '@gridlease/kube/seriesGauge';
import { Counter, type Registry } from 'prom-client';

export const gpuStates = ['free', 'leased', 'unhealthy', 'other'] as const;

/** What is read of the providers when somebody looks. */
export type ProviderReads = {
  readonly up: () => Iterable<Series<'provider'>>;
  readonly heartbeats: () => Iterable<Series<'provider'>>;
  readonly info: () => Iterable<Series<'provider' | 'region'>>;
  readonly gpus: () => Iterable<Series<'provider' | 'product' | 'state'>>;
  readonly prices: () => Iterable<Series<'provider' | 'product'>>;
};

/** Each provider that an admin made: whether it is heard of, what it has and asks for. */
export function providerMetrics(registry: Registry, read: ProviderReads) {
  seriesGauge(registry, {
    name: 'gridlease_provider_up',
    help: "1 while the provider's agent renews its heartbeat (not silent for longer than unreachableSeconds), else 0. Only for providers that are let in (not those that are not accepted, suspended or abandoned), from their first heartbeat on.",
    labelNames: ['provider'] as const,
    read: read.up,
  });
  seriesGauge(registry, {
    name: 'gridlease_provider_heartbeat_timestamp_seconds',
    help: "When the provider's heartbeat was last seen to change, by the hub's clock, Unix time. No series before the first.",
    labelNames: ['provider'] as const,
    read: read.heartbeats,
  });
  seriesGauge(registry, {
    name: 'gridlease_provider_info',
    help: 'Always 1; one for each GPUProvider, to join its region.',
    labelNames: ['provider', 'region'] as const,
    read: read.info,
  });
  seriesGauge(registry, {
    name: 'gridlease_provider_gpus',
    help: "GPUs by product as the provider's inventory says, while its heartbeat is heard: free for a new lease, leased by this hub, unhealthy (on nodes that are not ready, too), or taken by other work of the provider.",
    labelNames: ['provider', 'product', 'state'] as const,
    values: { state: gpuStates },
    read: read.gpus,
  });
  seriesGauge(registry, {
    name: 'gridlease_offer_gpu_hour_price_tokens',
    help: 'Price of one GPU for one hour in token units: the lowest of the offers of the provider for the product that have not expired.',
    labelNames: ['provider', 'product'] as const,
    read: read.prices,
  });
  const refusals = new Counter({
    name: 'gridlease_lease_refusals_total',
    help: "Leases that the provider's agent refused, by reason.",
    labelNames: ['provider', 'reason'] as const,
    registers: [registry],
  });
  withValues(refusals, { reason: Object.keys(refusalReasons) });
  return {
    refusals,
    /** Every reason of this provider from zero, so that its first refusal is seen as a step. */
    begin(provider: string): void {
      for (const reason of Object.keys(refusalReasons)) refusals.inc({ provider, reason }, 0);
    },
    /** Takes a provider that is gone off the page. */
    forget(provider: string): void {
      for (const reason of Object.keys(refusalReasons)) refusals.remove({ provider, reason });
    },
  };
}
