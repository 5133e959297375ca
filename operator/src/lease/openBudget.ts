import { parseTokenAmount } from '@gridlease/contracts/amount';
import { larger } from '@gridlease/contracts/bigints';
import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsActive } from '@gridlease/crds/leaseState';
import { costOfSeconds, isOpenEnded, stopMarginSeconds } from '@gridlease/crds/openEnded';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { usageOf } from './usage.ts';

type ChannelOf = (lease: GPULease) => PaymentChannel | undefined;

type BudgetInput = {
  readonly job: GPUJob;
  readonly leases: readonly GPULease[];
  readonly channelOf: ChannelOf;
  readonly decimals: number;
  readonly nowMs: number;
};

const hourMs = 3_600_000n;
const shortestReviewMs = 1_000;

/**
 * When a service without an end has used up budget.maxTotal. Each of its leases may cost all of it, so
 * the hub stops them together, as much earlier as they go on costing until they are stopped. The margin
 * is that of all replicas at the dearest price: it stays while one after the other ends, so the answer
 * never turns back. Undefined without a budget.
 */
export function openBudget(
  input: BudgetInput,
): { readonly isSpent: boolean; readonly reviewAtMs?: number } | undefined {
  const { job, leases } = input;
  const { maxTotal } = job.spec.budget;
  if (maxTotal === undefined || leases.length === 0) return undefined;
  let spent = 0n;
  let dearest = 0n;
  let hourly = 0n;
  let intervalSeconds = 0;
  for (const lease of leases) {
    const { terms } = lease.spec;
    spent += usageOf(lease, input.channelOf(lease)).amount;
    dearest = larger(dearest, hourlyOf(lease));
    if (leaseIsActive(lease)) hourly += hourlyOf(lease);
    intervalSeconds = Math.max(intervalSeconds, terms.intervalSeconds);
  }
  const replicas = BigInt(job.spec.service?.replicas ?? 0);
  const margin = costOfSeconds(dearest * replicas, stopMarginSeconds(job.spec, intervalSeconds));
  const left = parseTokenAmount(maxTotal, input.decimals) - margin - spent;
  if (left <= 0n) return { isSpent: true };
  if (hourly === 0n) return { isSpent: false };
  const leftMs = Number((left * hourMs) / hourly);
  return { isSpent: false, reviewAtMs: input.nowMs + Math.max(shortestReviewMs, leftMs) };
}

type CapInput = {
  readonly job: GPUJob;
  readonly account: PaymentAccount | undefined;
  /** All of the account. */
  readonly leases: readonly GPULease[];
  readonly channelOf: ChannelOf;
  readonly decimals: number;
};

/**
 * Whether the account has no more of caps.total to give than what runs already takes. Leases with an end
 * were held against the cap in full when they were placed; those without must stop before it.
 */
export function capIsReached({ job, account, leases, ...input }: CapInput): boolean {
  const cap = account?.spec.caps?.total;
  if (cap === undefined || !isOpenEnded(job.spec)) return false;
  let promised = parseTokenAmount(account?.status?.spent ?? '0', input.decimals);
  for (const lease of leases.filter(leaseIsActive)) {
    const { terms } = lease.spec;
    const left = BigInt(terms.maxAmount) - usageOf(lease, input.channelOf(lease)).amount;
    const margin = stopMarginSeconds(job.spec, terms.intervalSeconds);
    promised += terms.maxSeconds > 0 ? larger(0n, left) : costOfSeconds(hourlyOf(lease), margin);
  }
  return promised >= parseTokenAmount(cap, input.decimals);
}

function hourlyOf({ spec }: GPULease): bigint {
  return BigInt(spec.terms.pricePerGpuHour) * BigInt(spec.terms.gpuCount);
}
