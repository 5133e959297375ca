import type { Hex } from 'viem';
import { type ChannelRef, channelMembers, signedMessage } from './typedData.ts';

/** The immutable terms of one lease. The digest is the leaseId. Signed by the channel's signer. */
export type LeaseTerms = ChannelRef & {
  /** `hubId` of the cluster that asks. */
  readonly hub: Hex;
  /** Raised when a hub is restored from a backup; the agent refuses a lower one. */
  readonly hubEpoch: bigint;
  /** `uidToBytes32` of the GPUJob. */
  readonly jobUid: Hex;
  readonly shard: number;
  /** The fencing epoch of this attempt, monotonic per GPUJob. */
  readonly attempt: number;
  /** Digest of the Offer that these terms accept. */
  readonly offerHash: Hex;
  /** `hashDocument` of the LeaseWorkload document. */
  readonly workloadHash: Hex;
  readonly gpuCount: number;
  /** True when `pricePerGpuHour` is the spot price and the lease may be ended for another. */
  readonly spot: boolean;
  /** Token smallest units for one GPU for one hour. */
  readonly pricePerGpuHour: bigint;
  /** Token smallest units that this lease may cost in all. */
  readonly maxAmount: bigint;
  /** Longest billed running time of one task; 0 means no limit. */
  readonly maxSeconds: number;
  /** Seconds between two statements. */
  readonly intervalSeconds: number;
  /** Seconds that an unpaid statement may stay unpaid before the agent suspends the lease. */
  readonly graceSeconds: number;
  /** Seconds paid in advance by the voucher that accompanies these terms; 0 for none. */
  readonly prepaySeconds: number;
  /** Longest time that GPUs may be held without being billed. */
  readonly idleSeconds: number;
  /** Seconds without a renewal after which the agent kills the pods; 0 means keep running. */
  readonly fenceSeconds: number;
  /** Share of the amount, in 1/10,000, held back until the lease has ended. */
  readonly retentionBps: number;
  /** Unix seconds after which the terms can no longer be accepted. */
  readonly acceptBy: bigint;
};

/** EIP-712 members of `LeaseTerms`. */
export const leaseTermsTypes = {
  LeaseTerms: [
    ...channelMembers,
    { name: 'hub', type: 'bytes32' },
    { name: 'hubEpoch', type: 'uint64' },
    { name: 'jobUid', type: 'bytes32' },
    { name: 'shard', type: 'uint32' },
    { name: 'attempt', type: 'uint32' },
    { name: 'offerHash', type: 'bytes32' },
    { name: 'workloadHash', type: 'bytes32' },
    { name: 'gpuCount', type: 'uint32' },
    { name: 'spot', type: 'bool' },
    { name: 'pricePerGpuHour', type: 'uint96' },
    { name: 'maxAmount', type: 'uint96' },
    { name: 'maxSeconds', type: 'uint32' },
    { name: 'intervalSeconds', type: 'uint32' },
    { name: 'graceSeconds', type: 'uint32' },
    { name: 'prepaySeconds', type: 'uint32' },
    { name: 'idleSeconds', type: 'uint32' },
    { name: 'fenceSeconds', type: 'uint32' },
    { name: 'retentionBps', type: 'uint16' },
    { name: 'acceptBy', type: 'uint64' },
  ],
} as const;

const message = signedMessage<LeaseTerms>('LeaseTerms', leaseTermsTypes);

/** The EIP-712 digest of the terms: the leaseId. */
export const hashLeaseTerms = message.hash;

/** Signs as the channel's signer; 65 bytes. */
export const signLeaseTerms = message.sign;

/** The address that signed; the caller compares it with the one it expects. Rejects when malformed. */
export const recoverLeaseTerms = message.recover;
