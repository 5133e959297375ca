import { delay } from '@gridlease/kube/abort';
import { describeError } from '@gridlease/kube/errors';
import type { Context, SettlementClient } from './deps.ts';
import { type Head, judgeHead, type KnownBlocks, remember } from './heads.ts';

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
  const latest = new Map<string, string>();
  const known = new Map<string, KnownBlocks>();
  const begun = new Set<string>();
  const silentUntilMs = new Map<string, { readonly untilMs: number; readonly failures: number }>();

  async function noteHead(name: string, client: SettlementClient, head: Head): Promise<void> {
    const before: KnownBlocks = known.get(name) ?? new Map();
    let verdict = judgeHead(before, head);
    if (typeof verdict === 'object') {
      const hash = await client.blockHash(verdict.ask, signal);
      verdict = hash === undefined || hash === verdict.hash ? 'continues' : 'reorganised';
    }
    known.set(name, remember(before, head, verdict === 'reorganised'));
    metrics.reorganisations.inc({ chain: name }, verdict === 'reorganised' ? 1 : 0);
    metrics.latestBlock.set({ chain: name }, Number(head.number));
    metrics.headTimestamp.set({ chain: name }, head.timestamp);
    if (verdict === 'reorganised')
      log.warn({ chain: name, block: String(head.number) }, 'Reorganised');
  }

  /** A chain that never answered has no block to be old: its silence counts from the first question. */
  function noteBegin(name: string): void {
    if (begun.has(name)) return;
    begun.add(name);
    metrics.headTimestamp.set({ chain: name }, Math.floor(context.clock.now().getTime() / 1_000));
  }

  async function ask(name: string): Promise<void> {
    noteBegin(name);
    const client = chains.chainFor(name);
    const silent = silentUntilMs.get(name);
    if (client === undefined || (silent?.untilMs ?? 0) > context.clock.monotonicMs()) return;
    try {
      const head = await client.head(signal);
      silentUntilMs.delete(name);
      if ((silent?.failures ?? 0) >= SILENT_AFTER) listeners.onSilence(name);
      if (latest.get(name) === head.hash) return;
      await noteHead(name, client, head);
      latest.set(name, head.hash);
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
    const names = informers.chains.list().map(({ metadata }) => metadata.name);
    for (const name of begun) if (!names.includes(name)) begun.delete(name);
    await Promise.all(names.map(ask));
    await delay(pollMs, signal).catch(() => undefined);
  }
}
