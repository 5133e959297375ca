import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { jobSpan, leaseSpan } from '@gridlease/crds/traces';
import { getCondition, toKubeTime } from '@gridlease/kube/conditions';
import type { Reconcile } from '@gridlease/kube/controller';
import { objectKey } from '@gridlease/kube/object';
import { inTrace } from '@gridlease/kube/tracing';
import { decide, type LeaseDecision, type LeaseEnd } from './decide.ts';
import { indexNames, type LeaseDeps } from './deps.ts';
import { releaseJob } from './finalizer.ts';
import { gatherLeases } from './gather.ts';
import type { LeaseMetrics } from './metrics.ts';
import { removeExpired } from './retention.ts';
import { isOver, type Succeeded } from './succeeded.ts';
import { recordJob } from './traces.ts';
import { pauseBefore, withProgress } from './writeStatus.ts';

const fieldManager = 'gridlease-lease';

/**
 * Brings the leases of the jobs of one name to what the hub wants, and the job's status to what its
 * leases say. Leases of an earlier job of that name are looked after as well, until they are paid.
 */
export function reconcileLeases(
  deps: LeaseDeps,
  metrics: LeaseMetrics,
  lastWrites: Map<string, number>,
): Reconcile {
  return async (key, { signal }) => {
    const job = deps.informers.jobs.get(key);
    if (job === undefined) lastWrites.delete(key);
    const byUid = Map.groupBy(
      deps.informers.leases.byIndex(indexNames.job, key),
      ({ spec }) => spec.jobRef.uid,
    );
    const uid = job?.metadata.uid;
    if (uid !== undefined && !byUid.has(uid)) byUid.set(uid, []);
    const pauses: number[] = [];
    for (const [jobUid, leases] of byUid) {
      const own = jobUid === uid ? job : undefined;
      const decision = decide(gatherLeases(own, leases, key, deps));
      const context = { key, deps, metrics, lastWrites, signal };
      const pause = await inTrace(
        () => jobSpan(deps.hub, jobUid),
        () => apply(decision, own, context),
      );
      if (pause !== undefined) pauses.push(pause);
    }
    return pauses.length === 0 ? undefined : { requeueAfterMs: Math.min(...pauses) };
  };
}

type Context = {
  readonly key: string;
  readonly deps: LeaseDeps;
  readonly metrics: LeaseMetrics;
  readonly lastWrites: Map<string, number>;
  readonly signal: AbortSignal;
};

async function apply(
  decision: LeaseDecision,
  job: GPUJob | undefined,
  context: Context,
): Promise<number | undefined> {
  const { deps, metrics, signal } = context;
  for (const end of decision.ends) {
    await inTrace(
      () => leaseSpan(end.lease),
      () => endLease(end, deps, signal),
    );
    metrics.ended.inc({ reason: end.desired.reason });
  }
  if (decision.expired.length > 0) await removeExpired(decision.expired, deps, signal);
  const nowMs = deps.clock.now().getTime();
  const pauses =
    decision.reviewAtMs === undefined ? [] : [Math.max(100, decision.reviewAtMs - nowMs)];
  if (job === undefined) return pauses[0];
  if (decision.releaseJob) {
    const { jobs: client } = deps.clients;
    for (const lease of decision.unbilled) announceUnbilled(job, lease, deps);
    await releaseJob({ client, informer: deps.informers.jobs }, job, signal);
    const end = { result: 'deleted', reason: 'Deleted' };
    if (!isOver(job)) recordJob(deps.hub, job, end, deps.clock.now());
    return undefined;
  }
  if (decision.deleteJob) {
    await deps.clients.jobs.delete(job.metadata, { uid: job.metadata.uid!, signal });
    return undefined;
  }
  const pause = await writeStatus(decision, job, context);
  if (pause !== undefined) pauses.push(pause);
  return pauses.length === 0 ? undefined : Math.min(...pauses);
}

/** PUT with the resourceVersion that was decided on: an accept in between wins and is looked at anew. */
async function endLease(
  { lease, desired }: LeaseEnd,
  deps: LeaseDeps,
  signal: AbortSignal,
): Promise<void> {
  const stopTime = lease.spec.stopTime ?? toKubeTime(deps.clock.now());
  const wanted = { ...lease, spec: { ...lease.spec, desiredState: desired.state, stopTime } };
  const written = await deps.clients.leases.replace(wanted, { fieldManager, signal });
  deps.informers.leases.observe(written);
  deps.log.info(
    { lease: objectKey(lease), reason: desired.reason },
    `Lease is ${desired.state}: ${desired.message}`,
  );
}

function announceUnbilled(job: GPUJob, { metadata, spec }: GPULease, deps: LeaseDeps): void {
  deps.recorder.event(job, {
    type: 'Warning',
    reason: 'FinalRowMissing',
    action: 'Finish',
    note: `provider ${spec.providerName} has not stated the last usage of lease ${metadata.name} within ${deps.finalRowSeconds} s of its end: the job is let go; what is stated later is still checked and paid`,
  });
}

async function writeStatus(
  { status }: LeaseDecision,
  job: GPUJob,
  { key, deps, metrics, lastWrites }: Context,
): Promise<number | undefined> {
  // Before queue has looked at it there is nothing that a person could not see from the age.
  if (status === undefined || job.status?.conditions === undefined) return undefined;
  const nowMs = deps.clock.now().getTime();
  const settling = searchPauseLeft(job, status.succeeded, nowMs);
  if (settling > 0) return settling;
  const next = withProgress(job, status, deps.clock);
  const pause = pauseBefore(job, next);
  if (pause === undefined) return undefined;
  const wait = (lastWrites.get(key) ?? 0) + pause - nowMs;
  if (wait > 0) return wait;
  lastWrites.set(key, nowMs);
  const wasOver = isOver(job);
  await deps.writeJobStatus(job, (current) => withProgress(current, status, deps.clock));
  const { succeeded } = status;
  if (wasOver || succeeded.status === 'Unknown') return undefined;
  const isGood = succeeded.status === 'True';
  const end = { result: isGood ? 'succeeded' : 'failed', reason: succeeded.reason };
  recordJob(deps.hub, job, { ...end, cost: status.summary.amount }, deps.clock.now());
  metrics.finished.inc({ result: isGood ? 'succeeded' : 'failed', reason: succeeded.reason });
  deps.recorder.event(job, {
    type: isGood ? 'Normal' : 'Warning',
    reason: succeeded.reason,
    action: 'Finish',
    note: `${succeeded.message}; cost ${status.summary.amount}`,
  });
  return undefined;
}

/** A job that was just admitted usually has its place a moment later: one write says both. */
function searchPauseLeft(job: GPUJob, { reason }: Succeeded, nowMs: number): number {
  if (reason !== 'Admitted') return 0;
  const admitted = getCondition(job.status?.conditions, 'Admitted')?.lastTransitionTime ?? '';
  return Date.parse(admitted) + 3_000 - nowMs;
}
