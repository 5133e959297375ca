import { type DeviceSegment, hashDeviceSegment } from '@gridlease/contracts/deviceSegment';
import { merkleRoot } from '@gridlease/contracts/merkle';
import { type Hex, keccak256, stringToHex } from 'viem';

/** A time in which one run of a container held so many GPUs. `gpus` 0 is a time that is not billed. */
export type Segment = {
  /** Unix milliseconds, inclusive. */
  readonly startMs: number;
  /** Unix milliseconds, exclusive. */
  readonly endMs: number;
  readonly gpus: number;
};

/**
 * One start of one container. Its segments tile the time from `startMs` to the cursor without a gap,
 * so that the end of the last one says up to when this run is accounted for.
 */
export type ContainerRun = {
  /** `<pod uid>/<container>/<restart count>`. */
  readonly source: string;
  readonly startMs: number;
  readonly segments: readonly Segment[];
  /** Healthy GPUs at the last look. */
  readonly gpus: number;
  /** The API server gave its end, or the pod is gone: nothing is added any more. */
  readonly closed: boolean;
};

/** Unix milliseconds up to which a run is accounted for. */
export function cursorOf(run: ContainerRun): number {
  return run.segments.at(-1)?.endMs ?? run.startMs;
}

/** The run accounted for until `untilMs`, the added time holding `gpus`. Time never goes back. */
export function extend(run: ContainerRun, untilMs: number, gpus: number): ContainerRun {
  const cursor = cursorOf(run);
  if (untilMs <= cursor) return run;
  const last = run.segments.at(-1);
  const segments =
    last !== undefined && last.gpus === gpus
      ? [...run.segments.slice(0, -1), { ...last, endMs: untilMs }]
      : [...run.segments, { startMs: cursor, endMs: untilMs, gpus }];
  return { ...run, segments };
}

/** The run without anything after `endMs`: a reported end replaces what was assumed. */
export function truncate(run: ContainerRun, endMs: number): ContainerRun {
  const segments = run.segments
    .filter((segment) => segment.startMs < endMs)
    .map((segment) => (segment.endMs > endMs ? { ...segment, endMs } : segment));
  return { ...run, segments };
}

/** The billed segments of all runs in the order of their start; ties by source, so that roots repeat. */
export function billedSegments(
  runs: readonly ContainerRun[],
): readonly (Segment & { readonly source: string })[] {
  return runs
    .flatMap((run) =>
      run.segments
        .filter((segment) => segment.gpus > 0 && segment.endMs > segment.startMs)
        .map((segment) => ({ ...segment, source: run.source })),
    )
    .sort((a, b) => a.startMs - b.startMs || (a.source < b.source ? -1 : 1));
}

/**
 * GPU-milliseconds in the segments, counting at no moment more than `gpuCount`: while an old pod
 * still ends and its replacement already runs, the tenant ordered only one of them. So the result
 * never exceeds wall time × gpuCount, which is the bound that the payer checks.
 */
export function gpuMilliseconds(segments: readonly Segment[], gpuCount: number): bigint {
  const edges = segments
    .flatMap(({ startMs, endMs, gpus }) => [
      { atMs: startMs, change: gpus },
      { atMs: endMs, change: -gpus },
    ])
    .sort((a, b) => a.atMs - b.atMs);
  let total = 0n;
  let gpus = 0;
  let fromMs = 0;
  for (const { atMs, change } of edges) {
    if (gpus > 0) total += BigInt(atMs - fromMs) * BigInt(Math.min(gpus, gpuCount));
    gpus += change;
    fromMs = atMs;
  }
  return total;
}

/**
 * The id of the `ordinal`th GPU of a container, the same across restarts of that container. It proves
 * nothing yet (AssignmentUnverified): it names the pod's share, not a GPU's UUID.
 */
function deviceId(source: string, ordinal: number): Hex {
  const container = source.slice(0, source.lastIndexOf('/'));
  return keccak256(stringToHex(`pod:${container}/${ordinal}`));
}

// A finished container's leaves never change; hashing them once keeps long leases cheap.
const leaves = new WeakMap<Segment, { readonly leaseId: Hex; readonly hashes: readonly Hex[] }>();

function leavesOf(leaseId: Hex, segment: Segment, source: string): readonly Hex[] {
  const known = leaves.get(segment);
  if (known?.leaseId === leaseId) return known.hashes;
  const hashes = Array.from({ length: segment.gpus }, (_, ordinal) =>
    hashDeviceSegment(deviceSegment(leaseId, segment, source, ordinal)),
  );
  leaves.set(segment, { leaseId, hashes });
  return hashes;
}

function deviceSegment(
  leaseId: Hex,
  segment: Segment,
  source: string,
  ordinal: number,
): DeviceSegment {
  return {
    leaseId,
    device: deviceId(source, ordinal),
    startMs: BigInt(segment.startMs),
    endMs: BigInt(segment.endMs),
  };
}

/** The commitment to what a row's `gpuMs` is made of; the zero hash when nothing was billed. */
export function rootOf(leaseId: Hex, runs: readonly ContainerRun[]): Hex {
  const ordered = runs
    .flatMap((run) => run.segments.map((segment) => ({ segment, source: run.source })))
    .filter(({ segment }) => segment.gpus > 0 && segment.endMs > segment.startMs)
    .sort((a, b) => a.segment.startMs - b.segment.startMs || (a.source < b.source ? -1 : 1));
  return merkleRoot(ordered.flatMap(({ segment, source }) => leavesOf(leaseId, segment, source)));
}

/** The segments as they are signed, for whoever wants to show one with a Merkle proof. */
export function deviceSegments(
  leaseId: Hex,
  runs: readonly ContainerRun[],
): readonly DeviceSegment[] {
  return billedSegments(runs).flatMap((segment) =>
    Array.from({ length: segment.gpus }, (_, ordinal) =>
      deviceSegment(leaseId, segment, segment.source, ordinal),
    ),
  );
}
