/** Wall time for what people read, monotonic time for everything that is measured or waited for. */
export type Clock = {
  now(): Date;
  /** Milliseconds from an arbitrary origin; never goes back, whatever happens to the wall clock. */
  monotonicMs(): number;
};

/** Calls back once after `ms` milliseconds; the returned function cancels it. */
export type Timers = { after(ms: number, callback: () => void): () => void };

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};

// setTimeout fires at once for more than 2^31 − 1 ms; waiting longer is done in pieces.
const longestTimeoutMs = 2 ** 31 - 1;

export const systemTimers: Timers = {
  after(ms, callback) {
    let timer: ReturnType<typeof setTimeout>;
    const arm = (left: number): void => {
      timer = setTimeout(
        () => (left > longestTimeoutMs ? arm(left - longestTimeoutMs) : callback()),
        // Less than zero is a moment that has passed meanwhile; Node would warn about it.
        Math.min(Math.max(0, left), longestTimeoutMs),
      );
    };
    arm(ms);
    return () => clearTimeout(timer);
  },
};
