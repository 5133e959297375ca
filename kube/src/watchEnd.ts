import { TimeoutError } from './abort.ts';
import { ApiError, ConnectionError } from './apiError.ts';
import { describeError, GridleaseError } from './errors.ts';
import { SilentWatchError } from './watchStream.ts';

export const watchEnds = [
  'clean',
  'empty',
  'cut',
  'silent',
  'expired',
  'error',
  'unreachable',
] as const;
export type WatchEnd = (typeof watchEnds)[number];

/** An ERROR event inside a watch. */
export class WatchRefusedError extends GridleaseError {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export type WatchRun = { openedAt: number | undefined; delivered: number };

export type EndOfWatch = {
  readonly reason: WatchEnd;
  readonly relist: boolean;
  readonly message?: string;
  /** The server asked for at least this pause. */
  readonly afterMs?: number;
};

// Some servers close a watch they can't serve at once and without saying 410.
const shortestHonestWatchMs = 1_000;

/** What an orderly end means. */
export function endOfClosedWatch(run: WatchRun, nowMs = performance.now()): EndOfWatch {
  const isShort = run.openedAt === undefined || nowMs - run.openedAt < shortestHonestWatchMs;
  return run.delivered === 0 && isShort
    ? { reason: 'empty', relist: true, message: 'The watch was closed at once' }
    : { reason: 'clean', relist: false };
}

/** What a failure means, and whether the last position can still be trusted. */
export function endOfFailedWatch(error: unknown, run: WatchRun): EndOfWatch {
  const message = describeError(error);
  if (error instanceof ApiError) {
    if (error.isGone) return { reason: 'expired', relist: true, message };
    // The server is busy or doubts who we are: that says nothing about our position.
    const keepsPosition = error.status === 401 || error.status === 429 || error.status >= 500;
    const afterMs = (error.retryAfterSeconds ?? 0) * 1000;
    return { reason: 'error', relist: !keepsPosition, message, afterMs };
  }
  if (error instanceof WatchRefusedError) {
    return { reason: error.code === 410 ? 'expired' : 'error', relist: true, message };
  }
  const relist = run.delivered === 0;
  if (error instanceof SilentWatchError) return { reason: 'silent', relist, message };
  if (error instanceof ConnectionError || error instanceof TimeoutError) {
    return run.openedAt === undefined
      ? { reason: 'unreachable', relist: false, message }
      : { reason: 'cut', relist, message };
  }
  return { reason: 'error', relist: true, message };
}

/** Asking a server that doesn't answer costs it nothing; one that answers with an error is busy. */
const longestUnreachableMs = 10_000;

/** How long to wait before the next try, where the back-off says `backoffMs`. */
export function pauseAfter({ reason, afterMs = 0 }: EndOfWatch, backoffMs: () => number): number {
  if (reason === 'clean') return 0;
  const pauseMs = backoffMs();
  return reason === 'unreachable'
    ? Math.min(pauseMs, longestUnreachableMs)
    : Math.max(pauseMs, afterMs);
}
