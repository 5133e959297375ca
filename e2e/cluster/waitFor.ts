import { setTimeout as delay } from 'node:timers/promises';

export class WaitTimeoutError extends Error {
  constructor(what: string, timeoutMilliseconds: number, cause: unknown) {
    const last = cause instanceof Error ? `; last answer: ${cause.message}` : '';
    super(`${what} did not happen within ${timeoutMilliseconds / 1000} s${last}`, { cause });
    this.name = 'WaitTimeoutError';
  }
}

export type WaitOptions = {
  /** What is waited for, as a subject: "kube-apiserver of hub ready". */
  readonly what: string;
  /** Default 30 000. */
  readonly timeoutMilliseconds?: number;
  /** Default 100. */
  readonly intervalMilliseconds?: number;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Asks until the answer is neither undefined nor false nor an error, and returns it.
 * Throws WaitTimeoutError with the last error as cause; throws the signal's reason as soon as it aborts.
 */
export const waitFor = async <T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions,
): Promise<T> => {
  const timeoutMilliseconds = options.timeoutMilliseconds ?? 30_000;
  const deadline = performance.now() + timeoutMilliseconds;
  let lastError: unknown;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      if (error instanceof GiveUpError) throw error.cause;
      lastError = error;
    }
    if (performance.now() > deadline) {
      throw new WaitTimeoutError(options.what, timeoutMilliseconds, lastError);
    }
    await delay(options.intervalMilliseconds ?? 100, undefined, { signal: options.signal }).catch(
      () => options.signal?.throwIfAborted(),
    );
  }
};

/** Thrown by `ask` when more waiting can't help; waitFor rethrows the cause. */
export class GiveUpError extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = 'GiveUpError';
  }
}
