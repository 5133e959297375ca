import { systemTimers } from './clock.ts';
import { GridleaseError } from './errors.ts';

export class TimeoutError extends GridleaseError {}

export type LinkedAbort = Disposable & {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
};

/**
 * A signal that aborts with any parent, or after `timeoutMs`. Dispose it when the work is over:
 * `AbortSignal.any` on a parent that lives as long as the process would keep a record per call.
 */
export function linkedAbort(
  parents: readonly (AbortSignal | undefined)[],
  timeoutMs?: number,
  what = 'the operation',
): LinkedAbort {
  const controller = new AbortController();
  const releases: (() => void)[] = [];
  for (const parent of parents) {
    if (parent === undefined) continue;
    if (parent.aborted) {
      controller.abort(parent.reason);
      break;
    }
    const follow = (): void => controller.abort(parent.reason);
    parent.addEventListener('abort', follow, { once: true });
    releases.push(() => parent.removeEventListener('abort', follow));
  }
  if (timeoutMs !== undefined && !controller.signal.aborted) {
    const timer = setTimeout(
      () => controller.abort(new TimeoutError(`${what} took longer than ${timeoutMs} ms`)),
      timeoutMs,
    );
    releases.push(() => clearTimeout(timer));
  }
  const dispose = (): void => {
    for (const release of releases.splice(0)) release();
  };
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: dispose,
  };
}

/** Resolves after `ms` milliseconds, rejects with the signal's reason when it aborts first. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = systemTimers.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Settles with the promise, or rejects when the signal aborts. The promise itself goes on: only use
 * it where the work behind it ends by itself or is shared.
 */
export function abortable<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
