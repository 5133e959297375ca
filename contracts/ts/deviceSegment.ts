import type { Hex } from 'viem';
import { merkleRoot } from './merkle.ts';
import { typedStructHash } from './typedData.ts';

/** One uninterrupted time in which one device ran for one lease. Not signed alone: a signed root commits to it. */
export type DeviceSegment = {
  readonly leaseId: Hex;
  /** keccak256 of the device's UUID. */
  readonly device: Hex;
  /** Unix milliseconds, inclusive. */
  readonly startMs: bigint;
  /** Unix milliseconds, exclusive. */
  readonly endMs: bigint;
};

/** EIP-712 members of `DeviceSegment`. */
export const deviceSegmentTypes = {
  DeviceSegment: [
    { name: 'leaseId', type: 'bytes32' },
    { name: 'device', type: 'bytes32' },
    { name: 'startMs', type: 'uint64' },
    { name: 'endMs', type: 'uint64' },
  ],
} as const;

/** The EIP-712 struct hash: the leaf that `segmentsRoot` commits to. */
export function hashDeviceSegment(deviceSegment: DeviceSegment): Hex {
  return typedStructHash(deviceSegmentTypes, 'DeviceSegment', deviceSegment);
}

/** The Merkle root over segments in the order given; the zero hash when there are none. */
export function segmentsRoot(segments: readonly DeviceSegment[]): Hex {
  return merkleRoot(segments.map(hashDeviceSegment));
}
