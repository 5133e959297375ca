import { larger, smaller } from '@gridlease/contracts/bigints';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsActive } from '@gridlease/crds/leaseState';
import { plannedRest } from '@gridlease/crds/openEnded';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { dayMs, type Spending } from './capWindows.ts';
import { costReader } from './leaseCost.ts';
import type { Holding } from './ledger.ts';

/** What an account has promised beyond what its status says; smallest units. */
export type AccountMoney = {
  /** Owed by channels beyond what was claimed, and the rest of all active leases. */
  readonly promised: bigint;
  /** What active leases may still cost; of those without an end, in the next hour. */
  readonly rest: bigint;
  /** Of active leases and of those that ended within a day. */
  readonly spending: readonly Spending[];
};

type MoneyInput = {
  readonly holdings: ReadonlyMap<string, Holding>;
  readonly channels: readonly PaymentChannel[];
  /** All leases of the account; only the caps by hour and by day need them. */
  readonly leases: readonly GPULease[];
  readonly nowMs: number;
};

/**
 * Statements are newer than a lease's own status, so what they bill is taken off the rest and counted
 * once, as owed. Nothing is counted as available twice: the pool and the channels are one sum.
 */
export function accountMoney({ holdings, channels, leases, nowMs }: MoneyInput): AccountMoney {
  let owed = 0n;
  const stated = new Map<string, bigint>();
  for (const { metadata, spec, status } of channels) {
    let mostStated = 0n;
    for (const row of status?.rows ?? []) {
      const key = `${metadata.namespace}/${row.leaseName}`;
      // Nobody has looked at it yet: a wrong figure must not block what others could be paid for.
      const amount = smaller(BigInt(row.amount), holdings.get(key)?.maxAmount ?? 0n);
      stated.set(key, amount);
      mostStated += amount;
    }
    const promised = BigInt(spec.voucher?.cumulative ?? 0);
    const claimed = BigInt(status?.statement?.cumulative ?? 0);
    const due = larger(promised, smaller(claimed, promised + mostStated));
    const paid = BigInt(status?.redeemed?.cumulative ?? 0);
    if (due > paid) owed += due - paid;
  }
  let rest = 0n;
  const spending: Spending[] = [];
  for (const [key, { hourly, hasEnd, ...holding }] of holdings) {
    const billed = larger(holding.billed, stated.get(key) ?? 0n);
    const open = larger(holding.maxAmount - billed, 0n);
    const rate = { pricePerGpuHour: hourly, gpuCount: 1, maxSeconds: hasEnd ? 1 : 0 };
    rest += plannedRest(rate, open);
    spending.push({ billed, open, hourly, endedAgoMs: 0 });
  }
  const costOf = costReader(channels);
  for (const lease of leases) {
    if (leaseIsActive(lease)) continue;
    const endedAgoMs = Math.max(0, nowMs - endedMs(lease));
    if (endedAgoMs >= dayMs) continue;
    const { pricePerGpuHour, gpuCount } = lease.spec.terms;
    const hourly = BigInt(pricePerGpuHour) * BigInt(gpuCount);
    spending.push({ billed: costOf(lease), open: 0n, hourly, endedAgoMs });
  }
  return { promised: owed + rest, rest, spending };
}

/** By the lease's own status, but never before it began: a cap must not be got round by a date. */
function endedMs({ metadata, status }: GPULease): number {
  const [created, ended] = [metadata.creationTimestamp, status?.endTime].map(
    (time) => Date.parse(time ?? '') || 0,
  );
  return Math.max(created!, ended!);
}
