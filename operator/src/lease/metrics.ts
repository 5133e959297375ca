import { Counter, type Registry } from 'prom-client';

export type LeaseMetrics = {
  readonly finished: Counter<'result' | 'reason'>;
  readonly ended: Counter<'reason'>;
};

/** Metrics of the lease stage. */
export function leaseMetrics(registry: Registry): LeaseMetrics {
  return {
    finished: new Counter({
      name: 'gridlease_jobs_finished_total',
      help: 'Jobs that ended, by result and reason.',
      labelNames: ['result', 'reason'],
      registers: [registry],
    }),
    ended: new Counter({
      name: 'gridlease_leases_ended_by_hub_total',
      help: 'Leases that the hub stopped or withdrew, by reason.',
      labelNames: ['reason'],
      registers: [registry],
    }),
  };
}
