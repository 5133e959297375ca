import type { Hex } from 'viem';

/** A payment of a channel, as its Settled log says. */
export type Payment = {
  readonly generation: number;
  readonly paid: bigint;
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
  readonly logIndex: number;
};

/** Walks back through a channel's payments from a known total. */
export type PaymentSearch = {
  /** What was claimed before the oldest payment seen so far. */
  readonly claimedBefore: bigint;
  readonly found: ReadonlyMap<bigint, Payment>;
  readonly missing: readonly bigint[];
};

/** Begins at a final block where `claimed` was paid; looks for what paid each cumulative. */
export function startSearch(claimed: bigint, cumulatives: readonly bigint[]): PaymentSearch {
  return {
    claimedBefore: claimed,
    found: new Map(),
    missing: [...new Set(cumulatives)].filter((cumulative) => cumulative <= claimed),
  };
}

/**
 * Takes in the payments of the range of blocks before those seen so far. Logs say what was paid, not the
 * total; the total is known at the end, so each payment covers `(total before, total after]`.
 */
export function searchFurther(
  search: PaymentSearch,
  payments: readonly Payment[],
  generation: number,
): PaymentSearch {
  const found = new Map(search.found);
  let missing = search.missing;
  let after = search.claimedBefore;
  const newestFirst = payments
    .filter((payment) => payment.generation === generation)
    .sort((a, b) => (isLater(a, b) ? -1 : 1));
  for (const payment of newestFirst) {
    const before = after - payment.paid;
    const covered = missing.filter((cumulative) => cumulative > before && cumulative <= after);
    for (const cumulative of covered) found.set(cumulative, payment);
    missing = missing.filter((cumulative) => !covered.includes(cumulative));
    after = before;
  }
  return { claimedBefore: after, found, missing };
}

function isLater(a: Payment, b: Payment): boolean {
  return a.blockNumber === b.blockNumber ? a.logIndex > b.logIndex : a.blockNumber > b.blockNumber;
}
