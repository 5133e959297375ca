import { lintMetrics } from '@gridlease/e2e/gates/metricsLint';
import { expect, test } from '@jest/globals';
import { Controller } from './controller.ts';
import { createRegistry, runtimeMetrics } from './metrics.ts';

test('every series of a controller exists before anything happened, under its usual name', async () => {
  const registry = createRegistry({ processMetrics: false });
  new Controller({ name: 'match', reconcile: async () => undefined, registry, concurrency: 3 });
  const page = await registry.metrics();
  for (const series of [
    'controller_runtime_reconcile_total{controller="match",result="success"} 0',
    'controller_runtime_reconcile_total{controller="match",result="error"} 0',
    'controller_runtime_reconcile_total{controller="match",result="requeue"} 0',
    'controller_runtime_reconcile_total{controller="match",result="requeue_after"} 0',
    'controller_runtime_reconcile_errors_total{controller="match"} 0',
    'controller_runtime_terminal_reconcile_errors_total{controller="match"} 0',
    'controller_runtime_reconcile_panics_total{controller="match"} 0',
    'controller_runtime_reconcile_timeouts_total{controller="match"} 0',
    'controller_runtime_reconcile_time_seconds_count{controller="match"} 0',
    'controller_runtime_reconcile_time_seconds_bucket{le="60",controller="match"} 0',
    'controller_runtime_max_concurrent_reconciles{controller="match"} 3',
    'controller_runtime_active_workers{controller="match"} 0',
    'gridlease_oldest_failure_seconds{controller="match"} 0',
    'workqueue_depth{name="match",controller="match",priority="0"} 0',
    'workqueue_adds_total{name="match",controller="match"} 0',
    'workqueue_retries_total{name="match",controller="match"} 0',
    'workqueue_queue_duration_seconds_bucket{le="1e-8",name="match",controller="match"} 0',
    'workqueue_work_duration_seconds_count{name="match",controller="match"} 0',
    'workqueue_unfinished_work_seconds{name="match",controller="match"} 0',
    'workqueue_longest_running_processor_seconds{name="match",controller="match"} 0',
  ]) {
    expect(page).toContain(series);
  }
});

test('a registry has one set of runtime metrics however often it is asked', () => {
  const registry = createRegistry({ processMetrics: false });
  expect(runtimeMetrics(registry)).toBe(runtimeMetrics(registry));
});

test('the metrics page is what Prometheus takes for clean', async () => {
  const registry = createRegistry({ processMetrics: false });
  const metrics = runtimeMetrics(registry);
  new Controller({ name: 'match', reconcile: async () => undefined, registry });
  const host = '127.0.0.1:6443';
  metrics.restRequests.inc({ code: '200', method: 'GET', host });
  metrics.restDuration.observe({ verb: 'GET', host }, 0.01);
  metrics.informerAge.set({ target: 'hub', kind: 'GPULease' }, 3);
  metrics.tokenExpiry.set({ target: 'hub' }, 1_800_000_000);
  metrics.leaderStatus.set({ name: 'operator' }, 1);
  expect(await lintMetrics(await registry.metrics())).toEqual([]);
}, 120_000);
