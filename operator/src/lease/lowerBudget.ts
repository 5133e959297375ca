import { parseTokenAmount } from '@gridlease/contracts/amount';
import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsActive } from '@gridlease/crds/leaseState';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { usageOf } from './usage.ts';

type Input = {
  readonly job: GPUJob;
  readonly leases: readonly GPULease[];
  readonly channelOf: (lease: GPULease) => PaymentChannel | undefined;
  readonly decimals: number;
  readonly nowMs: number;
};

const hourMs = 3_600_000n;
const shortestReviewMs = 1_000;

/**
 * Terms are signed for good, so a budget.maxTotal that was lowered since can't shrink them: the hub
 * stops the leases once they have cost it. Undefined while the signed maxima keep within the budget by
 * themselves, which is always so when it was not lowered.
 */
export function lowerBudget(
  input: Input,
): { readonly isSpent: boolean; readonly reviewAtMs?: number } | undefined {
  const { maxTotal } = input.job.spec.budget;
  if (maxTotal === undefined) return undefined;
  const limit = parseTokenAmount(maxTotal, input.decimals);
  let spent = 0n;
  let promised = 0n;
  let hourly = 0n;
  for (const lease of input.leases) {
    const { amount } = usageOf(lease, input.channelOf(lease));
    const { maxAmount, pricePerGpuHour, gpuCount } = lease.spec.terms;
    spent += amount;
    promised += leaseIsActive(lease) ? BigInt(maxAmount) : amount;
    if (leaseIsActive(lease)) hourly += BigInt(pricePerGpuHour) * BigInt(gpuCount);
  }
  if (promised <= limit || hourly === 0n) return undefined;
  if (spent >= limit) return { isSpent: true };
  const leftMs = Number(((limit - spent) * hourMs) / hourly);
  return { isSpent: false, reviewAtMs: input.nowMs + Math.max(shortestReviewMs, leftMs) };
}
