import type { GPUJobSpec } from './gpujob.ts';
import { maxDurationSecondsOf } from './jobDefaults.ts';

/**
 * Money of leases that only money ends: those of a service without runtime.maxDurationSeconds. The most
 * that one may cost is no figure that anybody could deposit, so what must be at hand is the next hour.
 */

/** How far ahead the escrow must cover a lease without an end, in seconds. */
export const RUNWAY_SECONDS = 3_600;

/** terms.maxAmount of a lease that no budget bounds: the largest uint96. */
export const MAX_AMOUNT = 2n ** 96n - 1n;

/** Besides a statement's interval and the tenant's grace: for the orders to arrive and be carried out. */
const ORDER_SECONDS = 10;

type Rate = {
  readonly maxSeconds: number;
  readonly gpuCount: number;
  /** Smallest units. */
  readonly pricePerGpuHour: bigint | string;
};

/** True for a job whose leases only money ends. */
export function isOpenEnded(spec: GPUJobSpec): boolean {
  return spec.service !== undefined && maxDurationSecondsOf(spec) === undefined;
}

/** What a lease may take of the escrow as far as it is planned, of `rest` that it may cost still. */
export function plannedRest({ maxSeconds, ...rate }: Rate, rest: bigint): bigint {
  if (maxSeconds > 0) return rest;
  const runway = costOfSeconds(
    BigInt(rate.pricePerGpuHour) * BigInt(rate.gpuCount),
    RUNWAY_SECONDS,
  );
  return runway < rest ? runway : rest;
}

/** ceil(hourly × seconds / 3600), in the units of `hourly`. */
export function costOfSeconds(hourly: bigint, seconds: number): bigint {
  return (hourly * BigInt(seconds) + 3_599n) / 3_600n;
}

/**
 * How long a lease that is stopped may still cost something that is not stated yet: the hub stops leases
 * without an end that much earlier, so that a limit holds to the last unit.
 */
export function stopMarginSeconds(
  spec: Pick<GPUJobSpec, 'failover'>,
  intervalSeconds: number,
): number {
  return intervalSeconds + spec.failover.graceSeconds + ORDER_SECONDS;
}
