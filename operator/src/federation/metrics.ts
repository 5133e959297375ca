import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { getCondition } from '@gridlease/kube/conditions';
import { Gauge, type Registry } from 'prom-client';

const states = ['ready', 'not_ready', 'unknown', 'not_accepted'] as const;

/** Counts providers by state when asked. */
export function federationMetrics(
  registry: Registry,
  providers: { list(): readonly GPUProvider[] },
): void {
  new Gauge({
    name: 'gridlease_providers',
    help: 'GPUProviders by state.',
    labelNames: ['state'] as const,
    registers: [registry],
    collect() {
      const counts = new Map<string, number>(states.map((state) => [state, 0]));
      for (const provider of providers.list()) {
        const state = stateOf(provider);
        counts.set(state, (counts.get(state) ?? 0) + 1);
      }
      for (const [state, count] of counts) this.set({ state }, count);
    },
  });
}

function stateOf({ spec, status }: GPUProvider): (typeof states)[number] {
  if (!spec.hubAccepted || spec.suspended || spec.abandoned !== undefined) return 'not_accepted';
  const ready = getCondition(status?.conditions, 'Ready');
  if (ready?.status === 'True') return 'ready';
  return ready?.status === 'False' ? 'not_ready' : 'unknown';
}
