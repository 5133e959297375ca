import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { count, indexesWithin } from '@gridlease/crds/indexes';
import { leaseIsFinished, leaseOutcome, reportedIndexes } from '@gridlease/crds/leaseState';
import type { Informer } from '@gridlease/kube/informer';
import type { Series } from '@gridlease/kube/seriesGauge';
import { Tally } from '@gridlease/kube/tally';
import { allStates } from './allStates.ts';
import { jobState, jobStates, lossOf } from './decide.ts';
import type { JobMetrics } from './jobMetrics.ts';
import { jobStart, startOf, waitsOf } from './starts.ts';

type Informers = {
  readonly jobs: Pick<Informer<GPUJob>, 'onChange' | 'get'>;
  readonly leases: Pick<Informer<GPULease>, 'onChange'>;
};

/** Counts jobs by namespace and state; every state of a namespace that has a job, also at 0. */
export function countJobs(
  jobs: Pick<Informer<GPUJob>, 'onChange'>,
): () => Iterable<Series<'namespace' | 'state'>> {
  const tally = Tally.follow(jobs, ['namespace', 'state'] as const, (job) => [
    [{ namespace: job.metadata.namespace ?? '', state: jobState(job) }, 1],
  ]);
  return () => allStates(tally.series(), 'namespace', jobStates);
}

/** Counts what happens from now on: starts, and leases that failed after they had run. */
export function followJobs({ jobs, leases }: Informers, metrics: JobMetrics): void {
  jobs.onChange((job, old, { type }) => {
    if (type !== 'updated' || job.status?.startTime === old?.status?.startTime) return;
    const start = old?.status?.startTime === undefined ? jobStart(job) : undefined;
    if (start !== undefined)
      metrics.startSeconds.observe({ product: start.product }, start.seconds);
  });
  /** Leases that have not delivered yet, and those that had when they were first seen are not in it. */
  const starting = new Set<string>();
  leases.onChange((lease, old, { type, initial }) => {
    const { uid = '' } = lease.metadata;
    const delivers = leaseOutcome(lease).state === 'Running';
    if (type === 'deleted') starting.delete(uid);
    else if (type === 'added') {
      if (lease.status?.startTime === undefined && !delivers) starting.add(uid);
      if (!initial && isFirst(lease)) observeWaits(lease);
    } else if (delivers && starting.delete(uid)) {
      for (const [stage, seconds] of startOf(lease))
        metrics.stageSeconds.observe({ stage }, seconds);
    }
    if (type === 'updated' && old !== undefined && !leaseIsFinished(old)) countLoss(lease);
  });

  function observeWaits(lease: GPULease): void {
    const { namespace, name, uid } = lease.spec.jobRef;
    const job = jobs.get(`${namespace}/${name}`);
    if (job?.metadata.uid !== uid) return;
    for (const [stage, seconds] of waitsOf(job, lease))
      metrics.stageSeconds.observe({ stage }, seconds);
  }

  function countLoss(lease: GPULease): void {
    const total = count(lease.spec.tasks.indexes);
    const loss = lossOf(lease, {
      total,
      completed: indexesWithin(reportedIndexes(lease).completed, lease.spec.tasks.indexes).length,
    });
    if (loss === undefined) return;
    if (loss.interrupted) metrics.interruptions.inc({ reason: loss.reason });
    metrics.wasted.inc({ reason: loss.reason }, loss.gpuSeconds);
  }
}

/** The first lease of its job: a retry or a second provider says nothing about waiting for a place. */
function isFirst({ spec }: GPULease): boolean {
  return spec.epoch === 1;
}
