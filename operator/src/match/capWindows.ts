export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** A window is looked at in so many steps: an hour to the minute. */
const windowSteps = 60;
const steps = Array.from({ length: windowSteps + 1 }, (_, step) => step);

/** What one lease has cost and may cost still, in smallest units. */
export type Spending = {
  readonly billed: bigint;
  /** 0 once it has ended. */
  readonly open: bigint;
  /** Price × GPUs. */
  readonly hourly: bigint;
  /** Milliseconds since its end; 0 while it is active. */
  readonly endedAgoMs: number;
};

/**
 * What the windows that end 0, 1, … windowSteps steps from now may cost at most. A lease costs no more
 * than its rate allows in the time that it shares with the window, nor more than it has billed, or has
 * left: a short job weighs little against an hour, and several in a row don't hide each other.
 */
export function windowCosts(leases: readonly Spending[], windowMs: number): readonly bigint[] {
  return steps.map((step) => {
    const ahead = (windowMs * step) / windowSteps;
    return leases.reduce((total, lease) => {
      const past = costWithin(lease.billed, lease.hourly, windowMs - ahead - lease.endedAgoMs);
      return total + past + costWithin(lease.open, lease.hourly, ahead);
    }, 0n);
  });
}

/** The window that comes out dearest with this lease added. */
export function dearestWindow(
  costs: readonly string[],
  added: readonly Pick<Spending, 'open' | 'hourly'>[],
  windowMs: number,
): { readonly has: bigint; readonly more: bigint } {
  let dearest = { has: 0n, more: 0n };
  for (const step of steps) {
    const has = BigInt(costs[step] ?? 0);
    const ahead = (windowMs * step) / windowSteps;
    const more = added.reduce((sum, { open, hourly }) => sum + costWithin(open, hourly, ahead), 0n);
    // The last of equals: what is needed in the end says more than what is needed at once.
    if (has + more >= dearest.has + dearest.more) dearest = { has, more };
  }
  return dearest;
}

function costWithin(most: bigint, hourly: bigint, ms: number): bigint {
  if (ms <= 0) return 0n;
  // Rounded down, as bills are: two halves of an hour are never more than its price.
  const byRate = (hourly * BigInt(Math.floor(ms))) / BigInt(hourMs);
  return byRate < most ? byRate : most;
}
