import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { getCondition } from '@gridlease/kube/conditions';
import { seriesGauge } from '@gridlease/kube/seriesGauge';
import type { Registry } from 'prom-client';

const states = ['ready', 'not_ready', 'unknown', 'not_accepted'] as const;

/** Counts providers by state when asked. */
export function federationMetrics(
  registry: Registry,
  providers: { list(): readonly GPUProvider[] },
): void {
  seriesGauge(registry, {
    name: 'gridlease_providers',
    help: 'GPUProviders by state: their condition Ready, or not let in (not accepted, suspended or abandoned).',
    labelNames: ['state'] as const,
    values: { state: states },
    read: () => {
      const counts = new Map<string, number>(states.map((state) => [state, 0]));
      for (const provider of providers.list()) {
        const state = stateOf(provider);
        counts.set(state, (counts.get(state) ?? 0) + 1);
      }
      return [...counts].map(([state, count]) => [{ state }, count] as const);
    },
  });
}

function stateOf({ spec, status }: GPUProvider): (typeof states)[number] {
  if (!spec.hubAccepted || spec.suspended || spec.abandoned !== undefined) return 'not_accepted';
  const ready = getCondition(status?.conditions, 'Ready');
  if (ready?.status === 'True') return 'ready';
  return ready?.status === 'False' ? 'not_ready' : 'unknown';
}
