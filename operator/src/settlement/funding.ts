import { larger, smaller } from '@gridlease/contracts/bigints';

/** One channel of an account as funding sees it. Amounts in token smallest units, cumulative in its generation. */
export type FundableChannel = {
  readonly name: string;
  readonly reserved: bigint;
  readonly claimed: bigint;
  /** Of the stored voucher; 0n when there is none. */
  readonly voucher: bigint;
  /** Σ `leaseExposure` of its active leases. */
  readonly exposure: bigint;
  /** Least amount to keep unspent in it; 0n when it is not a warm one. */
  readonly warm: bigint;
  /** Whether it is open and in the generation that the object says. */
  readonly open: boolean;
};

export type FundingFacts = {
  readonly free: bigint;
  readonly delegateLimit: bigint;
  readonly delegateSpent: bigint;
  readonly channels: readonly FundableChannel[];
};

export type Funding = { readonly name: string; readonly target: bigint };
export type Shortfall = {
  readonly name: string;
  readonly missing: bigint;
  readonly boundBy: 'Escrow' | 'DelegateLimit';
};
export type FundingDecision = {
  /** Most urgent first. */
  readonly fundings: readonly Funding[];
  /** Channels that can't cover even one interval and grace of their leases. */
  readonly shortfalls: readonly Shortfall[];
};

/** What a channel must hold, should hold, and below what it is refilled; all as `reserved`. */
export function channelTargets(channel: FundableChannel) {
  const { claimed, voucher, exposure, warm } = channel;
  const promised = larger(claimed, voucher);
  const warmTarget = warm === 0n ? 0n : promised + warm;
  return {
    needed: promised + exposure,
    wanted: larger(promised + 2n * exposure, warmTarget),
    // Above 1 ×: a refill takes blocks to be final, and below 1 × agents suspend leases.
    refillBelow: larger(promised + (3n * exposure) / 2n, promised + warm / 2n),
  };
}

/**
 * Which channels to raise, and to what. A target is absolute, so a repeated transaction does nothing.
 * Never more than the pool holds and the delegate may move; the channel that is shortest comes first.
 */
export function decideFunding(facts: FundingFacts): FundingDecision {
  const allowance = larger(0n, facts.delegateLimit - facts.delegateSpent);
  const boundBy = facts.free < allowance ? 'Escrow' : 'DelegateLimit';
  let budget = smaller(facts.free, allowance);
  const fundings: Funding[] = [];
  const shortfalls: Shortfall[] = [];
  const open = facts.channels
    .filter((channel) => channel.open)
    .map((channel) => ({ channel, ...channelTargets(channel) }))
    .sort((a, b) => {
      const [left, right] = [a.needed - a.channel.reserved, b.needed - b.channel.reserved];
      if (left === right) return a.channel.name < b.channel.name ? -1 : 1;
      return left > right ? -1 : 1;
    });
  for (const { channel, needed, wanted, refillBelow } of open) {
    const { name, reserved } = channel;
    if (reserved >= refillBelow) continue;
    const target = smaller(wanted, reserved + budget);
    if (target > reserved) {
      fundings.push({ name, target });
      budget -= target - reserved;
    }
    if (target < needed) shortfalls.push({ name, missing: needed - target, boundBy });
  }
  return Object.freeze({ fundings, shortfalls });
}
