import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { count } from '@gridlease/crds/indexes';
import { maxDurationSecondsOf } from '@gridlease/crds/jobDefaults';
import { leaseOutcome } from '@gridlease/crds/leaseState';
import type { FailureReason } from '@gridlease/crds/reasons';

/** How leases ended, as tasks that end and replicas of a service both read it. */

/** The lease's part of budget.maxTotal is used up. */
export const budgetEnds: ReadonlySet<string> = new Set<FailureReason>([
  'MaxAmountReached',
  'BudgetExhausted',
]);
/** Failures that another attempt would only repeat, for more money. */
export const finalFailures: ReadonlySet<string> = new Set<FailureReason>([
  'DeadlineExceeded',
  'MaxAmountReached',
  'BudgetExhausted',
]);

const firstPauseMs = 2_000;
const longestPauseMs = 300_000;

/** How long to wait after so many failures, in milliseconds. */
export function pauseMs(failures: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 20));
}

/** When the lease ended, unix milliseconds; 0 when nobody has said. */
export function endOf({ spec, status }: GPULease): number {
  if (spec.lost !== undefined) return Date.parse(spec.lost.time) || 0;
  const ended = status?.conditions?.find(({ type }) => type === 'Succeeded')?.lastTransitionTime;
  return Date.parse(status?.endTime ?? ended ?? '') || 0;
}

/** Why an ended lease is never tried again; undefined when another attempt may do better. */
export function finalReasonOf(job: GPUJob, lease: GPULease): string | undefined {
  const reason = decisiveReason(job, lease, leaseOutcome(lease).reason);
  return finalFailures.has(reason) ? reason : undefined;
}

/**
 * The reason that counts. A lease that may cost what all of its tasks cost in their full time has cost
 * it once their time is up. More money wouldn't have helped: it is the deadline that ended them.
 */
export function decisiveReason(job: GPUJob, { spec }: GPULease, told: string): string {
  const seconds = maxDurationSecondsOf(job.spec);
  if (!budgetEnds.has(told) || seconds === undefined) return told;
  const { terms, tasks } = spec;
  const gpuSeconds = count(tasks.indexes) * tasks.gpusPerTask * seconds;
  const full = BigInt(terms.pricePerGpuHour) * BigInt(gpuSeconds);
  return BigInt(terms.maxAmount) * 3_600n >= full ? 'DeadlineExceeded' : told;
}

/** Counts tasks for a provider. */
export function addTasks(counts: Record<string, number>, provider: string, tasks: number): void {
  if (tasks > 0) counts[provider] = (counts[provider] ?? 0) + tasks;
}
