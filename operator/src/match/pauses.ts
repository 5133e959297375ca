import type { ReconcileResult } from '@gridlease/kube/controller';
import type { Progress } from './gather.ts';

/** The part of a job's progress that may be placed now. */
export type Due = {
  readonly progress: Progress;
  /** When the next of the others may be, unix milliseconds. */
  readonly nextMs?: number;
};

/** Longer than any pause after a failure, and what clocks may differ by. */
const longestMs = 600_000;

/**
 * Leaves out the replicas that failed a moment ago: each waits for itself, the others go on. Pauses begin
 * at an end that a provider has reported: one that lies far in the future must not stop a job until then.
 */
export function dueNow(reported: Progress, nowMs: number): Due {
  const { retryAtMs, ...rest } = reported;
  const isTrue = (ms: number): boolean => ms <= nowMs + longestMs;
  const progress = retryAtMs === undefined || !isTrue(retryAtMs) ? rest : reported;
  const { notBeforeMs } = progress;
  if (notBeforeMs === undefined) return { progress };
  const timeOf = (index: number): number => {
    const ms = notBeforeMs.get(index) ?? 0;
    return isTrue(ms) ? ms : 0;
  };
  const waiting = progress.waiting.filter((index) => timeOf(index) <= nowMs);
  const later = progress.waiting.map(timeOf).filter((ms) => ms > nowMs);
  return {
    progress: { ...progress, waiting },
    ...(later.length === 0 ? {} : { nextMs: Math.min(...later) }),
  };
}

/** Looks again when the result says so, or at `nextMs` if that is sooner. */
export function soonest(
  result: ReconcileResult,
  nextMs: number | undefined,
  nowMs: number,
): ReconcileResult {
  if (nextMs === undefined) return result;
  const pauseMs = nextMs - nowMs;
  const known = result?.requeueAfterMs ?? pauseMs;
  return { requeueAfterMs: Math.min(known, pauseMs) };
}
