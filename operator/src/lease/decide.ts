import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { leaseIsActive, leaseOutcome } from '@gridlease/crds/leaseState';
import { isOpenEnded } from '@gridlease/crds/openEnded';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { fromKubeTime } from '@gridlease/kube/conditions';
import { type Desired, desiredOf, unwantedFor } from './desired.ts';
import { lowerBudget } from './lowerBudget.ts';
import { openBudget } from './openBudget.ts';
import { highestIndex, servingOf } from './serving.ts';
import { isOver, type Progress, type Succeeded, succeededOf } from './succeeded.ts';
import { type Summary, summaryOf } from './summary.ts';
import { isPaidFor } from './usage.ts';

export type LeaseInput = {
  /** Undefined when it is gone. */
  readonly job: GPUJob | undefined;
  /** All leases made for the job. */
  readonly leases: readonly GPULease[];
  /** Absent with the job. */
  readonly progress: Progress | undefined;
  /** True while a record may still become a lease. */
  readonly hasOpenIntents: boolean;
  readonly providerOf: (lease: GPULease) => GPUProvider | undefined;
  readonly channelOf: (lease: GPULease) => PaymentChannel | undefined;
  readonly attemptOf: (lease: GPULease) => number;
  /** Whether leases that only money ends must stop for the account's caps.total. */
  readonly capIsReached: boolean;
  readonly decimals: number;
  readonly nowMs: number;
  readonly fundDeadlineSeconds: number;
  readonly retentionSeconds: number;
  /** How long a deleted job waits for the last row of a lease that has ended. */
  readonly finalRowSeconds: number;
};

export type LeaseEnd = {
  readonly lease: GPULease;
  readonly desired: Exclude<Desired, { readonly state: 'Running' }>;
};

export type LeaseDecision = {
  /** Leases that are wanted no longer. */
  readonly ends: readonly LeaseEnd[];
  /** What the job's status should say; absent without a job. */
  readonly status?: { readonly summary: Summary; readonly succeeded: Succeeded };
  /** The job may go: nothing runs for it, and everything is paid for or was waited for long enough. */
  readonly releaseJob: boolean;
  /** Leases for whose last row a deleted job waits no longer. */
  readonly unbilled: readonly GPULease[];
  /** Its time after the end is over. */
  readonly deleteJob: boolean;
  /** Leases that nobody needs any more, to be deleted with their records. */
  readonly expired: readonly GPULease[];
  /** When time alone changes the answer, unix milliseconds. */
  readonly reviewAtMs?: number;
};

/** What becomes of a job's leases, and what the job says about them. Pure. */
export function decide(input: LeaseInput): LeaseDecision {
  const { job, leases, progress } = input;
  const budget = budgetOf(input);
  const budgetIsSpent = budget?.isSpent ?? false;
  const succeeded =
    job === undefined || progress === undefined
      ? undefined
      : job.spec.service === undefined
        ? succeededOf({ job, leases, progress })
        : servingOf({ job, leases, progress, budgetIsSpent });
  const jobIsOver = succeeded !== undefined && succeeded.status !== 'Unknown';
  const reviews: number[] = budget?.reviewAtMs === undefined ? [] : [budget.reviewAtMs];
  const ends: LeaseEnd[] = [];
  for (const lease of leases) {
    const { nowMs, fundDeadlineSeconds } = input;
    const provider = input.providerOf(lease);
    const desired = desiredOf({
      ...{ lease, job, jobIsOver, provider, nowMs, fundDeadlineSeconds },
      ...{ budgetIsSpent, capIsReached: input.capIsReached },
    });
    if (desired.state !== 'Running') ends.push({ lease, desired });
    else if (desired.reviewAtMs !== undefined) reviews.push(desired.reviewAtMs);
  }
  const release = releaseOf(input);
  if (release.reviewAtMs !== undefined) reviews.push(release.reviewAtMs);
  const expiry = expiredLeases(input);
  const ttl = timeToLive(input, jobIsOver);
  for (const atMs of [expiry.nextMs, ttl.nextMs]) if (atMs !== undefined) reviews.push(atMs);
  return {
    // Of a service that is scaled down, the highest replica first.
    ends: ends.sort((a, b) => highestIndex(b.lease) - highestIndex(a.lease)),
    ...(succeeded === undefined || job === undefined || progress === undefined
      ? {}
      : {
          status: {
            succeeded: fitting(succeeded),
            summary: summaryOf({ ...input, job, progress }),
          },
        }),
    releaseJob: release.isReleased,
    unbilled: release.unbilled,
    deleteJob: ttl.isOver,
    expired: expiry.leases,
    ...(reviews.length === 0 ? {} : { reviewAtMs: Math.min(...reviews) }),
  };
}

/** What the API server stores of a message. Each of many providers has a say in it, and may say much. */
const longestMessage = 4096;

function fitting(succeeded: Succeeded): Succeeded {
  const { message } = succeeded;
  if (message.length <= longestMessage) return succeeded;
  return { ...succeeded, message: `${message.slice(0, longestMessage - 1)}…` };
}

function budgetOf({ job, ...input }: LeaseInput) {
  if (job === undefined) return undefined;
  return isOpenEnded(job.spec) ? openBudget({ ...input, job }) : lowerBudget({ ...input, job });
}

type Release = {
  readonly isReleased: boolean;
  readonly unbilled: readonly GPULease[];
  readonly reviewAtMs?: number;
};

/**
 * A deleted job waits until its pods are gone and its provider is paid; but for a last row that never
 * comes it does not wait for ever. The row may still come and is paid then: the lease stays.
 */
function releaseOf(input: LeaseInput): Release {
  const { job, leases, hasOpenIntents, channelOf, nowMs, finalRowSeconds } = input;
  const deletedMs = Date.parse(job?.metadata.deletionTimestamp ?? '');
  const unbilled = leases.filter((lease) => !isPaidFor(lease, channelOf(lease)));
  if (Number.isNaN(deletedMs) || hasOpenIntents || leases.some(leaseIsActive)) {
    return { isReleased: false, unbilled: [] };
  }
  const waitMs = finalRowSeconds * 1_000;
  const untilMs = unbilled.map((lease) => {
    const stoppedMs = Date.parse(lease.spec.stopTime ?? '') || 0;
    // The end is the provider's word: one in the future must not hold the job.
    return Math.min(endedMs(lease), Math.max(deletedMs, stoppedMs) + waitMs) + waitMs;
  });
  const latestMs = Math.max(0, ...untilMs);
  return latestMs <= nowMs
    ? { isReleased: true, unbilled }
    : { isReleased: false, unbilled: [], reviewAtMs: latestMs };
}

function timeToLive({ job, nowMs }: LeaseInput, jobIsOver: boolean) {
  const seconds = job?.spec.runtime.ttlSecondsAfterFinished;
  const ended = Date.parse(job?.status?.completionTime ?? '');
  const isGoing = job?.metadata.deletionTimestamp !== undefined;
  if (seconds === undefined || !jobIsOver || isGoing || Number.isNaN(ended)) {
    return { isOver: false, nextMs: undefined };
  }
  const endMs = ended + seconds * 1_000;
  return endMs <= nowMs ? { isOver: true, nextMs: undefined } : { isOver: false, nextMs: endMs };
}

/** Ended, settled, and kept for long enough; a job whose end isn't written yet still needs its past. */
function expiredLeases(input: LeaseInput) {
  const { job, leases, nowMs, retentionSeconds } = input;
  if (job !== undefined && !isOver(job)) return { leases: [], nextMs: undefined };
  const expired: GPULease[] = [];
  const later: number[] = [];
  for (const lease of leases) {
    if (leaseIsActive(lease) || !isSettled(lease, input)) continue;
    const endMs = (settledMs(lease) ?? endedMs(lease)) + retentionSeconds * 1_000;
    if (endMs <= nowMs) expired.push(lease);
    else later.push(endMs);
  }
  return { leases: expired, nextMs: later.length === 0 ? undefined : Math.min(...later) };
}

/** The hub's own word, unlike the end: one in the future must not keep the lease. */
function settledMs({ status }: GPULease): number | undefined {
  const settled = status?.conditions?.find(({ type }) => type === 'Settled');
  return settled?.status === 'True' ? fromKubeTime(settled.lastTransitionTime) : undefined;
}

function isSettled(lease: GPULease, { channelOf }: LeaseInput): boolean {
  const { status } = lease;
  if (status?.acceptance === undefined) return true;
  const settled = status.conditions?.find(({ type }) => type === 'Settled');
  if (settled?.status === 'True') return true;
  return isPaidFor(lease, channelOf(lease)) && Number(status.gpuMilliseconds ?? 0) === 0;
}

function endedMs({ status, metadata }: GPULease): number {
  const times = (status?.conditions ?? []).map(({ lastTransitionTime }) => lastTransitionTime);
  const newest = [status?.endTime, ...times, metadata.creationTimestamp]
    .map((time) => Date.parse(time ?? ''))
    .filter((time) => !Number.isNaN(time));
  return Math.max(0, ...newest);
}

/** For Events: what changed about a lease, as a person would say it; undefined when nothing did. */
export function leaseNews(
  lease: GPULease,
  old: GPULease,
  job?: GPUJob,
):
  | { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly note: string }
  | undefined {
  const { state, reason, message } = leaseOutcome(lease);
  if (state === leaseOutcome(old).state) return undefined;
  const { providerName, epoch, tasks } = lease.spec;
  const what = `lease ${lease.metadata.name} (epoch ${epoch}, tasks ${tasks.indexes.slice(0, 64)}) at ${providerName}`;
  if (state === 'Refused') {
    return { type: 'Warning', reason: 'LeaseRefused', note: `${what}: ${reason}: ${message}` };
  }
  if (state === 'Withdrawn') {
    return { type: 'Warning', reason: 'LeaseWithdrawn', note: `${what} was taken back` };
  }
  const wish = job && unwantedFor(job);
  if (state === 'Failed' && reason === 'Stopped' && wish !== undefined) {
    return {
      type: 'Normal',
      reason: 'LeaseEnded',
      note: `${what}: ${wish.reason}: ${wish.message}`,
    };
  }
  if (state === 'Failed') {
    return { type: 'Warning', reason: 'LeaseEnded', note: `${what}: ${reason}: ${message}` };
  }
  return undefined;
}
