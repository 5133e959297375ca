import type { Hex } from 'viem';
import type { LookedLease } from './lookedLease.ts';

/** What became of storing the leases of one channel. */
export type Stored = {
  /** Digests of the leases that could not be stored. */
  readonly unstored: ReadonlySet<Hex>;
  /** The first of what went wrong; undefined when nothing did. */
  readonly error: unknown;
};

/**
 * Stores each lease of a channel, whatever became of the others: one record that is refused must not
 * keep the rest of the channel from being stated. Throws only when the signal has ended the attempt.
 */
export async function storeAll(
  looked: readonly LookedLease[],
  store: (lease: LookedLease) => Promise<void>,
  signal: AbortSignal,
): Promise<Stored> {
  const unstored = new Set<Hex>();
  let first: unknown;
  for (const one of looked) {
    try {
      await store(one);
    } catch (error) {
      signal.throwIfAborted();
      first ??= error;
      unstored.add(one.lease.leaseId);
    }
  }
  return { unstored, error: first };
}
