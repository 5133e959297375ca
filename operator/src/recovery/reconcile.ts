import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { providerNamespace } from '@gridlease/crds/labels';
import { leaseIsActive } from '@gridlease/crds/leaseState';
import { ApiError } from '@gridlease/kube/apiError';
import { updateStatus } from '@gridlease/kube/apply';
import type { Clock, Timers } from '@gridlease/kube/clock';
import { getCondition, setCondition } from '@gridlease/kube/conditions';
import type { Reconcile, ReconcileContext } from '@gridlease/kube/controller';
import type { EventRecorder } from '@gridlease/kube/events';
import type { Informer } from '@gridlease/kube/informer';
import { type KubeObject, objectKey } from '@gridlease/kube/object';
import type { ResourceClient } from '@gridlease/kube/resources';
import {
  decideRecovery,
  type Loss,
  type OpenLease,
  type RecoveryDecision,
  type RecoveryLimits,
  type Replaceable,
} from './decide.ts';
import { givenUp } from './giveUp.ts';
import type { RecoveryMetrics } from './metrics.ts';
import type { Outage } from './outage.ts';

const fieldManager = 'gridlease-recovery';
/** Leases read before, and given up after, one look at the heartbeat. */
const atOnce = 64;
/** How soon what changed while it was being given up is looked at again, in milliseconds. */
const again = 200;

type Heartbeat = KubeObject & { readonly spec?: { readonly renewTime?: string } };

export type RecoveryDeps = {
  readonly clients: {
    readonly jobs: ResourceClient<GPUJob>;
    readonly leases: ResourceClient<GPULease>;
    readonly providers: ResourceClient<GPUProvider>;
    /** coordination.k8s.io Leases. */
    readonly heartbeats: ResourceClient<Heartbeat>;
  };
  readonly informers: {
    readonly jobs: Informer<GPUJob>;
    readonly leases: Informer<GPULease>;
    readonly providers: Informer<GPUProvider>;
  };
  readonly heartbeats: {
    exists(namespace: string): boolean;
    silentMs(namespace: string): number;
    lastSeenMs(namespace: string): number | undefined;
    observe(namespace: string, lease: Heartbeat | undefined): void;
    onBeat(callback: (namespace: string) => void): () => void;
  };
  readonly limits: RecoveryLimits & { readonly heardWithinMs: number };
  readonly recorder: Pick<EventRecorder, 'event'>;
  readonly clock: Clock;
  /** Default: the system's. */
  readonly timers?: Timers;
};

type Around = {
  readonly metrics: RecoveryMetrics;
  readonly outage: () => Outage | undefined;
  /** Told of every provider that is silent, and of every one that isn't. */
  readonly noteSilence: (providerName: string, isSilent: boolean) => void;
};

/** Gives up the leases of one provider that is silent for too long or abandoned. Keys are its name. */
export function recoveryReconcile(deps: RecoveryDeps, around: Around): Reconcile {
  const { informers, heartbeats, limits } = deps;

  const decide = (
    name: string,
    provider: GPUProvider | undefined,
    leases: readonly OpenLease[],
  ): RecoveryDecision => {
    const namespace = providerNamespace(name);
    return decideRecovery({
      providerName: name,
      provider,
      silentMs: heartbeats.silentMs(namespace),
      lastSeenMs: heartbeats.lastSeenMs(namespace),
      leases,
      outage: around.outage(),
      limits,
    });
  };

  return async (name, context) => {
    const provider = informers.providers.get(name);
    const namespace = providerNamespace(name);
    const silentMs = heartbeats.silentMs(namespace);
    const isSilent = silentMs > limits.unreachableMs;
    const isQuiet = !isSilent && provider?.spec.abandoned === undefined;
    // While a provider is heard nothing hangs on its leases: no need to go through them.
    const leases = isQuiet ? [] : openLeases(deps, namespace);
    const isOver = provider === undefined && leases.length === 0;
    around.noteSilence(name, isSilent && !isOver);
    if (isOver) return;
    const decision = decide(name, provider, leases);
    const lost = await giveUpAll(decision.losses, name, context);
    if (provider !== undefined) await show(deps, provider, decision.replaceable, context.signal);
    const nextMs = lost < decision.losses.length ? again : decision.reviewInMs;
    return nextMs === undefined ? undefined : { requeueAfterMs: nextMs };
  };

  /** Returns how many were given up. */
  async function giveUpAll(
    losses: readonly Loss[],
    name: string,
    context: ReconcileContext,
  ): Promise<number> {
    let lost = 0;
    for (let from = 0; from < losses.length; from += atOnce) {
      lost += await giveUpSome(losses.slice(from, from + atOnce), name, context);
    }
    if (lost > 0) tell(deps, name, lost, losses[0]!);
    return lost;
  }

  /**
   * Decides once more on what is stored, not on what was seen: first the leases, then the heartbeat. An
   * agent that comes back renews first and touches its leases then, so that either the renewal is seen
   * here or one of the two writes on the lease fails.
   */
  async function giveUpSome(
    losses: readonly Loss[],
    name: string,
    { signal, log }: ReconcileContext,
  ): Promise<number> {
    const namespace = providerNamespace(name);
    const { clients } = deps;
    const found = await Promise.all(
      losses.map(({ lease }) => clients.leases.find(lease.metadata, { signal })),
    );
    const leases = await Promise.all(
      found.filter((lease) => lease !== undefined).map((lease) => asStored(deps, lease, signal)),
    );
    const provider = await clients.providers.find({ name }, { signal });
    heartbeats.observe(
      namespace,
      await clients.heartbeats.find({ namespace, name: 'agent' }, { signal }),
    );
    const certain = decide(name, provider, leases).losses;
    const times = { now: deps.clock.now(), lastSeenMs: heartbeats.lastSeenMs(namespace) };
    let lost = 0;
    const writes = certain.map(async (loss) => {
      const written = await putLost(givenUp(loss, times), signal);
      if (written === undefined) return;
      lost += 1;
      around.metrics.lost.inc({ reason: loss.reason });
      log.warn(
        { lease: objectKey(written), reason: loss.reason },
        `A lease is lost: ${loss.message}`,
      );
    });
    const failed = (await Promise.allSettled(writes)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return lost;
  }

  /** Undefined when its agent, or another stage, wrote in between: it is looked at again as it is then. */
  async function putLost(lease: GPULease, signal: AbortSignal): Promise<GPULease | undefined> {
    try {
      const written = await deps.clients.leases.replace(lease, { fieldManager, signal });
      informers.leases.observe(written);
      return written;
    } catch (error) {
      if (error instanceof ApiError && (error.isConflict || error.isNotFound)) return undefined;
      throw error;
    }
  }
}

function openLeases({ informers }: RecoveryDeps, namespace: string): readonly OpenLease[] {
  return informers.leases
    .list(namespace)
    .filter(leaseIsActive)
    .map((lease) => {
      const { jobRef } = lease.spec;
      const job = informers.jobs.get(`${jobRef.namespace}/${jobRef.name}`);
      return { lease, jobIsGone: isGone(job, lease) };
    });
}

/** Whether the job is gone decides only where nothing else allows giving the lease up: then it is read. */
async function asStored(
  { clients, informers }: RecoveryDeps,
  lease: GPULease,
  signal: AbortSignal,
): Promise<OpenLease> {
  const { namespace, name } = lease.spec.jobRef;
  if (!isGone(informers.jobs.get(`${namespace}/${name}`), lease)) {
    return { lease, jobIsGone: false };
  }
  const job = await clients.jobs.find({ namespace, name }, { signal });
  return { lease, jobIsGone: isGone(job, lease) };
}

function isGone(job: GPUJob | undefined, { spec }: GPULease): boolean {
  return job?.metadata.uid !== spec.jobRef.uid || job.metadata.deletionTimestamp !== undefined;
}

/** Says on the provider whether its leases are replaced, while that is a question. */
async function show(
  { clients, informers, recorder, clock }: RecoveryDeps,
  provider: GPUProvider,
  replaceable: Replaceable | undefined,
  signal: AbortSignal,
): Promise<void> {
  const before = getCondition(provider.status?.conditions, 'Replaceable');
  if (replaceable === undefined && before === undefined) return;
  const written = await updateStatus({
    client: clients.providers,
    informer: informers.providers,
    object: provider,
    fieldManager,
    signal,
    mutate: ({ status }) => {
      const conditions = status?.conditions ?? [];
      return {
        ...status,
        conditions:
          replaceable === undefined
            ? conditions.filter(({ type }) => type !== 'Replaceable')
            : setCondition(conditions, replaceable, clock.now()),
      };
    },
  });
  if (replaceable?.reason === 'OutageGuard' && before?.reason !== 'OutageGuard') {
    const { reason, message } = replaceable;
    recorder.event(written, { type: 'Warning', reason, note: message, action: 'Recover' });
  }
}

function tell(
  { informers, recorder }: RecoveryDeps,
  name: string,
  lost: number,
  { reason, message }: Loss,
): void {
  const provider = informers.providers.get(name);
  if (provider === undefined) return;
  const note = `${lost} leases are lost: ${message}`;
  recorder.event(provider, { type: 'Warning', reason, note, action: 'Recover' });
}
