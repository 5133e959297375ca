import { Counter, Gauge, type Registry } from 'prom-client';

export type RecoveryMetrics = { readonly lost: Counter<'reason'> };

/** Metrics of the recovery stage; `isFrozen` is asked when somebody looks. */
export function recoveryMetrics(registry: Registry, isFrozen: () => boolean): RecoveryMetrics {
  new Gauge({
    name: 'gridlease_replacement_frozen',
    help: '1 while most providers are silent together and nothing is replaced for that.',
    registers: [registry],
    collect() {
      this.set(isFrozen() ? 1 : 0);
    },
  });
  const lost = new Counter({
    name: 'gridlease_leases_lost_total',
    help: 'Leases that were given up with their provider, by reason.',
    labelNames: ['reason'] as const,
    registers: [registry],
  });
  for (const reason of ['ProviderLost', 'Abandoned']) lost.inc({ reason }, 0);
  return { lost };
}
