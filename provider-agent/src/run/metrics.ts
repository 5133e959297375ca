import { Counter, type Registry } from 'prom-client';

/** What became of the logs of tasks that ended. */
export function logMetrics(registry: Registry) {
  const kept = new Counter({
    name: 'gridlease_task_logs_total',
    help: 'Logs of ended tasks by what became of their end: kept, or lost because no node gave it.',
    labelNames: ['result'] as const,
    registers: [registry],
  });
  for (const result of ['kept', 'lost']) kept.inc({ result }, 0);
  return { kept };
}
