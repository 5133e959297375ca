export type BackoffOptions = {
  /** The first pause, in milliseconds. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** Default: 2. */
  readonly factor?: number;
  /** Share of each pause that is random, 0 to 1. Default: 0. */
  readonly jitter?: number;
  /** In [0, 1). Default: Math.random. */
  readonly random?: () => number;
};

/**
 * The pause before try `attempt` (0 is the first retry), in milliseconds. With jitter j the result
 * lies in [(1 − j) × d, d], so it never exceeds `maxMs`.
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const { baseMs, maxMs, factor = 2, jitter = 0, random = Math.random } = options;
  // factor ** attempt overflows to Infinity after about 1000 attempts; min() makes that harmless.
  const full = Math.min(maxMs, baseMs * factor ** attempt);
  return full * (1 - jitter * random());
}

export type Backoff = {
  /** The next pause in milliseconds; each call counts as one more failure. */
  next(): number;
  reset(): void;
  readonly attempts: number;
};

/** `backoffMs` with a memory of how often it failed. */
export function createBackoff(options: BackoffOptions): Backoff {
  let attempts = 0;
  return {
    next: () => backoffMs(attempts++, options),
    reset: () => {
      attempts = 0;
    },
    get attempts() {
      return attempts;
    },
  };
}
