import type { ReasonOf } from '@gridlease/crds/conditionReasons';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { leaseIsActive } from '@gridlease/crds/leaseState';
import type { FailureReason } from '@gridlease/crds/reasons';
import type { Outage } from './outage.ts';

/** When silence has which consequence, in milliseconds. */
export type RecoveryLimits = {
  /** From so long a silence a provider counts as silent. */
  readonly unreachableMs: number;
  /** How long after the end of its fence a lease is given up: stopping the pods, and doubt. */
  readonly afterFenceMs: number;
  /** The fence that is taken for a lease without one, when nothing will replace it. */
  readonly usualFenceMs: number;
};

/** A lease that has not ended, and whether anything still wants it. */
export type OpenLease = {
  readonly lease: GPULease;
  /** The job is gone or being deleted: nothing will ever replace the lease. */
  readonly jobIsGone: boolean;
};

export type RecoveryInput = {
  readonly providerName: string;
  /** Undefined when an admin deleted it. */
  readonly provider: GPUProvider | undefined;
  /** For how long nothing was heard of its agent, on this hub's monotonic clock. */
  readonly silentMs: number;
  /** Unix milliseconds of the last renewal seen; for messages. */
  readonly lastSeenMs: number | undefined;
  readonly leases: readonly OpenLease[];
  /** Undefined while most providers are heard. */
  readonly outage: Outage | undefined;
  readonly limits: RecoveryLimits;
};

/** A lease to be given up, and what its `spec.lost` says. */
export type Loss = {
  readonly lease: GPULease;
  readonly reason: Extract<FailureReason, 'ProviderLost' | 'Abandoned'>;
  readonly message: string;
};

export type Replaceable = {
  readonly type: 'Replaceable';
  readonly status: 'True' | 'False';
  readonly reason: ReasonOf<'GPUProvider', 'Replaceable'>;
  readonly message: string;
};

export type RecoveryDecision = {
  readonly losses: readonly Loss[];
  /** Leases that would be given up if it were not for the outage. */
  readonly frozen: number;
  /** The provider's condition; undefined when it shall have none. */
  readonly replaceable: Replaceable | undefined;
  /** When time alone changes the answer, milliseconds from now; undefined when it doesn't. */
  readonly reviewInMs: number | undefined;
};

/** What hangs on other things than time, such as the other providers, is looked at this often. */
const reviewMs = 5_000;

/**
 * Which leases of a provider are given up. Silence is unknown, not bad: nothing follows from it before
 * the agent must have ended its pods by its own fence, and never for a lease without a fence that
 * something still wants. What an admin abandons is given up at once. Pure.
 */
export function decideRecovery(input: RecoveryInput): RecoveryDecision {
  const { provider, providerName, silentMs, limits } = input;
  const open = input.leases.filter(({ lease }) => leaseIsActive(lease));
  const abandoned = provider?.spec.abandoned;
  if (abandoned !== undefined) {
    const message = `an admin abandoned provider ${providerName}: ${abandoned.reason}`;
    const losses = open.map(({ lease }) => loss(lease, 'Abandoned', message));
    return frozenDecision({ losses });
  }
  if (silentMs <= limits.unreachableMs) {
    // A moment later, when it is silent: at the limit itself it would be asked over and over.
    return frozenDecision({ reviewInMs: limits.unreachableMs - silentMs + 1 });
  }
  const losses: Loss[] = [];
  let frozen = 0;
  let nextMs = reviewMs;
  for (const { lease, jobIsGone } of open) {
    // What was never accepted is withdrawn by its own deadline, and races with nobody's pods.
    if (lease.status?.acceptance === undefined) continue;
    const { fenceSeconds } = lease.spec.terms;
    if (fenceSeconds === 0 && !jobIsGone) continue;
    const leftMs = dueMs(fenceSeconds, limits) - silentMs;
    if (leftMs > 0) nextMs = Math.min(nextMs, leftMs);
    else if (jobIsGone || !isHeldBack(input))
      losses.push(loss(lease, 'ProviderLost', why(input, lease, jobIsGone)));
    else frozen += 1;
  }
  const replaceable = replaceableOf(input, frozen);
  return frozenDecision({ losses, frozen, replaceable, reviewInMs: nextMs });
}

function frozenDecision(decision: Partial<RecoveryDecision>): RecoveryDecision {
  const nothing = { losses: [], frozen: 0, replaceable: undefined, reviewInMs: undefined };
  return Object.freeze({ ...nothing, ...decision });
}

function loss(lease: GPULease, reason: Loss['reason'], message: string): Loss {
  return { lease, reason, message: message.slice(0, 1_024) };
}

/** The silence after which the pods of a lease are gone: its fence, stopping them, and doubt. */
function dueMs(fenceSeconds: number, { afterFenceMs, usualFenceMs }: RecoveryLimits): number {
  return (fenceSeconds === 0 ? usualFenceMs : fenceSeconds * 1_000) + afterFenceMs;
}

/** Who was shut out by an admin is silent for that reason: the others' silence says nothing about it. */
function isHeldBack({ provider, outage }: RecoveryInput): boolean {
  return outage !== undefined && provider !== undefined && isLetIn(provider);
}

/** Whether an admin lets the agent in, so that it could renew. */
export function isLetIn({ metadata, spec }: GPUProvider): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    spec.hubAccepted &&
    !spec.suspended &&
    spec.abandoned === undefined
  );
}

function why({ providerName, silentMs }: RecoveryInput, lease: GPULease, isGone: boolean): string {
  const silence = `nothing was heard of provider ${providerName} for ${Math.floor(silentMs / 1_000)} s`;
  if (isGone) return `${silence} and the job is deleted: nothing replaces the lease`;
  return `${silence}; its agent ends the pods ${lease.spec.terms.fenceSeconds} s after its last renewal`;
}

function replaceableOf(input: RecoveryInput, frozen: number): Replaceable | undefined {
  const { provider, outage, silentMs, lastSeenMs, limits } = input;
  // Who never came can't be lost.
  if (provider === undefined || !isLetIn(provider) || lastSeenMs === undefined) return undefined;
  const since = `No heartbeat since ${new Date(lastSeenMs).toISOString().slice(0, 19)}Z`;
  if (outage !== undefined) {
    const leases = frozen === 1 ? '1 lease here waits' : `${frozen} leases here wait`;
    return {
      type: 'Replaceable',
      status: 'False',
      reason: 'OutageGuard',
      message: `${since}, and ${outage.silent} of ${outage.of} providers are silent: it is more likely this hub that can't hear them. Nothing is replaced until enough are back; ${leases}. To replace them now set spec.abandoned.reason.`,
    };
  }
  if (silentMs < limits.usualFenceMs + limits.afterFenceMs) return undefined;
  return {
    type: 'Replaceable',
    status: 'True',
    reason: 'ProviderLost',
    message: `${since}: its leases count as lost and their tasks are placed elsewhere, but those that keep running without the hub.`,
  };
}
