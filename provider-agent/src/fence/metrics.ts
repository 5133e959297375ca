import { Counter, Gauge, type Registry } from 'prom-client';

/** What the fence counts. */
export function fenceMetrics(registry: Registry) {
  const checks = new Counter({
    name: 'gridlease_fence_checks_total',
    help: 'Last questions to the hub whether a lease is still this provider’s, by outcome.',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  for (const outcome of ['held', 'lost', 'unknown']) checks.inc({ outcome }, 0);
  const fenced = new Counter({
    name: 'gridlease_fenced_leases_total',
    help: 'Leases whose pods this replica decided to kill because the hub was not reached.',
    registers: [registry],
  });
  const pods = new Gauge({
    name: 'gridlease_fence_pods_left',
    help: 'Pods of fenced leases that were still there at the last look.',
    registers: [registry],
  });
  return { checks, fenced, pods };
}
