import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { runSpan } from '@gridlease/crds/traces';
import { terminationSecondsOf } from '@gridlease/crds/workloadDocument';
import { toKubeTime } from '@gridlease/kube/conditions';
import { Controller, type ReconcileContext } from '@gridlease/kube/controller';
import { inTrace, withSpan } from '@gridlease/kube/tracing';
import { createApplier } from './apply.ts';
import { causeOfStop } from './causes.ts';
import { createCleaner } from './cleaner.ts';
import { type Cause, decideRun, type RunInput } from './decide.ts';
import { createDeparted } from './departed.ts';
import type { RunDeps, RunStage } from './deps.ts';
import { gatherRun, livePodsOf } from './gather.ts';
import { createMissingLeases } from './missing.ts';
import { observePods } from './observe.ts';
import { removeOrphans } from './orphans.ts';
import { createPatience } from './patience.ts';
import { createReporter, isTold } from './report.ts';
import { retireInMs } from './retire.ts';
import { type RunningLease, readLease } from './runningLease.ts';
import { createStarter } from './starter.ts';
import { provisionSpan, recordRun } from './traces.ts';
import { hasUnseenPods, lookForPods } from './unseen.ts';
import { wakeBy } from './wake.ts';

const fieldManager = 'gridlease-run';
/** A look without a cause, so that a lost event costs seconds, not the lease. */
const lookAgainMs = 30_000;
/** What waits for the hub to be heard goes on soon after it is. */
const hubAgainMs = 2_000;
/** Between a stored step and the next: not 0, or a cache that lags would make it a busy loop. */
const nextStepMs = 10;
/** When pods were found that the watch had not told of; a cache that lacks them may take some time. */
const unseenAgainMs = 250;
/** A task that is over sooner costs no write for having begun: its Job says the same. */
const recordBeginMs = 10_000;

/**
 * Runs accepted leases from their records. Level-based: each look compares the record with the Jobs
 * and pods that exist and makes the next step; nothing needs the hub but the status it is told.
 */
export function createRunStage(deps: RunDeps): RunStage {
  const { informers, clients, clock, logs } = deps;
  const applier = createApplier(deps);
  const starter = createStarter(applier);
  const cleaner = createCleaner(deps, applier);
  const graceSeconds = deps.missingGraceSeconds ?? 60;
  const missing = createMissingLeases({
    namespace: deps.hubNamespace,
    client: clients.leases,
    informer: informers.leases,
    graceSeconds,
    clock,
  });
  const patience = createPatience(clock);
  const recordOf = (uid: string) => informers.records.get(`${deps.recordNamespace}/${uid}`);
  const departed = createDeparted(informers.pods, (uid) => recordOf(uid)?.spec.state === 'Ended');
  const stops = new Map<string, Cause>();
  const suspensions = new Map<string, { readonly message: string }>();
  const reporter = createReporter(deps);
  /** When leases began of which the record doesn't say so yet, monotonic. */
  const begun = new Map<string, number>();

  const reconcile = async (uid: string, { signal, log }: ReconcileContext) => {
    const record = recordOf(uid);
    if (record === undefined) {
      forget(uid);
      const wasThere = await removeOrphans(uid, deps, signal);
      return wasThere ? { requeueAfterMs: 5_000 } : undefined;
    }
    const hubLease = missing.find(record.spec.leaseRef);
    const gone = hubLease === undefined ? await missing.isGone(uid, signal) : false;
    const lease = readLease(record, deps);
    const input = gatherRun(lease, deps, {
      hubLease,
      gone: gone === true,
      hasBegun: begun.has(uid),
      stop: stops.get(uid),
      suspended: suspensions.has(uid),
      ...{ patience, departed },
    });
    const decision = decideRun(input);
    logs.keep(lease, informers.pods.byIndex('leaseUid', uid));
    const waits = [lookAgainMs];
    if (!input.hubHeard) waits.push(hubAgainMs);
    if (typeof gone === 'object') waits.push(gone.againInMs);

    if (decision.kind === 'begin') {
      begun.set(uid, clock.monotonicMs());
      log.info({ job: record.spec.jobRef.name, product: record.spec.product }, 'lease begins');
      return { requeueAfterMs: nextStepMs };
    }
    if (decision.kind === 'work') {
      const recordInMs = await recordBegin(record, input, signal);
      if (recordInMs !== undefined) waits.push(recordInMs);
      const { create } = decision;
      const { obstacle, againInMs } = await withSpan(
        () => provisionSpan(record, lease.namespace, create.length),
        async (span) => {
          const start = await starter.start(lease, input, create, { signal, log });
          span.set({ 'gridlease.obstacle': start.obstacle?.reason });
          return start;
        },
      );
      // What runs may go on to its end: it is paid, and only the others can't start.
      if (obstacle?.final && input.observation.alive.length === 0) {
        stops.set(uid, { reason: obstacle.reason, message: obstacle.message });
        return { requeueAfterMs: nextStepMs };
      }
      if (againInMs !== undefined) waits.push(againInMs);
      for (const owner of decision.suspend.owners) {
        await applier.setSuspended(lease, owner, decision.suspend.to, signal);
      }
      await cleaner.forgetLost(input, signal);
      await logs.attach(lease, livePodsOf(decision.expire, input));
      for (const job of decision.expire) await applier.expire(job, input.nowMs, signal);
      if (decision.againInMs !== undefined) waits.push(decision.againInMs);
    }
    if (decision.kind === 'stop') {
      if (record.spec.finished === undefined) {
        const ending = { time: toKubeTime(clock.now()), ...decision.cause };
        await patchRecord(record, { desiredState: input.desired, finished: ending }, signal);
      }
      // Nobody pays for it any more: the tasks may be running elsewhere.
      const isUnpaid = stops.has(uid) || input.lost !== undefined || input.fenced;
      const unpaid = isUnpaid ? { gracePeriodSeconds: quickStop(lease) } : {};
      // Its time to kill them is short, and counts.
      if (!input.fenced) await logs.attach(lease, decision.pods);
      await applier.remove(lease, decision.owners, decision.pods, { ...unpaid, signal });
      await cleaner.forgetLost(input, signal);
      return { requeueAfterMs: 5_000 };
    }
    if (decision.kind === 'end') {
      const pods = informers.pods.byIndex('leaseUid', uid);
      const isUnseen = hasUnseenPods(informers.jobs.byIndex('leaseUid', uid), pods);
      if (isUnseen && (await lookForPods(uid, informers.pods, clients.pods, signal))) {
        return { requeueAfterMs: unseenAgainMs };
      }
      const finished = { time: toKubeTime(clock.now()), ...decision.finished };
      const meter = deps.finalMeter(uid);
      const end = { state: 'Ended', finished, ...(meter && { meter }) } as const;
      await patchRecord(record, end, signal);
      recordRun(record, decision.finished, clock.now());
      log.info({ reason: finished.reason, message: finished.message }, 'lease ended');
      return { requeueAfterMs: nextStepMs };
    }
    if (decision.kind === 'over') {
      await applier.remove(lease, decision.owners, decision.pods, { signal });
      await cleaner.forgetLost(input, signal);
      const leftMs = await cleaner.cleanUp(lease, hubLease, gone === true, signal);
      if (leftMs !== undefined) waits.push(leftMs);
    }
    if (decision.kind === 'over' && cleaner.isClean(uid)) {
      departed.forget(uid);
      const hub = { lease: hubLease, isGone: gone === true };
      const retireMs = retireInMs(record, hub, {
        retentionSeconds: deps.recordRetentionSeconds,
        nowMs: input.nowMs,
      });
      if (retireMs === 0) return retire(record, signal);
      if (retireMs !== undefined) return { requeueAfterMs: retireMs };
    }
    if (hubLease !== undefined) {
      const said = { suspended: suspensions.get(uid), obstacle: starter.obstacle(uid) };
      const dueInMs = await reporter.report(lease, hubLease, input, said, signal);
      if (dueInMs !== undefined) waits.push(dueInMs);
    }
    const isDone = decision.kind === 'over' && cleaner.isClean(uid) && isTold(hubLease);
    return isDone ? undefined : { requeueAfterMs: Math.min(...waits) };
  };

  /**
   * Says in the record that pods exist, once they have for a while, for those who look at records
   * alone: the fence of every replica and the meter. Returns in how many milliseconds.
   */
  const recordBegin = async (
    record: LeaseRecord,
    { desired }: RunInput,
    signal: AbortSignal,
  ): Promise<number | undefined> => {
    if (record.spec.state !== 'Accepted') return undefined;
    const uid = record.spec.leaseRef.uid;
    const sinceMs = clock.monotonicMs() - (begun.get(uid) ?? Number.NEGATIVE_INFINITY);
    if (sinceMs < recordBeginMs) return recordBeginMs - sinceMs;
    await patchRecord(record, { state: 'Running', desiredState: desired }, signal);
    begun.delete(uid);
    return undefined;
  };

  const patchRecord = async (
    record: LeaseRecord,
    spec: Partial<LeaseRecord['spec']>,
    signal: AbortSignal,
  ): Promise<void> => {
    // These fields alone, since the meter writes beside us in the same object; and only to the record
    // as it was looked at, since another replica may have ended it meanwhile.
    const { uid, resourceVersion } = record.metadata;
    const patch = { metadata: { uid, resourceVersion }, spec };
    const stored = await clients.records.mergePatch(record.metadata, patch, {
      fieldManager,
      signal,
    });
    informers.records.observe(stored);
  };

  const retire = async ({ metadata }: LeaseRecord, signal: AbortSignal): Promise<void> => {
    await clients.records.delete(metadata, { uid: metadata.uid ?? '', signal });
  };

  const quickStop = (lease: RunningLease): number =>
    Math.min(deps.stopSeconds, terminationSecondsOf(lease.document));

  const forget = (uid: string): void => {
    for (const memory of [stops, suspensions, begun]) memory.delete(uid);
    for (const part of [reporter, logs, starter, cleaner, patience, departed]) part.forget(uid);
  };

  const controller = new Controller({
    name: 'run',
    reconcile: (uid, context) => {
      const trace = () => {
        const record = recordOf(uid);
        return record && runSpan(record);
      };
      return inTrace(trace, () => reconcile(uid, context));
    },
    concurrency: 16,
    registry: deps.registry,
    log: deps.log,
    clock,
  });
  wakeBy(controller, deps);
  return {
    start(signal) {
      logs.start(signal);
      controller.start(signal);
    },
    get stopped() {
      return controller.stopped.then(() => logs.stopped);
    },
    requestStop(uid, reason, message) {
      if (!stops.has(uid)) {
        const obstacle = starter.obstacle(uid);
        const { waiting } = observePods(informers.pods.byIndex('leaseUid', uid), deps.nodeState);
        const withheld = deps.usage(uid)?.withheld;
        stops.set(uid, causeOfStop(reason, message, { obstacle, withheld, waiting }));
      }
      controller.enqueue(uid);
    },
    suspend(uid, _reason, message) {
      suspensions.set(uid, { message });
      controller.enqueue(uid);
    },
    resume(uid) {
      if (suspensions.delete(uid)) controller.enqueue(uid);
    },
  };
}
