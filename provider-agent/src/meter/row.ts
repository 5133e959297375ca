import { amountFor } from '@gridlease/contracts/amount';
import type { UsageRow } from '@gridlease/contracts/usageRow';
import type { Hex } from 'viem';
import { billedTimes, gpuMilliseconds, rootOf } from './billed.ts';
import type { ContainerRun } from './segment.ts';

/** A row with the name that people know its lease by. */
export type NamedRow = UsageRow & { readonly leaseName: string };

/** What of a lease's terms decides its row. */
export type MeteredLease = {
  readonly leaseUid: string;
  /** Name of the GPULease. */
  readonly leaseName: string;
  /** Digest of the terms. */
  readonly leaseId: Hex;
  readonly gpuCount: number;
  /** Token smallest units for one GPU for one hour. */
  readonly pricePerGpuHour: bigint;
  /** Token smallest units. */
  readonly maxAmount: bigint;
  /** Unix milliseconds. */
  readonly acceptedMs: bigint;
};

/** What was delivered to a lease until now. */
export type LeaseUsage = {
  readonly gpuMs: bigint;
  /** Token smallest units, never above the lease's maximum. */
  readonly amount: bigint;
  /** Unix milliseconds of the first and the last billed moment; undefined when nothing was billed. */
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
};

/** What so much time costs under a lease's terms, token smallest units. */
export function costOf(lease: MeteredLease, gpuMs: bigint): bigint {
  const due = amountFor(lease.pricePerGpuHour, gpuMs);
  if (due > lease.maxAmount) return lease.maxAmount;
  return due;
}

/** Adds up a lease. Both figures are cumulative: they are never the sum of rounded parts. */
export function leaseUsage(lease: MeteredLease, runs: readonly ContainerRun[]): LeaseUsage {
  const times = billedTimes(runs);
  const gpuMs = gpuMilliseconds(times, lease.gpuCount);
  return {
    gpuMs,
    amount: costOf(lease, gpuMs),
    startMs: times[0]?.startMs,
    endMs: times.reduce<number | undefined>(
      (latest, { endMs }) => Math.max(latest ?? endMs, endMs),
      undefined,
    ),
  };
}

/** The row that states a lease's usage. `last` says that nothing will be added. */
export function usageRow(
  lease: MeteredLease,
  runs: readonly ContainerRun[],
  last: boolean,
): NamedRow {
  const { gpuMs, amount, startMs, endMs } = leaseUsage(lease, runs);
  return {
    leaseId: lease.leaseId,
    leaseName: lease.leaseName,
    fromMs: startMs === undefined ? lease.acceptedMs : BigInt(startMs),
    toMs: endMs === undefined ? lease.acceptedMs : BigInt(endMs),
    gpuMs,
    amount,
    credit: 0n,
    segmentsRoot: rootOf(lease.leaseId, runs),
    last,
  };
}
