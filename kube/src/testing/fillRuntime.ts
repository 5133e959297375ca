import type { Registry } from 'prom-client';
import { Controller } from '../controller.ts';
import { runtimeMetrics } from '../metrics.ts';
import { watchEnds } from '../watchEnd.ts';

/** For tests of how many series a program has: those of so many controllers, watches and API servers. */
export function fillRuntime(
  registry: Registry,
  counts: {
    readonly controllers: number;
    readonly kinds: number;
    readonly targets: readonly string[];
  },
): void {
  const metrics = runtimeMetrics(registry);
  for (let index = 0; index < counts.controllers; index += 1) {
    new Controller({ name: `controller-${index}`, reconcile: async () => undefined, registry });
  }
  for (let index = 0; index < counts.kinds; index += 1) {
    const labels = { target: counts.targets[index % counts.targets.length]!, kind: `Kind${index}` };
    for (const gauge of [metrics.informerAge, metrics.informerObjects]) gauge.set(labels, 1);
    const { informerChanges, informerLists, informerRefused, informerHandlerErrors } = metrics;
    for (const counter of [
      informerChanges,
      informerLists,
      informerRefused,
      informerHandlerErrors,
    ]) {
      counter.inc(labels, 0);
    }
    for (const reason of watchEnds) metrics.informerWatchEnds.inc({ ...labels, reason }, 0);
  }
  for (const host of counts.targets) {
    for (const verb of ['GET', 'LIST', 'WATCH', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const { restDuration, restRequestSize, restResponseSize } = metrics;
      for (const histogram of [restDuration, restRequestSize, restResponseSize]) {
        histogram.zero({ verb, host });
      }
      for (const code of ['200', '201', '404', '409', '500']) {
        metrics.restRequests.inc({ code, method: verb, host }, 0);
      }
    }
  }
}
