import { type Address, encodeAbiParameters, type Hex, keccak256, stringToHex } from 'viem';
import { larger, smaller } from './bigints.ts';

const SECONDS_PER_HOUR = 3_600n;

/** Names one channel; the contract keeps one word per key. */
export type ChannelKey = {
  readonly tenant: Address;
  readonly provider: Address;
  readonly signer: Address;
};

/** `keccak256(abi.encode(tenant, provider, signer))`: the contract's storage key. Letter case doesn't matter. */
export function channelKey(key: ChannelKey): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: 'address' }, { type: 'address' }, { type: 'address' }],
      [lowerCase(key.tenant), lowerCase(key.provider), lowerCase(key.signer)],
    ),
  );
}

/**
 * The name of the PaymentChannel object of (PaymentAccount UID, provider, signer). Derived, so that a
 * repeated creation finds the same object; letter case of the addresses doesn't matter.
 */
export function channelObjectName(accountUid: string, provider: Address, signer: Address): string {
  const identity = `${accountUid}/${provider.toLowerCase()}/${signer.toLowerCase()}`;
  return `ch-${keccak256(stringToHex(identity)).slice(2, 42)}`;
}

/** What one running lease can still cost before the agent has stopped it unpaid. */
export type LeaseExposureInput = {
  readonly gpuCount: number;
  /** Token smallest units for one GPU for one hour. */
  readonly pricePerGpuHour: bigint;
  readonly intervalSeconds: number;
  readonly graceSeconds: number;
  /** Seconds that killing the pods takes at most. */
  readonly stopSeconds: number;
  /** maxAmount less what was stated of it: a lease can't come to owe more. Default: no limit. */
  readonly left?: bigint;
};

/**
 * `gpuCount × price × (interval + grace + stop)`, token smallest units, rounded up: the agent must
 * never believe it is covered when it is one unit short. Never more than
 * `left`: both sides must ask the same of a lease whose budget is smaller than its reserve.
 */
export function leaseExposure(lease: LeaseExposureInput): bigint {
  const seconds = BigInt(lease.intervalSeconds + lease.graceSeconds + lease.stopSeconds);
  const product = BigInt(lease.gpuCount) * lease.pricePerGpuHour * seconds;
  const exposure = (product + SECONDS_PER_HOUR - 1n) / SECONDS_PER_HOUR;
  if (lease.left === undefined || exposure <= lease.left) return exposure;
  return larger(lease.left, 0n);
}

export type HeadroomInput = {
  /** The lower of the finalized and the latest `reserved`. */
  readonly reserved: bigint;
  /** What the channel has paid out in this generation. */
  readonly claimed: bigint;
  /** The largest cumulative signed in this generation; 0n when none. */
  readonly bestVoucher: bigint;
  /** Cumulative of the latest statement in this generation; 0n when none. */
  readonly owed: bigint;
  /** `leaseExposure` of every lease that uses the channel, of all hubs. */
  readonly exposures: readonly bigint[];
};

/**
 * What a channel can still cover: `reserved − max(claimed, bestVoucher, owed) − Σ exposures`.
 * Negative when it is short by that much. All terms are cumulative in one generation.
 */
export function headroom(input: HeadroomInput): bigint {
  const committed = larger(input.claimed, larger(input.bestVoucher, input.owed));
  return input.exposures.reduce((rest, exposure) => rest - exposure, input.reserved - committed);
}

/** What the contract pays for a voucher: `max(0, min(cumulative, reserved) − claimed)`. */
export function payable(input: {
  readonly reserved: bigint;
  readonly claimed: bigint;
  readonly cumulative: bigint;
}): bigint {
  const unclaimed = smaller(input.cumulative, input.reserved) - input.claimed;
  return larger(unclaimed, 0n);
}

/** A key is bytes: two spellings of one address must not become two channels. */
const lowerCase = (address: Address): Address => address.toLowerCase() as Address;
