export type Percentiles = {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
};

/** By nearest rank: the smallest value that at least that share of all values don't exceed. Rounded to 1. */
export function percentiles(values: readonly number[]): Percentiles {
  if (values.length === 0) throw new Error('there is nothing to take percentiles of');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (percent: number) =>
    Math.round(sorted[Math.ceil((percent / 100) * sorted.length) - 1]!);
  return { p50: at(50), p95: at(95), p99: at(99), max: at(100) };
}
