import { placementReasons } from '@gridlease/crds/reasons';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type MatchMetrics = {
  readonly waiting: Gauge<'reason'>;
  /** Of the tasks that wait, at the GPUs that each asks for. */
  readonly waitingGpus: Gauge<'reason'>;
  readonly placements: Counter<'provider'>;
  readonly decisionSeconds: Histogram;
};

/** Metrics of the match stage; every reason starts at zero, so that a query finds it. */
export function matchMetrics(registry: Registry): MatchMetrics {
  const waiting = new Gauge({
    name: 'gridlease_jobs_waiting',
    help: 'Jobs with tasks that wait for a place, by reason. PartlyPlaced: for tasks of their own to end, as batch.parallelism says.',
    labelNames: ['reason'],
    registers: [registry],
  });
  const waitingGpus = new Gauge({
    name: 'gridlease_gpus_waiting',
    help: 'GPUs that tasks without a place ask for, by the reason why their job waits.',
    labelNames: ['reason'],
    registers: [registry],
  });
  for (const reason of [...Object.keys(placementReasons), 'PartlyPlaced']) {
    waiting.set({ reason }, 0);
    waitingGpus.set({ reason }, 0);
  }
  return {
    waiting,
    waitingGpus,
    placements: new Counter({
      name: 'gridlease_placements_total',
      help: 'Leases decided, by provider.',
      labelNames: ['provider'],
      registers: [registry],
    }),
    decisionSeconds: new Histogram({
      name: 'gridlease_placement_decision_seconds',
      help: 'Time that one placement decision takes.',
      buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1],
      registers: [registry],
    }),
  };
}
