import { signAcceptance } from '@gridlease/contracts/acceptance';
import { uidToBytes32 } from '@gridlease/contracts/ids';
import type { GPULease } from '@gridlease/crds/gpulease';
import {
  API_VERSION,
  LABEL_JOB_NAME,
  LABEL_JOB_UID,
  LABEL_LEASE_UID,
} from '@gridlease/crds/labels';
import { type LeaseRecord, leaseRecord } from '@gridlease/crds/leaserecord';
import { createOnce } from '@gridlease/kube/apply';
import { getCondition, isTrue, toKubeTime } from '@gridlease/kube/conditions';
import { Controller, type ReconcileContext } from '@gridlease/kube/controller';
import { objectKey } from '@gridlease/kube/object';
import { capacityPolicies, channelPolicies } from './channelPolicies.ts';
import type { AcceptDeps, ChannelView } from './deps.ts';
import type { TermsInput } from './facts.ts';
import { channelLeases, decideFunding, exposuresAhead, type Funding } from './funding.ts';
import { gatherTerms } from './gather.ts';
import { identityPolicies } from './identityPolicies.ts';
import { createLock } from './lock.ts';
import { acceptMetrics } from './metrics.ts';
import { offerPolicies } from './offerPolicies.ts';
import { firstRefusal, type Refusal } from './policy.ts';
import { acceptedStatus, fundedStatus, refusedStatus } from './status.ts';
import { workloadPolicies } from './workloadPolicies.ts';

const fieldManager = 'gridlease-accept';
const fundsAgainMs = 1_000;

export type AcceptStage = { start(signal: AbortSignal): void; readonly stopped: Promise<void> };

/**
 * Says yes or no to leases. The order is what makes a crash harmless: the record first, in the
 * provider's own cluster; then the answer at the hub, with the resourceVersion of the lease that was
 * judged, so that a withdrawal in between wins; pods only after the hub has stored the answer.
 */
export function createAcceptStage(deps: AcceptDeps): AcceptStage {
  const { informers, clients, clock } = deps;
  const lock = createLock();
  const metrics = acceptMetrics(deps.registry);
  /** Leases told that they may run, before the caches show it. */
  const funded = new Set<string>();

  const reconcile = async (key: string, { signal, log }: ReconcileContext) => {
    const lease = informers.leases.get(key);
    const uid = lease?.metadata.uid;
    if (lease === undefined || uid === undefined) return;
    const answer = getCondition(lease.status?.conditions, 'Accepted');
    const record = informers.records.get(`${deps.recordNamespace}/${uid}`);
    if (answer?.status === 'False' || record?.spec.state === 'Ended') return;
    if (answer?.status === 'True') {
      if (record === undefined || isTrue(lease.status?.conditions, 'Funded')) return;
      return fund(lease, record, signal);
    }
    if (record !== undefined) return confirm(lease, record, signal);
    // Taken back before it was answered: the operator sees that from desiredState alone.
    if (lease.spec.desiredState === 'Withdrawn') return;
    if (lease.spec.desiredState === 'Stopped') {
      const message = 'the lease was stopped before it was accepted';
      return refuse(lease, { reason: 'TermsInvalid', message }, signal);
    }
    await deps.offers.loaded;
    const input = await gatherTerms(lease, deps);
    const isWaiting = !input.workload.found && input.nowMs < Number(input.terms.acceptBy) * 1000;
    // Written in any order by the operator; the watch brings it.
    if (isWaiting) return { requeueAfterMs: 1_000 };
    const refusal = firstRefusal(
      [...identityPolicies, ...offerPolicies, ...workloadPolicies],
      input,
    );
    if (refusal !== undefined) return refuse(lease, refusal, signal);
    const view = await viewChannel(lease, signal);
    const made = await lock.exclusively(() => promise(lease, input, view, signal));
    if ('reason' in made) return refuse(lease, made, signal);
    log.info({ job: lease.spec.jobRef.name, gpus: input.terms.gpuCount }, 'lease accepted');
    return confirm(lease, made, signal, view);
  };

  /** Under the lock: GPUs are looked at and promised in one step. */
  const promise = async (
    lease: GPULease,
    input: TermsInput & { readonly leaseId: `0x${string}` },
    view: ChannelView,
    signal: AbortSignal,
  ): Promise<LeaseRecord | Refusal> => {
    const { channelName, product, tasks } = lease.spec;
    const onChannel = leasesOn(channelName);
    const channel = {
      generation: view.latest.generation,
      retired: deps.isRetired(channelName, input.terms.generation),
      closing: view.closing,
      activeLeases: onChannel.length,
    };
    const unfit = firstRefusal(channelPolicies, { ...input, channel });
    if (unfit !== undefined) return unfit;
    const wish = { product, gpusPerTask: tasks.gpusPerTask, tasks: tasks.parallelism };
    const capacity = deps.capacity(wish);
    if (capacity === undefined) throw new Error('the caches of the own cluster are not filled yet');
    const full = firstRefusal(capacityPolicies, { ...input, capacity });
    if (full !== undefined) return full;
    const stored = await createOnce(clients.records, await recordOf(lease, input), {
      accept: (existing) => existing.spec.leaseId === input.leaseId,
      fieldManager,
      signal,
    });
    informers.records.observe(stored);
    return stored;
  };

  const recordOf = async (
    lease: GPULease,
    input: TermsInput & { readonly leaseId: `0x${string}` },
  ): Promise<LeaseRecord> => {
    const { spec, metadata } = lease;
    const uid = metadata.uid!;
    const acceptedMs = BigInt(clock.now().getTime());
    const leaseUid = uidToBytes32(uid);
    const message = { leaseId: input.leaseId, leaseUid, acceptedMs };
    const signature = await signAcceptance(deps.agent, deps.domain, message);
    const workload = informers.workloads.get(`${deps.hubNamespace}/${spec.workloadName}`)!;
    return {
      apiVersion: API_VERSION,
      kind: leaseRecord.resource.kind,
      metadata: {
        namespace: deps.recordNamespace,
        name: uid,
        labels: {
          [LABEL_LEASE_UID]: uid,
          [LABEL_JOB_UID]: spec.jobRef.uid,
          [LABEL_JOB_NAME]: spec.jobRef.name,
        },
      },
      spec: {
        hub: deps.hubName,
        leaseRef: { namespace: deps.hubNamespace, name: metadata.name, uid },
        jobRef: spec.jobRef,
        leaseId: input.leaseId,
        terms: spec.terms,
        termsSignature: spec.termsSignature,
        tasks: spec.tasks,
        epoch: spec.epoch,
        product: spec.product,
        workloadDocument: workload.spec.document,
        channelName: spec.channelName,
        acceptance: {
          leaseUid,
          acceptedMs: String(acceptedMs),
          agent: deps.agent.address,
          signature,
        },
        desiredState: spec.desiredState,
        state: 'Accepted',
      },
    };
  };

  /** Tells the hub what the record says. Also the way back after a crash between the two writes. */
  const confirm = async (
    lease: GPULease,
    record: LeaseRecord,
    signal: AbortSignal,
    seen?: ChannelView,
  ) => {
    if (lease.spec.desiredState !== 'Running') return release(record, signal);
    const view = seen ?? (await viewChannel(lease, signal));
    const funding = decide(record, view);
    const status = acceptedStatus(lease, record, funding, clock.now());
    // The resourceVersion of the lease that was judged: a withdrawal since then makes this fail.
    const written = await clients.leases.replaceStatus(
      { ...lease, status },
      { fieldManager, signal },
    );
    informers.leases.observe(written);
    metrics.decisions.inc({ outcome: 'accepted', reason: 'Accepted' });
    return funding.funded ? undefined : { requeueAfterMs: fundsAgainMs };
  };

  /** An accepted lease waits for money, up to a deadline; nothing is billed until it runs. */
  const fund = async (lease: GPULease, record: LeaseRecord, signal: AbortSignal) => {
    if (lease.spec.desiredState !== 'Running') return;
    const acceptedMs = Number(record.spec.acceptance.acceptedMs);
    const view = await viewChannel(lease, signal);
    const funding = decide(record, view);
    const lateMs = clock.now().getTime() - acceptedMs - deps.fundDeadlineSeconds * 1000;
    if (!funding.funded && lateMs >= 0) {
      const message = `not funded within ${deps.fundDeadlineSeconds} s: ${funding.message}`;
      return end(record, 'NotFunded', message, signal);
    }
    const status = fundedStatus(lease, lease.status ?? {}, funding, clock.now());
    const was = getCondition(lease.status?.conditions, 'Funded');
    // The figures in the message move with every block; only the answer is worth a write.
    if (was === undefined || funding.funded) {
      const written = await clients.leases.replaceStatus(
        { ...lease, status },
        { fieldManager, signal },
      );
      informers.leases.observe(written);
    }
    return funding.funded ? undefined : { requeueAfterMs: fundsAgainMs };
  };

  const decide = (record: LeaseRecord, view: ChannelView): Funding => {
    const { uid } = record.spec.leaseRef;
    const exposures = exposuresAhead(leasesOn(record.spec.channelName, record), uid);
    const funding = decideFunding(view.headroom(exposures), exposures, deps.own.token);
    // No await between looking and remembering: the next lease sees this one's exposure.
    if (funding.funded) funded.add(uid);
    metrics.waiting.set(waitingCount());
    return funding;
  };

  const leasesOn = (channelName: string, also?: LeaseRecord) => {
    const records = informers.records.list(deps.recordNamespace);
    const isKnown =
      also === undefined || records.some((r) => r.metadata.name === also.metadata.name);
    return channelLeases(isKnown ? records : [...records, also], {
      channelName,
      stopSeconds: deps.stopSeconds,
      isFunded: ({ spec }) => funded.has(spec.leaseRef.uid) || isFundedAtHub(spec.leaseRef.name),
    });
  };

  const isFundedAtHub = (name: string): boolean =>
    isTrue(informers.leases.get(`${deps.hubNamespace}/${name}`)?.status?.conditions, 'Funded');

  const waitingCount = (): number =>
    informers.records
      .list(deps.recordNamespace)
      .filter((r) => r.spec.state === 'Accepted' && !funded.has(r.spec.leaseRef.uid)).length;

  const viewChannel = (lease: GPULease, signal: AbortSignal): Promise<ChannelView> => {
    const { tenant, provider, signer, generation } = lease.spec.terms;
    const { channelName } = lease.spec;
    return deps.channelView({ channelName, tenant, provider, signer, generation }, { signal });
  };

  const refuse = async (lease: GPULease, refusal: Refusal, signal: AbortSignal) => {
    const status = refusedStatus(lease, refusal, clock.now());
    const written = await clients.leases.replaceStatus(
      { ...lease, status },
      { fieldManager, signal },
    );
    informers.leases.observe(written);
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
    const patch = { metadata: { uid: record.metadata.uid }, spec: { state: 'Ended', finished } };
    const stored = await clients.records.mergePatch(record.metadata, patch, {
      fieldManager,
      signal,
    });
    informers.records.observe(stored);
    funded.delete(record.spec.leaseRef.uid);
  };

  const controller = new Controller({
    name: 'accept',
    reconcile,
    concurrency: 4,
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
