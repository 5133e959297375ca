import { delay } from '@gridlease/kube/abort';
import { describeError, retryOf } from '@gridlease/kube/errors';
import type { Logger } from '@gridlease/kube/log';

/** Repeats what can heal, every two seconds; throws what can't. Returns when the signal aborts. */
export async function untilDone(
  what: string,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  while (!signal.aborted) {
    try {
      return await work(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (retryOf(error) === 'never') throw error;
      log.warn({ error: describeError(error) }, `${what} failed, trying again`);
      await delay(2_000, signal).catch(() => undefined);
    }
  }
}
