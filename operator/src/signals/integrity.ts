import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseOutcome } from '@gridlease/crds/leaseState';
import { getCondition } from '@gridlease/kube/conditions';

/** What may be paid of a lease, and what must be, judged from what its own conditions say. */

/** From when on nothing runs, unix milliseconds, as the lease itself says; undefined while it delivers. */
export function idleSinceMs(lease: GPULease): number | undefined {
  const { state } = leaseOutcome(lease);
  const { conditions, endTime } = lease.status ?? {};
  const since = (type: string) => getCondition(conditions, type)?.lastTransitionTime;
  switch (state) {
    case 'Running':
      return undefined;
    case 'Accepted':
      return timeOf(since('Delivered') ?? since('Accepted'));
    case 'Succeeded':
    case 'Failed':
      return timeOf(lease.spec.lost?.time ?? endTime ?? since('Succeeded'));
    default:
      return timeOf(lease.metadata.creationTimestamp);
  }
}

/** Two answered statements, one after the other, as far as they are about one lease. */
export type Growth = {
  /** When the earlier one was made, unix milliseconds by the agent's clock. */
  readonly fromMs: number;
  /** When the later one was made. */
  readonly toMs: number;
  /** GPU time by which the row grew, in milliseconds. */
  readonly gpuMs: bigint;
};

/**
 * Whether a lease bills although it says that nothing runs. Both statements were made by the same
 * clock as its conditions; the earlier one must be later than the end by what a last row may be late.
 * A container that ends again and again may run for moments that no condition tells: less than half of
 * the time of the lease's GPUs proves nothing.
 */
export function billsWhileIdle(lease: GPULease, growth: Growth): boolean {
  const idleMs = idleSinceMs(lease);
  if (idleMs === undefined || growth.fromMs <= idleMs + lateMs(lease)) return false;
  const full = BigInt(growth.toMs - growth.fromMs) * BigInt(lease.spec.terms.gpuCount);
  return growth.gpuMs > 0n && growth.gpuMs * 2n > full;
}

/** Interval and grace of the lease in milliseconds: how late the payment of something may be. */
export function lateMs({ spec }: Pick<GPULease, 'spec'>): number {
  return (spec.terms.intervalSeconds + spec.terms.graceSeconds) * 1_000;
}

/** Beyond interval and grace: a statement is made, sent and answered in less. */
const answerMs = 30_000;

/**
 * Whether a lease runs and isn't paid. `sinceMs` is when it was last paid for more, or when it was first
 * seen to run, or when its provider was last silent, whichever is latest; all in one clock.
 */
export function runsUnpaid(lease: GPULease, sinceMs: number, nowMs: number): boolean {
  return leaseOutcome(lease).state === 'Running' && nowMs - sinceMs > lateMs(lease) + answerMs;
}

function timeOf(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
