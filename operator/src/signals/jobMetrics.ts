import { type Series, seriesGauge } from '@gridlease/kube/seriesGauge';
import { Counter, Histogram, type Registry } from 'prom-client';
import { interruptionReasons, jobStates, wasteReasons } from './decide.ts';

/** What a lease passes through until it runs, in order. */
export const startStages = ['admit', 'match', 'accept', 'fund', 'provision', 'deliver'] as const;
export type StartStage = (typeof startStages)[number];

const startBuckets = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_200, 3_600];

export type JobMetrics = ReturnType<typeof jobMetrics>;

/** How many jobs there are, and how long they take to start. */
export function jobMetrics(
  registry: Registry,
  read: { readonly jobs: () => Iterable<Series<'namespace' | 'state'>> },
) {
  const registers = [registry];
  seriesGauge(registry, {
    name: 'gridlease_jobs',
    help: 'GPUJobs by state: waiting for admission or a place, starting, running, suspended by spec.suspend, succeeded, failed. A job that is being stopped counts as running until its pods are gone.',
    labelNames: ['namespace', 'state'] as const,
    values: { state: jobStates },
    read: read.jobs,
  });
  const stageSeconds = new Histogram({
    name: 'gridlease_job_stage_duration_seconds',
    help: "Time in each stage of a start, by the times on the objects (whole seconds): admit from the job's creation to Admitted and match from there to its first lease, for each job; accept, fund, provision and deliver up to that condition of the lease from the one before, for each lease when it first delivers.",
    labelNames: ['stage'] as const,
    buckets: startBuckets,
    registers,
  });
  for (const stage of startStages) stageSeconds.zero({ stage });
  const startSeconds = new Histogram({
    name: 'gridlease_job_start_seconds',
    help: "From a job's creation to its first container running (status.startTime), by the product it runs on first; whole seconds.",
    labelNames: ['product'] as const,
    buckets: startBuckets,
    registers,
  });
  const interruptions = new Counter({
    name: 'gridlease_job_interruptions_total',
    help: "Leases that had run and then ended by their provider's, the hub's or the money's fault before their tasks were done, by reason. What the tasks did themselves and what a person asked for is not counted.",
    labelNames: ['reason'] as const,
    registers,
  });
  for (const reason of interruptionReasons) interruptions.inc({ reason }, 0);
  const wasted = new Counter({
    name: 'gridlease_wasted_gpu_seconds_total',
    help: 'Billed GPU time of leases that failed, by reason, less the share of their tasks that had succeeded. What a person asked to end is not counted.',
    labelNames: ['reason'] as const,
    registers,
  });
  for (const reason of wasteReasons) wasted.inc({ reason }, 0);
  return { stageSeconds, startSeconds, interruptions, wasted };
}
