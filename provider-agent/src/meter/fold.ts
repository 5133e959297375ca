import { billedTimes, gpuMilliseconds, rootOf } from './billed.ts';
import type { MeteredLease } from './row.ts';
import { type ContainerRun, cursorOf, extend, truncate, unverifiedDevice } from './segment.ts';

/** What stands in a run's source for the pod UID when it is the sum of earlier runs. */
export const foldedPod = 'folded';

/** What is younger stays as it was: a report may be late, and an end may still be taken back. */
const keepMs = 600_000;
/** Parts of the past that are worth being folded: some ten kilobytes of a record. */
const worthFolding = 256;
/** A line of the record is bounded. */
const sharesPerRun = 64;

/**
 * The runs of a lease with the past in a sum, once there is much of it: a GPU that flaps or a
 * container that crashes for days would outgrow what the API server stores. The sum is itself a run,
 * with the same GPU time inside the same span; its name commits to what it is the sum of. The same
 * array when there is nothing to fold. `nowMs`: the agent's wall clock, unix milliseconds.
 */
export function foldRuns(
  lease: FoldedLease,
  runs: readonly ContainerRun[],
  nowMs: number,
): readonly ContainerRun[] {
  const cutMs = cutOf(runs, nowMs);
  const isWorthIt = cutMs >= foldedUntil(runs) + keepMs && partsBefore(runs, cutMs) >= worthFolding;
  return isWorthIt ? foldAt(lease, runs, cutMs) : runs;
}

/** What decides how a lease's past adds up. */
export type FoldedLease = Pick<MeteredLease, 'leaseId' | 'gpuCount'>;

/** Unix milliseconds up to which the runs are folded; 0 when nothing is. Nothing before it is added. */
export function foldedUntil(runs: readonly ContainerRun[]): number {
  return Math.max(0, ...runs.filter(isFolded).map(cursorOf));
}

/** The runs with everything before `cutMs` in a sum. The usage of the lease stays what it was. */
export function foldAt(
  lease: FoldedLease,
  runs: readonly ContainerRun[],
  cutMs: number,
): readonly ContainerRun[] {
  const past = runs.map((run) => truncate(run, cutMs));
  const kept = runs
    .filter((run) => !run.closed || cursorOf(run) > cutMs)
    .map((run) => from(run, cutMs));
  return [...sumOf(lease, past, cutMs), ...kept];
}

function isFolded({ source }: ContainerRun): boolean {
  return source.startsWith(`${foldedPod}/`);
}

/**
 * Before the last billed moment, so that the lease's span stays as it was, and before what any billed
 * container is accounted for. One whose node is silent for so long is not waited for: it isn't billed.
 */
function cutOf(runs: readonly ContainerRun[], nowMs: number): number {
  const billed = runs
    .flatMap(({ segments }) => segments)
    .filter(({ devices }) => devices.length > 0);
  const lastMs = billed.reduce((latest, { endMs }) => Math.max(latest, endMs), 0);
  const cursors = runs.filter(({ isBilled }) => isBilled).map(cursorOf);
  return cursors.reduce((a, b) => Math.min(a, b), Math.min(nowMs, lastMs) - keepMs);
}

function partsBefore(runs: readonly ContainerRun[], cutMs: number): number {
  return runs.reduce((sum, run) => {
    const isOver = run.closed && cursorOf(run) <= cutMs;
    return sum + (isOver ? 1 : 0) + run.segments.filter(({ endMs }) => endMs <= cutMs).length;
  }, 0);
}

/** The run without anything before `cutMs`. */
function from(run: ContainerRun, cutMs: number): ContainerRun {
  if (run.startMs >= cutMs) return run;
  const segments = run.segments
    .filter(({ endMs }) => endMs > cutMs)
    .map((segment) => (segment.startMs < cutMs ? { ...segment, startMs: cutMs } : segment));
  return { ...run, startMs: cutMs, segments };
}

/**
 * The GPU time of the past, packed from its first billed moment on as many shares as the lease has
 * GPUs: never more at one moment than it may have, so it fits before `cutMs` and counts in full.
 */
function sumOf(
  { leaseId, gpuCount }: FoldedLease,
  past: readonly ContainerRun[],
  cutMs: number,
): readonly ContainerRun[] {
  const times = billedTimes(past);
  const gpuMs = gpuMilliseconds(times, gpuCount);
  const startMs = times[0]?.startMs ?? cutMs;
  const wholeMs = startMs + Number(gpuMs / BigInt(gpuCount));
  const rest = Number(gpuMs % BigInt(gpuCount));
  const root = rootOf(leaseId, past);
  return Array.from({ length: Math.ceil(gpuCount / sharesPerRun) }, (_, part) => {
    const first = part * sharesPerRun;
    const devices = Array.from({ length: Math.min(sharesPerRun, gpuCount - first) }, (_share, at) =>
      unverifiedDevice(at),
    );
    const empty: ContainerRun = {
      source: `${foldedPod}/${root}-${part}/0`,
      startMs,
      segments: [],
      devices,
      unbilled: [],
      isBilled: false,
      problem: undefined,
      closed: true,
      isEndKnown: true,
    };
    const whole = extend(empty, wholeMs, devices);
    const extra = devices.slice(0, Math.max(0, rest - first));
    return extend(extra.length > 0 ? extend(whole, wholeMs + 1, extra) : whole, cutMs, []);
  });
}
