import { amountFor } from '@gridlease/contracts/amount';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsLost } from '@gridlease/crds/leaseState';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';

/** What a lease has cost so far: smallest units, GPU-milliseconds. */
export type Usage = { readonly gpuMs: bigint; readonly amount: bigint };

/**
 * The newest figure of three: the agent's status, the row of its last statement, and what was paid.
 * All are cumulative, so the largest is the newest.
 */
export function usageOf(lease: GPULease, channel: PaymentChannel | undefined): Usage {
  const { metadata, spec, status } = lease;
  if (leaseIsLost(lease)) return usageOfLost(lease, channel);
  const row = channel?.status?.rows?.find(({ leaseName }) => leaseName === metadata.name);
  const final = channel?.spec.finals.find(({ leaseName }) => leaseName === metadata.name);
  const stated = BigInt(status?.gpuMilliseconds ?? 0);
  const due = amountFor(BigInt(spec.terms.pricePerGpuHour), stated);
  const most = BigInt(spec.terms.maxAmount);
  const candidates: Usage[] = [{ gpuMs: stated, amount: due < most ? due : most }];
  for (const one of [row, final]) {
    if (one !== undefined)
      candidates.push({ gpuMs: BigInt(one.gpuMs), amount: BigInt(one.amount) });
  }
  if (status?.settlement !== undefined) {
    const { gpuMilliseconds, amount } = status.settlement;
    return { gpuMs: BigInt(gpuMilliseconds), amount: BigInt(amount) };
  }
  return candidates.reduce((newest, one) => (one.gpuMs > newest.gpuMs ? one : newest));
}

/** What was accepted before it was given up: later figures of its provider are not paid. */
function usageOfLost({ metadata, status }: GPULease, channel: PaymentChannel | undefined): Usage {
  const { settlement } = status ?? {};
  if (settlement !== undefined) {
    return { gpuMs: BigInt(settlement.gpuMilliseconds), amount: BigInt(settlement.amount) };
  }
  const row =
    channel?.spec.finals.find(({ leaseName }) => leaseName === metadata.name) ??
    channel?.spec.accepted?.rows.find(({ leaseId }) => leaseId === status?.leaseId);
  return { gpuMs: BigInt(row?.gpuMs ?? 0), amount: BigInt(row?.amount ?? 0) };
}

/**
 * Whether nothing of the lease can still be lost on the provider's side: the voucher that covers its
 * last row is stored, or there is nothing to pay, or the hub has answered that it won't. A lost lease
 * is paid what was accepted before, for which the voucher is there.
 */
export function isPaidFor(lease: GPULease, channel: PaymentChannel | undefined): boolean {
  const { metadata, status } = lease;
  if (status?.acceptance === undefined || leaseIsLost(lease)) return true;
  if (status.conditions?.some(({ type, status: is }) => type === 'Settled' && is === 'True')) {
    return true;
  }
  if (channel === undefined) return usageOf(lease, undefined).gpuMs === 0n;
  if (channel.spec.finals.some(({ leaseName }) => leaseName === metadata.name)) return true;
  if (usageOf(lease, channel).gpuMs === 0n) return true;
  const row = channel.status?.rows?.find(({ leaseName }) => leaseName === metadata.name);
  const refused = channel.spec.reply?.refusals.some(({ leaseId }) => leaseId === status.leaseId);
  return row?.last === true && refused === true;
}
