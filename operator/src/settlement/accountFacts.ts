import { parseTokenAmount } from '@gridlease/contracts/amount';
import { sumOf } from '@gridlease/contracts/bigints';
import { leaseExposure } from '@gridlease/contracts/channel';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsActive } from '@gridlease/crds/leaseState';
import { plannedRest } from '@gridlease/crds/openEnded';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { AccountFacts, Claim } from './account.ts';
import type { FundableChannel } from './funding.ts';

/** Gas of a funding, with room; measured at 55,000 to 70,000. */
const GAS_PER_FUNDING = 120_000n;
/** Transactions that a delegate must be able to pay for. */
const FUNDINGS_IN_HAND = 3n;

/** Coins for the next fundings, rounded up to one digit: a fee that wavers must not change a status. */
export function coinsNeeded(maxFeePerGas: bigint): bigint {
  const exact = maxFeePerGas * GAS_PER_FUNDING * FUNDINGS_IN_HAND;
  const unit = 10n ** BigInt(exact.toString().length - 1);
  return ((exact + unit - 1n) / unit) * unit;
}

/** A channel as the chain has it. */
export type OnChain = {
  readonly reserved: bigint;
  readonly claimed: bigint;
  readonly generation: number;
  readonly closeAt: number;
};

/** One channel of the account as funding sees it. */
export function fundableChannel(
  channel: PaymentChannel,
  onChain: OnChain,
  around: {
    readonly account: PaymentAccount;
    readonly leases: readonly GPULease[];
    readonly stopSeconds: number;
    readonly decimals: number;
  },
): FundableChannel {
  const { spec, metadata } = channel;
  const { voucher } = spec;
  const accepted = acceptedAmounts([channel]);
  const active = around.leases.filter(
    (lease) =>
      lease.spec.channelName === metadata.name &&
      lease.metadata.namespace === metadata.namespace &&
      leaseIsActive(lease),
  );
  const warm = around.account.spec.warmChannels?.find(
    ({ providerName }) => providerName === spec.providerName,
  );
  return {
    name: metadata.name,
    reserved: onChain.reserved,
    claimed: onChain.claimed,
    voucher: voucher?.generation === onChain.generation ? BigInt(voucher.cumulative) : 0n,
    exposure: active.reduce(
      (sum, lease) => sum + exposureOf(lease, restOf(lease, accepted), around.stopSeconds),
      0n,
    ),
    warm: warm === undefined ? 0n : parseTokenAmount(warm.amount, around.decimals),
    open: onChain.closeAt === 0 && onChain.generation === spec.generation,
  };
}

function exposureOf({ spec }: GPULease, left: bigint, stopSeconds: number): bigint {
  const { gpuCount, intervalSeconds, graceSeconds } = spec.terms;
  const pricePerGpuHour = BigInt(spec.terms.pricePerGpuHour);
  const seconds = { intervalSeconds, graceSeconds, stopSeconds };
  return leaseExposure({ gpuCount, pricePerGpuHour, left, ...seconds });
}

/** What vouchers have been signed for, by lease id. */
function acceptedAmounts(channels: readonly PaymentChannel[]): ReadonlyMap<string, bigint> {
  return new Map(
    channels.flatMap(({ spec }) =>
      (spec.accepted?.rows ?? []).map(({ leaseId, amount }) => [leaseId, BigInt(amount)] as const),
    ),
  );
}

/** What a lease may cost beyond what was accepted of it. */
function restOf({ spec, status }: GPULease, accepted: ReadonlyMap<string, bigint>): bigint {
  const rest = BigInt(spec.terms.maxAmount) - (accepted.get(status?.leaseId ?? '') ?? 0n);
  return rest > 0n ? rest : 0n;
}

/** What active leases may still cost (without an end: in the next hour), and what they cost in an hour. */
export function commitments(
  leases: readonly GPULease[],
  channels: readonly PaymentChannel[],
): Pick<AccountFacts, 'committed' | 'costPerHour' | 'claims'> {
  const accepted = acceptedAmounts(channels);
  let committed = 0n;
  const claims = leases.filter(leaseIsActive).map((lease): Claim => {
    const { pricePerGpuHour, gpuCount } = lease.spec.terms;
    const rest = restOf(lease, accepted);
    committed += plannedRest(lease.spec.terms, rest);
    return { rest, perHour: BigInt(pricePerGpuHour) * BigInt(gpuCount) };
  });
  return { committed, costPerHour: sumOf(claims.map(({ perHour }) => perHour)), claims };
}
