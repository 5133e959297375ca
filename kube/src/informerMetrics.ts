import type { Registry } from 'prom-client';
import { runtimeMetrics } from './metrics.ts';
import { watchEnds } from './watchEnd.ts';

/** The gridlease_informer_* series of one informer. */
export function informerMetrics(
  registry: Registry,
  labels: { readonly target: string; readonly kind: string },
  informer: { ageMs(): number; size(): number },
) {
  const metrics = runtimeMetrics(registry);
  const collect = (): void => {
    metrics.informerAge.set(labels, informer.ageMs() / 1000);
    metrics.informerObjects.set(labels, informer.size());
  };
  return {
    /** Shows all of them, from zero. */
    began: (): void => {
      metrics.informerHandlerErrors.inc(labels, 0);
      metrics.informerRefused.inc(labels, 0);
      metrics.informerChanges.inc(labels, 0);
      metrics.informerLists.inc(labels, 0);
      for (const reason of watchEnds) metrics.informerWatchEnds.inc({ ...labels, reason }, 0);
      metrics.collectors.add(collect);
    },
    changed: (count: number): void => metrics.informerChanges.inc(labels, count),
    listed: (): void => metrics.informerLists.inc(labels),
    listRefused: (): void => metrics.informerRefused.inc(labels),
    watchEnded: (reason: string): void => metrics.informerWatchEnds.inc({ ...labels, reason }),
    handlerFailed: (): void => metrics.informerHandlerErrors.inc(labels),
    /** Nothing is followed any more. */
    closed: (): void => {
      metrics.collectors.delete(collect);
      // A last age that nobody renews would stand there for ever.
      metrics.informerAge.remove(labels);
      metrics.informerObjects.remove(labels);
    },
  };
}
