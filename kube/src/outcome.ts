import { ApiError } from './apiError.ts';
import { GridleaseError, retryOf } from './errors.ts';

/** A reconcile ran past its limit. */
export class ReconcileTimeoutError extends GridleaseError {}

export type RetryCause = 'conflict' | 'timeout' | 'panic' | 'error';

/** What a finished reconcile means for its key. */
export type Outcome =
  | { readonly type: 'done' }
  | { readonly type: 'requeue'; readonly afterMs: number }
  | {
      readonly type: 'retry';
      readonly cause: RetryCause;
      /** Undefined: the queue's growing pause. */
      readonly afterMs: number | undefined;
      readonly error: unknown;
    }
  | { readonly type: 'terminal'; readonly error: unknown };

export function outcomeOfResult(result: { readonly requeueAfterMs: number } | undefined): Outcome {
  return result === undefined
    ? { type: 'done' }
    : { type: 'requeue', afterMs: result.requeueAfterMs };
}

/** Which errors are worth repeating, how soon, and how they are counted. */
export function outcomeOfError(error: unknown): Outcome {
  if (error instanceof ReconcileTimeoutError) {
    return { type: 'retry', cause: 'timeout', afterMs: undefined, error };
  }
  // Somebody else wrote first. That is how optimistic locking works, not a failure.
  if (error instanceof ApiError && error.isConflict) {
    return { type: 'retry', cause: 'conflict', afterMs: undefined, error };
  }
  const retry = retryOf(error);
  if (retry === 'never') return { type: 'terminal', error };
  const cause = isProgrammingError(error) ? 'panic' : 'error';
  const afterMs = retry === 'backoff' ? undefined : retry.afterSeconds * 1000;
  return { type: 'retry', cause, afterMs, error };
}

function isProgrammingError(error: unknown): boolean {
  return (
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
  );
}
