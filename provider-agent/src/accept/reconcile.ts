import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { leaseParentOf } from '@gridlease/crds/traces';
import { getCondition, isTrue, toKubeTime } from '@gridlease/kube/conditions';
import { Controller, type ReconcileContext } from '@gridlease/kube/controller';
import { objectKey } from '@gridlease/kube/object';
import { inTrace, type LiveSpan, withSpan } from '@gridlease/kube/tracing';
import { createChannelMoney } from './channelMoney.ts';
import { decideCapacity, decideChannel, decideTerms } from './decide.ts';
import type { AcceptDeps, ChannelView } from './deps.ts';
import { type GatheredTerms, gatherTerms } from './gather.ts';
import { createLock } from './lock.ts';
import { acceptMetrics } from './metrics.ts';
import type { Refusal } from './policy.ts';
import { acceptedRecord, channelRecordsOf } from './record.ts';
import { acceptedStatus, fundedStatus, refusedStatus } from './status.ts';
import { acceptSpan, recordFunding } from './traces.ts';
import { createWriter } from './write.ts';

const fundsAgainMs = 1_000;

export type AcceptStage = { start(signal: AbortSignal): void; readonly stopped: Promise<void> };

/**
 * Says yes or no to leases. The order is what makes a crash harmless: the record first, in the
 * provider's own cluster; then the answer at the hub, with the resourceVersion of the lease that was
 * judged, so that a withdrawal in between wins; pods only after the hub has stored the answer.
 */
export function createAcceptStage(deps: AcceptDeps): AcceptStage {
  const { informers, clock } = deps;
  const lock = createLock();
  const metrics = acceptMetrics(deps.registry);
  const money = createChannelMoney(deps);
  const { answer, note, keep } = createWriter(deps);

  const reconcile = async (key: string, context: ReconcileContext) => {
    const lease = informers.leases.get(key);
    if (lease?.metadata.uid === undefined) return;
    return inTrace(
      () => leaseParentOf(lease),
      () => look(lease, context),
    );
  };

  const look = async (lease: GPULease, { signal, log }: ReconcileContext) => {
    const uid = lease.metadata.uid!;
    const answer = getCondition(lease.status?.conditions, 'Accepted');
    const record = informers.records.get(`${deps.recordNamespace}/${uid}`);
    if (answer?.status === 'False') return;
    if (record?.spec.state === 'Ended')
      return answer === undefined ? leave(lease, signal) : undefined;
    if (answer?.status === 'True') {
      const isTold = isTrue(lease.status?.conditions, 'Funded');
      // The hub's copy of our own word is not enough: pods start by the record.
      const isDone = record?.spec.funded === true && isTold;
      return record === undefined || isDone ? undefined : fund(lease, record, signal);
    }
    const span = () => acceptSpan(lease);
    if (record !== undefined) return withSpan(span, () => confirm(lease, record, signal));
    if (lease.spec.desiredState !== 'Running') return leave(lease, signal);
    if (lease.metadata.deletionTimestamp !== undefined) return;
    return withSpan(span, (live) => judge(lease, { signal, log }, live));
  };

  const judge = async (lease: GPULease, { signal, log }: ReconcileContext, span: LiveSpan) => {
    await deps.offers.loaded;
    const input = await gatherTerms(lease, deps);
    const isWaiting = !input.workload.found && input.nowMs < Number(input.terms.acceptBy) * 1000;
    // Written in any order by the operator; the watch brings it.
    if (isWaiting) {
      span.discard();
      return { requeueAfterMs: 1_000 };
    }
    const no = (why: Refusal) => {
      span.set({ 'gridlease.accepted': false, 'gridlease.reason': why.reason });
      return refuse(lease, why, signal);
    };
    const refusal = decideTerms(input);
    if (refusal !== undefined) return no(refusal);
    const view = await money.view(lease, signal);
    const made = await lock.exclusively(() => promise(lease, input, view, signal));
    if ('reason' in made) return no(made);
    span.set({ 'gridlease.accepted': true });
    log.info({ job: lease.spec.jobRef.name, gpus: input.terms.gpuCount }, 'lease accepted');
    return confirm(lease, made, signal, view);
  };

  /** Unanswered and not wanted any more. A withdrawal needs no words: its operator knows. */
  const leave = async (lease: GPULease, signal: AbortSignal): Promise<void> => {
    if (lease.spec.desiredState !== 'Stopped') return;
    const message = 'the lease was stopped before it was accepted';
    await refuse(lease, { reason: 'TermsInvalid', message }, signal);
  };

  /** Under the lock: GPUs are looked at and promised in one step. */
  const promise = async (
    lease: GPULease,
    input: GatheredTerms,
    view: ChannelView,
    signal: AbortSignal,
  ): Promise<LeaseRecord | Refusal> => {
    const { channelName, product, tasks } = lease.spec;
    const channel = {
      generation: view.latest.generation,
      retired: deps.isRetired(channelName, input.terms.generation),
      closing: view.closing,
      ...channelRecordsOf(informers.records.list(deps.recordNamespace), {
        channelName,
        leaseId: input.leaseId,
        leaseUid: lease.metadata.uid!,
      }),
    };
    const unfit = decideChannel({ ...input, channel });
    if (unfit !== undefined) return unfit;
    const wish = { product, gpusPerTask: tasks.gpusPerTask, tasks: tasks.parallelism };
    const capacity = deps.capacity(wish);
    if (capacity === undefined) throw new Error('the caches of the own cluster are not filled yet');
    const full = decideCapacity({ ...input, capacity });
    if (full !== undefined) return full;
    const accepted = await acceptedRecord(lease, input, deps);
    const { funded } = money.decide(accepted, view);
    const record = funded ? { ...accepted, spec: { ...accepted.spec, funded } } : accepted;
    try {
      return await keep(record, signal);
    } catch (error) {
      // Nobody was promised anything; it is asked again from the start.
      money.forget(lease.metadata.uid!);
      throw error;
    }
  };

  /** Tells the hub what the record says. Also the way back after a crash between the two writes. */
  const confirm = async (
    lease: GPULease,
    record: LeaseRecord,
    signal: AbortSignal,
    seen?: ChannelView,
  ) => {
    if (lease.spec.desiredState !== 'Running') return release(record, signal);
    const view = seen ?? (await money.view(lease, signal));
    const funding = money.decide(record, view);
    if (funding.funded) await remember(record, signal);
    metrics.waiting.set(money.waiting());
    const status = acceptedStatus(lease, record, funding, clock.now());
    await answer(lease, status, signal);
    metrics.decisions.inc({ outcome: 'accepted', reason: 'Accepted' });
    return funding.funded ? undefined : { requeueAfterMs: fundsAgainMs };
  };

  /** An accepted lease waits for money, up to a deadline; nothing is billed until it runs. */
  const fund = async (lease: GPULease, record: LeaseRecord, signal: AbortSignal) => {
    if (lease.spec.desiredState !== 'Running') return;
    const acceptedMs = Number(record.spec.acceptance.acceptedMs);
    const view = await money.view(lease, signal);
    const funding = money.decide(record, view);
    metrics.waiting.set(money.waiting());
    const lateMs = clock.now().getTime() - acceptedMs - deps.fundDeadlineSeconds * 1000;
    if (!funding.funded && lateMs >= 0) {
      const message = `not funded within ${deps.fundDeadlineSeconds} s: ${funding.message}`;
      recordFunding(record, { funded: false, reason: 'NotFunded' }, clock.now());
      return end(record, 'NotFunded', message, signal);
    }
    if (funding.funded && record.spec.funded !== true) {
      await remember(record, signal);
      recordFunding(record, { funded: true, reason: 'Funded' }, clock.now());
    }
    const status = fundedStatus(lease, lease.status ?? {}, funding, clock.now());
    const was = getCondition(lease.status?.conditions, 'Funded');
    // The figures in the message move with every block; only the answer is worth a write.
    if (was === undefined || funding.funded) {
      await answer(lease, status, signal);
    }
    return funding.funded ? undefined : { requeueAfterMs: fundsAgainMs };
  };

  /** Stored before the hub is told, and what run goes by. */
  const remember = async (record: LeaseRecord, signal: AbortSignal): Promise<void> => {
    if (record.spec.funded === true) return;
    await note(record, { funded: true }, signal);
  };

  const refuse = async (lease: GPULease, refusal: Refusal, signal: AbortSignal) => {
    const status = refusedStatus(lease, refusal, clock.now());
    await answer(lease, status, signal);
    metrics.decisions.inc({ outcome: 'refused', reason: refusal.reason });
    deps.log.info({ lease: lease.metadata.name, ...refusal }, 'lease refused');
  };

  /** The hub took it back before it had our answer: nothing was promised to anybody. */
  const release = (record: LeaseRecord, signal: AbortSignal): Promise<void> =>
    end(record, 'Withdrawn', 'the hub took the lease back before it was answered', signal);

  const end = async (
    record: LeaseRecord,
    reason: 'NotFunded' | 'Withdrawn',
    message: string,
    signal: AbortSignal,
  ): Promise<void> => {
    const finished = { time: toKubeTime(clock.now()), succeeded: false, reason, message };
    await note(record, { state: 'Ended', finished }, signal);
    money.forget(record.spec.leaseRef.uid);
  };

  const controller = new Controller({
    name: 'accept',
    reconcile,
    concurrency: 8,
    registry: deps.registry,
    log: deps.log,
    clock,
  });
  controller.watch(informers.leases);
  controller.watch(informers.records, () => []);
  controller.watch(informers.workloads, (workload) =>
    informers.leases
      .list(deps.hubNamespace)
      .filter((lease) => lease.spec.workloadName === workload.metadata.name)
      .map(objectKey),
  );
  return {
    start: (signal) => controller.start(signal),
    get stopped() {
      return controller.stopped;
    },
  };
}
