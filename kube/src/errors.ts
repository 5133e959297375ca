/** What the caller should do about an error: retry with growing pauses, never, or after a time. */
export type Retry = 'backoff' | 'never' | { readonly afterSeconds: number };

export type GridleaseErrorOptions = {
  readonly cause?: unknown;
  /** Default: 'backoff'. */
  readonly retry?: Retry;
};

/**
 * The base of every typed error in Gridlease. It says what happened in one sentence and what to do
 * next, so that a controller can decide without knowing the concrete class.
 */
export class GridleaseError extends Error {
  readonly retry: Retry;

  constructor(message: string, options: GridleaseErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = new.target.name;
    this.retry = options.retry ?? 'backoff';
  }

  /** The first error in the chain of causes, this one included, that `predicate` accepts. */
  walk(predicate: (error: unknown) => boolean): unknown {
    let error: unknown = this;
    while (error !== undefined && error !== null) {
      if (predicate(error)) return error;
      error = error instanceof Error ? error.cause : undefined;
    }
    return undefined;
  }
}

/** Nothing changes by trying again: a controller waits for the object to change instead. */
export class TerminalError extends GridleaseError {
  constructor(message: string, options: Omit<GridleaseErrorOptions, 'retry'> = {}) {
    super(message, { ...options, retry: 'never' });
  }
}

/** What to do about any thrown value; an unknown error is retried with growing pauses. */
export function retryOf(error: unknown): Retry {
  return error instanceof GridleaseError ? error.retry : 'backoff';
}

/** One line for a log or a condition from anything that can be thrown, with its first cause. */
export function describeError(error: unknown): string {
  if (error instanceof GridleaseError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const code = (error as { code?: unknown }).code;
  const head = typeof code === 'string' ? `${code}: ${error.message}` : error.message;
  return error.cause instanceof Error ? `${head} (${describeError(error.cause)})` : head;
}
