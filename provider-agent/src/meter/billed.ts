import { type DeviceSegment, hashDeviceSegment } from '@gridlease/contracts/deviceSegment';
import { merkleRoot } from '@gridlease/contracts/merkle';
import { type Hex, keccak256, stringToHex } from 'viem';
import { type ContainerRun, isUnverified, type Segment } from './segment.ts';

/** One device for one uninterrupted time. */
export type BilledTime = {
  /** The device's id; of one that is not known, the container's share. */
  readonly device: string;
  /** Unix milliseconds, inclusive. */
  readonly startMs: number;
  /** Unix milliseconds, exclusive. */
  readonly endMs: number;
  /** What it is part of. */
  readonly segment: Segment;
};

/**
 * What all runs are billed for, device by device in the order of its start; ties by source, so that
 * roots repeat. A device that two runs claim for the same moment is billed once.
 */
export function billedTimes(runs: readonly ContainerRun[]): readonly BilledTime[] {
  const segments = runs
    .flatMap((run) => run.segments.map((segment) => ({ segment, source: run.source })))
    .filter(({ segment }) => segment.devices.length > 0 && segment.endMs > segment.startMs)
    .sort((a, b) => a.segment.startMs - b.segment.startMs || (a.source < b.source ? -1 : 1));
  const busyUntil = new Map<string, number>();
  const times: BilledTime[] = [];
  for (const { segment, source } of segments) {
    for (const id of segment.devices) {
      const device = isUnverified(id) ? shareOf(source, id) : id;
      const busyMs = busyUntil.get(device) ?? 0;
      const startMs = Math.max(segment.startMs, busyMs);
      busyUntil.set(device, Math.max(segment.endMs, busyMs));
      if (startMs < segment.endMs) {
        times.push({ device, startMs, endMs: segment.endMs, segment });
      }
    }
  }
  return times;
}

/** A GPU of a container that nobody named, the same across restarts of that container. */
function shareOf(source: string, device: string): string {
  return `pod:${source.slice(0, source.lastIndexOf('/'))}/${device.slice(1)}`;
}

/**
 * GPU-milliseconds in the times, counting at no moment more than `gpuCount`: while an old pod still
 * ends and its replacement already runs, the tenant ordered only one of them. So the result never
 * exceeds wall time × gpuCount, which is the bound that the payer checks.
 */
export function gpuMilliseconds(
  times: readonly Pick<BilledTime, 'startMs' | 'endMs'>[],
  gpuCount: number,
): bigint {
  const edges = times
    .flatMap(({ startMs, endMs }) => [
      { atMs: startMs, change: 1 },
      { atMs: endMs, change: -1 },
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

// A finished container's leaves never change; hashing them once keeps long leases cheap.
const leaves = new WeakMap<Segment, { readonly leaseId: Hex; readonly hashes: Map<string, Hex> }>();

function leafOf(leaseId: Hex, time: BilledTime): Hex {
  const { segment, device } = time;
  // Cut to where another run's claim ends: not what the segment alone would say.
  if (time.startMs !== segment.startMs) return hashDeviceSegment(asSigned(leaseId, time));
  let known = leaves.get(segment);
  if (known?.leaseId !== leaseId) {
    known = { leaseId, hashes: new Map() };
    leaves.set(segment, known);
  }
  let hash = known.hashes.get(device);
  if (hash === undefined) {
    hash = hashDeviceSegment(asSigned(leaseId, time));
    known.hashes.set(device, hash);
  }
  return hash;
}

function asSigned(leaseId: Hex, { device, startMs, endMs }: BilledTime): DeviceSegment {
  return {
    leaseId,
    device: keccak256(stringToHex(device)),
    startMs: BigInt(startMs),
    endMs: BigInt(endMs),
  };
}

/** The commitment to what a row's `gpuMs` is made of; the zero hash when nothing was billed. */
export function rootOf(leaseId: Hex, runs: readonly ContainerRun[]): Hex {
  return merkleRoot(billedTimes(runs).map((time) => leafOf(leaseId, time)));
}

/** The segments as they are signed, for whoever wants to show one with a Merkle proof. */
export function deviceSegments(
  leaseId: Hex,
  runs: readonly ContainerRun[],
): readonly DeviceSegment[] {
  return billedTimes(runs).map((time) => asSigned(leaseId, time));
}
