import type { Hex } from 'viem';
import { merkleRoot } from './merkle.ts';
import { typedStructHash } from './typedData.ts';

/** One lease's part of a usage statement; cumulative since the lease began. Not signed alone: a signed root commits to it. */
export type UsageRow = {
  /** Digest of the LeaseTerms. */
  readonly leaseId: Hex;
  /** Unix milliseconds: the start of the first device segment. */
  readonly fromMs: bigint;
  /** Unix milliseconds: the row counts what was delivered until then. */
  readonly toMs: bigint;
  /** GPU-milliseconds delivered since the lease began. */
  readonly gpuMs: bigint;
  /** `amountFor(pricePerGpuHour, gpuMs)`, token smallest units. */
  readonly amount: bigint;
  /** Token smallest units given back by the provider, subtracted from the amount. */
  readonly credit: bigint;
  /** `segmentsRoot` of the device segments behind `gpuMs`. */
  readonly segmentsRoot: Hex;
  /** True when the lease has ended and the row will not change any more. */
  readonly last: boolean;
};

/** EIP-712 members of `UsageRow`. */
export const usageRowTypes = {
  UsageRow: [
    { name: 'leaseId', type: 'bytes32' },
    { name: 'fromMs', type: 'uint64' },
    { name: 'toMs', type: 'uint64' },
    { name: 'gpuMs', type: 'uint64' },
    { name: 'amount', type: 'uint96' },
    { name: 'credit', type: 'uint96' },
    { name: 'segmentsRoot', type: 'bytes32' },
    { name: 'last', type: 'bool' },
  ],
} as const;

/** The EIP-712 struct hash: the leaf that `usageRowsRoot` commits to. */
export function hashUsageRow(usageRow: UsageRow): Hex {
  return typedStructHash(usageRowTypes, 'UsageRow', usageRow);
}

/** The Merkle root over rows in the order given; the zero hash when there are none. */
export function usageRowsRoot(rows: readonly UsageRow[]): Hex {
  return merkleRoot(rows.map(hashUsageRow));
}
