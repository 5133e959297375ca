import { collectDefaultMetrics, Registry } from 'prom-client';
import { declareMetrics } from './metricDeclarations.ts';

/**
 * The metrics of the runtime, under the names and labels that controller-runtime and client-go use,
 * so that existing dashboards and alerts fit. Nothing is labelled by object name: series would grow
 * without bound.
 */
export type RuntimeMetrics = ReturnType<typeof declareMetrics>;

const perRegistry = new WeakMap<Registry, RuntimeMetrics>();

/** prom-client's gauges that end in _total, which is for counters; the plain ones carry the same. */
const misnamedMetrics = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
] as const;

/** A registry of the program's own; the default one of prom-client is shared with any library. */
export function createRegistry(options: { readonly processMetrics?: boolean } = {}): Registry {
  const registry = new Registry();
  if (options.processMetrics ?? true) {
    collectDefaultMetrics({ register: registry });
    for (const name of misnamedMetrics) registry.removeSingleMetric(name);
  }
  return registry;
}

/** The runtime's metrics in this registry, registered on first use. */
export function runtimeMetrics(registry: Registry): RuntimeMetrics {
  let metrics = perRegistry.get(registry);
  if (metrics === undefined) {
    metrics = declareMetrics(registry);
    perRegistry.set(registry, metrics);
  }
  return metrics;
}

/**
 * A registry for a part of the program that ends before it, and may begin again. Its own metrics go
 * with it; the runtime's count on in `base`.
 */
export function childRegistry(base: Registry): Registry {
  const registry = new Registry();
  perRegistry.set(registry, runtimeMetrics(base));
  return registry;
}
