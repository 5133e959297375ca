import { larger } from '@gridlease/contracts/bigints';
import type { PlacementReason } from '@gridlease/crds/reasons';
import type { Share } from './allocate.ts';
import { dayMs, dearestWindow, hourMs } from './capWindows.ts';
import type { AccountFacts } from './facts.ts';
import type { Query } from './query.ts';
import { amountText, priceText } from './text.ts';

const secondsPerHour = 3_600n;

/** A share with the most that its lease may cost, in smallest units. */
export type PricedShare = Share & { readonly maxAmount: bigint };

export type MoneyRefusal = { readonly reason: PlacementReason; readonly message: string };

/** ceil(price × tasks × GPUs × seconds / 3600): what the tasks cost when each takes its full time. */
export function fullCost(share: Share, query: Query): bigint {
  const { gpuCount, maxDurationSeconds } = query.job;
  const gpuSeconds = BigInt(share.indexes.length) * BigInt(gpuCount) * BigInt(maxDurationSeconds);
  return (share.candidate.price * gpuSeconds + secondsPerHour - 1n) / secondsPerHour;
}

/**
 * Fixes what each lease may cost at most. What budget.maxTotal leaves is divided by the number of
 * tasks still to be placed: the part that starts first can't use up the part that waits.
 */
export function priceShares(
  shares: readonly Share[],
  query: Query,
): readonly PricedShare[] | MoneyRefusal {
  const { job, account } = query;
  if (job.maxTotal === undefined) {
    return shares.map((share) => ({ ...share, maxAmount: fullCost(share, query) }));
  }
  const limit = BigInt(job.maxTotal);
  const spent = BigInt(job.spent);
  const committed = BigInt(job.committed);
  const left = limit - spent - committed;
  const priced = shares.map((share) => {
    const part = (left * BigInt(share.indexes.length)) / BigInt(query.waiting.length);
    const full = fullCost(share, query);
    return { ...share, maxAmount: part < full ? part : full };
  });
  if (left > 0n && priced.every(({ maxAmount }) => maxAmount > 0n)) return priced;
  return {
    reason: 'BudgetExceeded',
    message: `budget.maxTotal ${amountText(limit, account)} leaves nothing for ${query.waiting.length} waiting tasks: ${amountText(spent, account)} billed, ${amountText(committed, account)} held by active leases; raise budget.maxTotal`,
  };
}

type Cost = {
  /** Most that the new leases may cost. */
  readonly amount: bigint;
  /** Of each. */
  readonly parts: readonly { readonly open: bigint; readonly hourly: bigint }[];
};

/** One refusal by the account; in order, the first one counts. */
type MoneyFilter = (cost: Cost, account: AccountFacts) => MoneyRefusal | undefined;

const moneyFilters: readonly MoneyFilter[] = [
  capRefusal,
  escrowRefusal,
  (_cost, account) => notReadyFor('DelegateNotAuthorized', account),
  delegateLimitRefusal,
  (_cost, account) => notReadyFor('DelegateGasTooLow', account),
];

/** Whether the account can pay for all of them at their highest cost; undefined when it can. */
export function accountRefusal(
  shares: readonly PricedShare[],
  query: Query,
): MoneyRefusal | undefined {
  const cost = costOf(shares, query);
  for (const filter of moneyFilters) {
    const refusal = filter(cost, query.account);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function costOf(shares: readonly PricedShare[], { job }: Query): Cost {
  const parts = shares.map(({ candidate, parallelism, maxAmount }) => ({
    open: maxAmount,
    hourly: candidate.price * BigInt(parallelism) * BigInt(job.gpuCount),
  }));
  return { amount: parts.reduce((sum, { open }) => sum + open, 0n), parts };
}

function capRefusal(cost: Cost, account: AccountFacts): MoneyRefusal | undefined {
  const { caps, hours, days, total } = account;
  const checks = [
    { name: 'perHour', cap: caps.perHour, ...dearestWindow(hours, cost.parts, hourMs) },
    { name: 'perDay', cap: caps.perDay, ...dearestWindow(days, cost.parts, dayMs) },
    { name: 'total', cap: caps.total, has: BigInt(total), more: cost.amount },
  ];
  for (const { name, cap, has, more } of checks) {
    if (cap === undefined || has + more <= BigInt(cap)) continue;
    const remedy =
      has === 0n ? 'raise the cap, or let the job cost less' : 'wait, or raise the cap';
    return {
      reason: 'AccountCapExceeded',
      message: `needs ${amountText(more, account)}, caps.${name} of account ${account.name} is ${amountText(BigInt(cap), account)} and ${amountText(has, account)} of it is taken: ${remedy}`,
    };
  }
  return undefined;
}

function escrowRefusal(cost: Cost, account: AccountFacts): MoneyRefusal | undefined {
  const available = larger(
    0n,
    BigInt(account.free) + BigInt(account.reserved) - BigInt(account.promised),
  );
  if (cost.amount <= available) return undefined;
  return {
    reason: 'EscrowTooSmall',
    message: `needs ${amountText(cost.amount, account)}, tenant ${account.address} has ${amountText(available, account)} available in escrow ${account.escrow} on chain ${account.chainId}: deposit ${amountText(cost.amount - available, account)} more or lower budget.maxTotal / runtime.maxDurationSeconds`,
  };
}

function delegateLimitRefusal(cost: Cost, account: AccountFacts): MoneyRefusal | undefined {
  const free = BigInt(account.free);
  const left = BigInt(account.delegateLeft);
  const reachable = left < free ? left : free;
  const available = larger(0n, reachable + BigInt(account.reserved) - BigInt(account.promised));
  if (cost.amount <= available) return undefined;
  return {
    reason: 'DelegateLimitTooSmall',
    message: `needs ${amountText(cost.amount, account)}, delegate ${account.delegate} may move ${amountText(left, account)} more: raise its limit by ${amountText(cost.amount - available, account)} with authorize() on escrow ${account.escrow}`,
  };
}

function notReadyFor(reason: PlacementReason, account: AccountFacts): MoneyRefusal | undefined {
  if (account.notReadyReason !== reason) return undefined;
  return { reason, message: account.notReadyMessage ?? `account ${account.name} is not ready` };
}

/** "2.10 tUSD per GPU-hour", for messages about a winner. */
export function askText(price: bigint, account: AccountFacts): string {
  return `${priceText(price, account)} per GPU-hour`;
}
