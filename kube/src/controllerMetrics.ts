import { Registry } from 'prom-client';
import { runtimeMetrics } from './metrics.ts';
import type { Outcome } from './outcome.ts';

/** The controller_runtime_* series of one controller, all from zero. */
export function controllerMetrics(
  registry: Registry = new Registry(),
  controller: string,
  concurrency: number,
) {
  const metrics = runtimeMetrics(registry);
  const labels = { controller };
  for (const result of ['success', 'error', 'requeue', 'requeue_after']) {
    metrics.reconcileTotal.inc({ controller, result }, 0);
  }
  metrics.reconcileErrors.inc(labels, 0);
  metrics.terminalErrors.inc(labels, 0);
  metrics.reconcilePanics.inc(labels, 0);
  metrics.reconcileTimeouts.inc(labels, 0);
  metrics.reconcileConflicts.inc(labels, 0);
  metrics.reconcileTime.zero(labels);
  metrics.maxConcurrent.set(labels, concurrency);
  metrics.activeWorkers.set(labels, 0);

  return {
    began: () => metrics.activeWorkers.inc(labels),
    ended(outcome: Outcome, ms: number) {
      metrics.activeWorkers.dec(labels);
      metrics.reconcileTime.observe(labels, ms / 1000);
      metrics.reconcileTotal.inc({ controller, result: resultOf(outcome) });
      if (outcome.type === 'terminal') {
        metrics.reconcileErrors.inc(labels);
        metrics.terminalErrors.inc(labels);
      }
      if (outcome.type !== 'retry') return;
      if (outcome.cause === 'conflict') metrics.reconcileConflicts.inc(labels);
      else metrics.reconcileErrors.inc(labels);
      if (outcome.cause === 'timeout') metrics.reconcileTimeouts.inc(labels);
      if (outcome.cause === 'panic') metrics.reconcilePanics.inc(labels);
    },
  };
}

function resultOf(outcome: Outcome): string {
  if (outcome.type === 'done') return 'success';
  if (outcome.type === 'requeue') return 'requeue_after';
  return outcome.type === 'retry' && outcome.cause === 'conflict' ? 'requeue' : 'error';
}
