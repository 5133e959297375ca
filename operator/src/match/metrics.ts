import { placementReasons } from '@gridlease/crds/reasons';
import { seriesGauge } from '@gridlease/kube/seriesGauge';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type MatchMetrics = {
  readonly waiting: Gauge<'reason'>;
  /** Of the tasks that wait, at the GPUs that each asks for. */
  readonly waitingGpus: Gauge<'reason'>;
  readonly placements: Counter<'provider'>;
  readonly decisionSeconds: Histogram;
};

const waitingReasons: readonly string[] = [...Object.keys(placementReasons), 'PartlyPlaced'];

/** How long the jobs wait that wait longest, by reason; 0 for a reason that none waits for. */
export function showOldestWaiting(
  registry: Registry,
  oldestSeconds: () => ReadonlyMap<string, number>,
): void {
  seriesGauge(registry, {
    name: 'gridlease_jobs_waiting_oldest_seconds',
    help: 'For how long no task has found a place of the job that has waited longest, by the reason why it waits now; 0 when none waits for it. Begins anew when one of its tasks is placed.',
    labelNames: ['reason'] as const,
    values: { reason: waitingReasons },
    read: () => {
      const oldest = oldestSeconds();
      return waitingReasons.map((reason) => [{ reason }, oldest.get(reason) ?? 0] as const);
    },
  });
}

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
  for (const reason of waitingReasons) {
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
