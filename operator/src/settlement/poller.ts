import { delay } from '@gridlease/kube/abort';
import { describeError } from '@gridlease/kube/errors';
import type { Context } from './deps.ts';

/** A chain that failed to answer so often is told to be silent. */
const SILENT_AFTER = 3;

/**
 * Calls `onBlock` with the name of a chain whenever it has a new block, and `onSilence` when it stops
 * answering or begins again. Asking is the only way that every RPC supports; a chain that doesn't
 * answer is asked again, with growing pauses.
 */
export async function pollChains(
  context: Context,
  listeners: {
    readonly onBlock: (chainName: string) => void;
    readonly onSilence: (chainName: string) => void;
  },
  signal: AbortSignal,
): Promise<void> {
  const { informers, chains, metrics, log, pollMs = 1_000 } = context;
  const latest = new Map<string, bigint>();
  const silentUntilMs = new Map<string, { readonly untilMs: number; readonly failures: number }>();

  async function ask(name: string): Promise<void> {
    const client = chains.chainFor(name);
    const silent = silentUntilMs.get(name);
    if (client === undefined || (silent?.untilMs ?? 0) > context.clock.monotonicMs()) return;
    try {
      const block = await client.blockNumber('latest', signal);
      silentUntilMs.delete(name);
      if ((silent?.failures ?? 0) >= SILENT_AFTER) listeners.onSilence(name);
      if (latest.get(name) === block) return;
      latest.set(name, block);
      metrics.latestBlock.set({ chain: name }, Number(block));
      listeners.onBlock(name);
    } catch (error) {
      if (signal.aborted) return;
      const failures = (silent?.failures ?? 0) + 1;
      const pauseMs = Math.min(10_000, pollMs * 2 ** failures);
      silentUntilMs.set(name, { untilMs: context.clock.monotonicMs() + pauseMs, failures });
      metrics.requestErrors.inc({ chain: name });
      if (failures === SILENT_AFTER) listeners.onSilence(name);
      if (failures === 1) log.warn({ chain: name }, describeError(error));
    }
  }

  while (!signal.aborted) {
    await Promise.all(informers.chains.list().map(({ metadata }) => ask(metadata.name)));
    await delay(pollMs, signal).catch(() => undefined);
  }
}
