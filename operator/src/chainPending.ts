import type { Hex } from 'viem';

/** What the chain says about a transaction whose end is not known. */
export type Observed = {
  /** Of any of its tries. */
  readonly receipt: { readonly success: boolean; readonly hash: Hex } | undefined;
  /** Whether a transaction with its nonce was mined. */
  readonly nonceUsed: boolean;
  /** Whether the chain knows the newest try at all. */
  readonly known: boolean;
  /** Milliseconds since it was sent last. */
  readonly ageMs: number;
};

export type NextStep = 'Mined' | 'Replaced' | 'SendAgain' | 'SendDearer' | 'Wait';

/**
 * What to do about it. Sending the same signed bytes again is harmless; a new transaction comes only
 * when the nonce is spent, so that nothing happens twice.
 */
export function resolvePending(observed: Observed, replaceAfterMs: number): NextStep {
  if (observed.receipt !== undefined) return 'Mined';
  if (observed.nonceUsed) return 'Replaced';
  if (!observed.known) return 'SendAgain';
  return observed.ageMs > replaceAfterMs ? 'SendDearer' : 'Wait';
}
