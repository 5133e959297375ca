import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseOutcome } from '@gridlease/crds/leaseState';
import { type FailureReason, failureReasons } from '@gridlease/crds/reasons';
import { getCondition } from '@gridlease/kube/conditions';

/** Where jobs stand and what failed leases cost, for counting. */

export const jobStates = [
  'waiting',
  'starting',
  'running',
  'suspended',
  'succeeded',
  'failed',
] as const;
export type JobState = (typeof jobStates)[number];

const runningReasons: ReadonlySet<string> = new Set([
  'Running',
  'Serving',
  'PartlyServing',
  'Stopping',
]);

/** A job that stops counts as running until its pods are gone, unless that was asked for. */
export function jobState({ spec, status }: GPUJob): JobState {
  const succeeded = getCondition(status?.conditions, 'Succeeded');
  if (succeeded?.status === 'True') return 'succeeded';
  if (succeeded?.status === 'False') return 'failed';
  if (spec.suspend) return 'suspended';
  const reason = succeeded?.reason ?? 'Pending';
  if (runningReasons.has(reason)) return 'running';
  return reason === 'Starting' ? 'starting' : 'waiting';
}

/** Ends that somebody wanted: nothing was lost by them. */
const wanted: ReadonlySet<string> = new Set<FailureReason>([
  'Stopped',
  'Suspended',
  'ScaledDown',
  'Cancelled',
  'Withdrawn',
  'Replaced',
]);
/** Ends that are the tasks' own doing, or their budget's. */
const ownDoing: ReadonlySet<string> = new Set<FailureReason>([
  'TaskFailed',
  'RetryLimitExceeded',
  'DeadlineExceeded',
  'ImageNotFound',
  'ContainerCannotRun',
  'OutOfMemory',
  'OutOfEphemeralStorage',
  'OutputUploadFailed',
  'MaxAmountReached',
  'BudgetExhausted',
  'StartDeadlineExceeded',
  'NotAccepted',
  'NotFunded',
]);

/** Why GPU time can be wasted: every failure that nobody asked for. */
export const wasteReasons = Object.keys(failureReasons).filter((reason) => !wanted.has(reason));
/** Why a lease that was running can be interrupted: its provider, the hub or the money, not its tasks. */
export const interruptionReasons = wasteReasons.filter((reason) => !ownDoing.has(reason));

/** What a lease that failed after it had begun to run means; undefined when nothing was lost. */
export function lossOf(
  lease: GPULease,
  tasks: { readonly total: number; readonly completed: number },
):
  | { readonly reason: string; readonly interrupted: boolean; readonly gpuSeconds: number }
  | undefined {
  const { state, reason } = leaseOutcome(lease);
  if (state !== 'Failed' || lease.status?.startTime === undefined) return undefined;
  if (!wasteReasons.includes(reason)) return undefined;
  const share = tasks.total === 0 ? 0 : 1 - Math.min(1, tasks.completed / tasks.total);
  const gpuSeconds = (Number(lease.status.gpuMilliseconds ?? '0') / 1_000) * share;
  return Object.freeze({ reason, interrupted: interruptionReasons.includes(reason), gpuSeconds });
}
