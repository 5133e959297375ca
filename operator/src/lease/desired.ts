import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { leaseIsActive, leaseOutcome } from '@gridlease/crds/leaseState';
import { getCondition, isTrue } from '@gridlease/kube/conditions';
import type { hubEnds } from './metrics.ts';
import { isScaledAway } from './serving.ts';

export type DesiredInput = {
  readonly lease: GPULease;
  /** The job it was made for; undefined when that is gone. */
  readonly job: GPUJob | undefined;
  /** True once the job succeeded or failed for good. */
  readonly jobIsOver: boolean;
  /** True once the job has cost a budget.maxTotal that was lowered below what its leases may cost. */
  readonly budgetIsSpent: boolean;
  /** True once leases that only money ends must stop for the account's caps.total. */
  readonly capIsReached: boolean;
  readonly provider: GPUProvider | undefined;
  readonly nowMs: number;
  readonly fundDeadlineSeconds: number;
};

export type Desired =
  | { readonly state: 'Running'; readonly reviewAtMs?: number }
  | {
      readonly state: 'Stopped' | 'Withdrawn';
      readonly reason: (typeof hubEnds)[number];
      readonly message: string;
    };

/** Clocks of hub and agent may differ by this much before a late accept is a broken promise. */
const skewMs = 1_000;

/**
 * What the hub wants of an active lease. What was never accepted is withdrawn, what was is stopped;
 * a lease that is to end is never wanted again, its tasks get a new one.
 */
export function desiredOf(input: DesiredInput): Desired {
  const { lease, job } = input;
  const { desiredState } = lease.spec;
  if (!leaseIsActive(lease) || desiredState === 'Stopped' || desiredState === 'Withdrawn') {
    return { state: 'Running' };
  }
  const end = isTrue(lease.status?.conditions, 'Accepted') ? 'Stopped' : 'Withdrawn';
  const unwanted = unwantedFor(job);
  if (job === undefined || unwanted !== undefined) {
    return { state: end, ...(unwanted ?? deleted) };
  }
  if (input.jobIsOver) {
    return { state: end, reason: 'Stopped', message: 'the job has ended' };
  }
  if (isScaledAway(job, lease)) {
    const message = `service.replicas is ${job.spec.service?.replicas}`;
    return { state: end, reason: 'ScaledDown', message };
  }
  if (input.budgetIsSpent) {
    const message = `the job has cost budget.maxTotal ${job.spec.budget.maxTotal}`;
    return { state: end, reason: 'BudgetExhausted', message };
  }
  if (input.capIsReached) {
    const message = `caps.total of account ${job.spec.budget.accountName} is reached`;
    return { state: end, reason: 'AccountCapReached', message };
  }
  if (input.provider?.spec.suspended === true) {
    return { state: end, reason: 'ProviderSuspended', message: 'an admin suspended the provider' };
  }
  if (isTrue(lease.status?.conditions, 'MeterDisputed')) {
    return { state: end, reason: 'RowRefused', message: 'its meter is disputed' };
  }
  return byDeadline(input);
}

const deleted = { reason: 'Cancelled', message: 'the job was deleted' } as const;
const suspended = { reason: 'Suspended', message: 'the job was suspended' } as const;

/** By what its owner has said that it is not to run; undefined while it is. */
export function unwantedFor(
  job: Pick<GPUJob, 'metadata' | 'spec'> | undefined,
): typeof deleted | typeof suspended | undefined {
  if (job === undefined || job.metadata.deletionTimestamp !== undefined) return deleted;
  return job.spec.suspend ? suspended : undefined;
}

function byDeadline({ lease, nowMs, fundDeadlineSeconds }: DesiredInput): Desired {
  const { status, spec } = lease;
  if (leaseOutcome(lease).state === 'Pending') {
    const endMs = Number(spec.terms.acceptBy) * 1_000 + skewMs;
    return nowMs < endMs
      ? { state: 'Running', reviewAtMs: endMs }
      : { state: 'Withdrawn', reason: 'NotAccepted', message: 'it was not accepted in time' };
  }
  const funded = getCondition(status?.conditions, 'Funded');
  if (funded?.status === 'True' || isTrue(status?.conditions, 'Delivered')) {
    return { state: 'Running' };
  }
  const acceptedMs = Number(status?.acceptance?.acceptedMs ?? nowMs);
  const endMs = acceptedMs + fundDeadlineSeconds * 1_000;
  // A channel that was funded once and ran dry is the agent's to judge, by idleSeconds.
  if (funded !== undefined && Number(status?.gpuMilliseconds ?? 0) > 0) return { state: 'Running' };
  return nowMs < endMs
    ? { state: 'Running', reviewAtMs: endMs }
    : {
        state: 'Stopped',
        reason: 'NotFunded',
        message: `its channel was not funded within ${fundDeadlineSeconds} s`,
      };
}
