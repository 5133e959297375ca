import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import type { LeaseWorkload } from '@gridlease/crds/leaseworkload';
import { isOpenEnded } from '@gridlease/crds/openEnded';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { jobSpan, leaseSpan } from '@gridlease/crds/traces';
import type { Clock } from '@gridlease/kube/clock';
import { getCondition, toKubeTime } from '@gridlease/kube/conditions';
import type { Reconcile } from '@gridlease/kube/controller';
import type { EventRecorder } from '@gridlease/kube/events';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import { objectKey } from '@gridlease/kube/object';
import type { ResourceClient } from '@gridlease/kube/resources';
import { inTrace } from '@gridlease/kube/tracing';
import type { Registry } from 'prom-client';
import type { Hex } from 'viem';
import { decide, type LeaseDecision, type LeaseEnd } from './decide.ts';
import { releaseJob } from './finalizer.ts';
import type { LeaseMetrics } from './metrics.ts';
import { capIsReached } from './openBudget.ts';
import { removeExpired } from './retention.ts';
import { isOver, type Progress, type Succeeded } from './succeeded.ts';
import { recordJob } from './traces.ts';
import { pauseBefore, withProgress } from './writeStatus.ts';

const fieldManager = 'gridlease-lease';

/** Everything the lease stage is given. */
export type LeaseDeps = {
  readonly clients: {
    readonly jobs: ResourceClient<GPUJob>;
    readonly leases: ResourceClient<GPULease>;
    readonly records: ResourceClient<PlacementRecord>;
    readonly workloads: ResourceClient<LeaseWorkload>;
  };
  /**
   * Leases and records need index `job` ("namespace/name" of the job), leases also `accountUid`, jobs
   * `account` ("namespace/accountName").
   */
  readonly informers: {
    readonly jobs: Informer<GPUJob>;
    readonly leases: Informer<GPULease>;
    readonly records: Informer<PlacementRecord>;
    readonly channels: Informer<PaymentChannel>;
    readonly providers: Informer<GPUProvider>;
    readonly accounts: Informer<PaymentAccount>;
    readonly chains: Informer<SettlementChain>;
  };
  readonly writeJobStatus: (
    job: GPUJob,
    mutate: (current: GPUJob) => NonNullable<GPUJob['status']>,
  ) => Promise<GPUJob>;
  readonly progressOf: (
    job: GPUJob,
    leases: readonly GPULease[],
    intents: readonly PlacementRecord[],
  ) => Progress;
  /** The hub's id, as signed terms have it. */
  readonly hub: Hex;
  readonly acceptSeconds: number;
  readonly fundDeadlineSeconds: number;
  readonly retentionSeconds: number;
  readonly finalRowSeconds: number;
  readonly recorder: Pick<EventRecorder, 'event'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
};

/** Index of the lease and record informers: "namespace/name" of the job. */
export const jobIndex = 'job';
/** Index of the lease informer: UID of the account. */
const accountIndex = 'accountUid';
/** Index of the job informer: "namespace/name" of the account. */
export const jobAccountIndex = 'account';

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
      deps.informers.leases.byIndex(jobIndex, key),
      ({ spec }) => spec.jobRef.uid,
    );
    const uid = job?.metadata.uid;
    if (uid !== undefined && !byUid.has(uid)) byUid.set(uid, []);
    const pauses: number[] = [];
    for (const [jobUid, leases] of byUid) {
      const own = jobUid === uid ? job : undefined;
      const decision = decideAbout(own, leases, key, deps);
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

function decideAbout(
  job: GPUJob | undefined,
  leases: readonly GPULease[],
  key: string,
  deps: LeaseDeps,
): LeaseDecision {
  const { informers } = deps;
  const nowMs = deps.clock.now().getTime();
  const records = informers.records
    .byIndex(jobIndex, key)
    .filter(({ spec }) => spec.jobRef.uid === job?.metadata.uid);
  const known = new Set(leases.map(({ metadata }) => metadata.name));
  const intents = records.filter(
    ({ metadata, spec }) =>
      !known.has(metadata.name) &&
      spec.epoch > (job?.status?.epoch ?? 0) &&
      Date.parse(spec.decidedTime) + deps.acceptSeconds * 1_000 > nowMs,
  );
  return decide({
    job,
    leases,
    progress: job === undefined ? undefined : deps.progressOf(job, leases, intents),
    hasOpenIntents: intents.length > 0,
    providerOf: ({ spec }) => informers.providers.get(spec.providerName),
    channelOf: ({ metadata, spec }) =>
      informers.channels.get(`${metadata.namespace}/${spec.channelName}`),
    attemptOf: ({ metadata }) =>
      records.find((record) => record.metadata.name === metadata.name)?.spec.attempt ?? 0,
    capIsReached: isCapReached(job, deps),
    decimals: decimalsFor(job, deps),
    nowMs,
    fundDeadlineSeconds: deps.fundDeadlineSeconds,
    retentionSeconds: deps.retentionSeconds,
    finalRowSeconds: deps.finalRowSeconds,
  });
}

function decimalsFor(job: GPUJob | undefined, { informers }: LeaseDeps): number {
  const name = `${job?.metadata.namespace}/${job?.spec.budget.accountName}`;
  const chain = informers.chains.get(informers.accounts.get(name)?.spec.chainName ?? '');
  // Without leases there is no amount; every token here has at least 6.
  return chain?.spec.token.decimals ?? 6;
}

function isCapReached(job: GPUJob | undefined, deps: LeaseDeps): boolean {
  if (job === undefined || !isOpenEnded(job.spec)) return false;
  const { informers } = deps;
  const account = informers.accounts.get(
    `${job.metadata.namespace}/${job.spec.budget.accountName}`,
  );
  if (account?.spec.caps?.total === undefined) return false;
  return capIsReached({
    job,
    account,
    leases: informers.leases.byIndex(accountIndex, account.metadata.uid!),
    channelOf: ({ metadata, spec }) =>
      informers.channels.get(`${metadata.namespace}/${spec.channelName}`),
    decimals: decimalsFor(job, deps),
  });
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

/** The job key of a lease or a record. */
export function jobKeyOf({
  spec,
}: {
  readonly spec: { readonly jobRef: { readonly namespace: string; readonly name: string } };
}): string {
  return `${spec.jobRef.namespace}/${spec.jobRef.name}`;
}
