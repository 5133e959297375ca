import { larger, smaller } from '@gridlease/contracts/bigints';
import { costOfSeconds, MAX_AMOUNT, plannedRest } from '@gridlease/crds/openEnded';
import type { PlacementReason } from '@gridlease/crds/reasons';
import type { Share } from './allocate.ts';
import { dayMs, dearestWindow, hourMs } from './capWindows.ts';
import type { AccountFacts } from './facts.ts';
import { nounOf, type Query } from './query.ts';
import { amountText, counted, priceText } from './text.ts';

/** A share with the most that its lease may cost, in smallest units. */
export type PricedShare = Share & {
  readonly maxAmount: bigint;
  /** What the account must have at hand for it: all of maxAmount, or the next hour without an end. */
  readonly planned: bigint;
};

export type MoneyRefusal = { readonly reason: PlacementReason; readonly message: string };

/** ceil(price × tasks × GPUs × seconds / 3600): what the tasks cost when each takes its full time. */
function fullCost(share: Share, query: Query): bigint {
  const { gpuCount, maxDurationSeconds } = query.job;
  const gpus = BigInt(share.indexes.length) * BigInt(gpuCount);
  return costOfSeconds(share.candidate.price * gpus, maxDurationSeconds);
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
  if (job.maxDurationSeconds === 0) return priceWithoutEnd(shares, query);
  const priced = (share: Share, maxAmount: bigint) => ({ ...share, maxAmount, planned: maxAmount });
  if (job.maxTotal === undefined)
    return shares.map((share) => priced(share, fullCost(share, query)));
  const limit = BigInt(job.maxTotal);
  const spent = BigInt(job.spent);
  const committed = BigInt(job.committed);
  const left = limit - spent - committed;
  const parts = shares.map((share) => {
    const part = (left * BigInt(share.indexes.length)) / BigInt(query.waiting.length);
    return priced(share, smaller(part, fullCost(share, query)));
  });
  if (left > 0n && parts.every(({ maxAmount }) => maxAmount > 0n)) return parts;
  return {
    reason: 'BudgetExceeded',
    message: `budget.maxTotal ${amountText(limit, account)} leaves nothing for ${query.waiting.length} waiting ${nounOf(query)}s: ${amountText(spent, account)} billed, ${amountText(committed, account)} held by active leases; raise budget.maxTotal`,
  };
}

/**
 * Leases that only money ends: each may cost all that the budget leaves, and the hub stops them together
 * before they have cost it. Divided among replicas, the first would hold what a later one needs.
 */
function priceWithoutEnd(
  shares: readonly Share[],
  { job, account }: Query,
): readonly PricedShare[] | MoneyRefusal {
  const limit = job.maxTotal === undefined ? undefined : BigInt(job.maxTotal);
  const cost = BigInt(job.spent) + BigInt(job.committed);
  const maxAmount = limit === undefined ? MAX_AMOUNT : limit - cost;
  const dearest = shares.reduce((most, { candidate }) => larger(most, candidate.price), 0n);
  const hourly = dearest * BigInt(job.gpuCount) * BigInt(job.completions);
  const margin = costOfSeconds(hourly, job.service?.stopMarginSeconds ?? 0);
  if (limit !== undefined && maxAmount <= margin) {
    return {
      reason: 'BudgetExceeded',
      message: `budget.maxTotal ${amountText(limit, account)} leaves too little: ${amountText(cost, account)} billed, and ${counted(job.completions, 'replica')} cost ${amountText(margin, account)} until stopped; raise budget.maxTotal`,
    };
  }
  return shares.map((share) => {
    const { candidate, parallelism } = share;
    const rate = { pricePerGpuHour: candidate.price, gpuCount: parallelism * job.gpuCount };
    return { ...share, maxAmount, planned: plannedRest({ ...rate, maxSeconds: 0 }, maxAmount) };
  });
}

type Cost = {
  /** What must be at hand for the new leases. */
  readonly amount: bigint;
  /** Whether that is only their next hour. */
  readonly isRunway: boolean;
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
  const amount = shares.reduce((sum, { planned }) => sum + planned, 0n);
  return { amount, isRunway: job.maxDurationSeconds === 0, parts };
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
    message: `needs ${amountText(cost.amount, account)}${cost.isRunway ? ' for the first hour' : ''}, tenant ${account.address} has ${amountText(available, account)} available in escrow ${account.escrow} on chain ${account.chainId}: deposit ${amountText(cost.amount - available, account)} more or lower ${cost.isRunway ? 'service.replicas' : 'budget.maxTotal / runtime.maxDurationSeconds'}`,
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
