import { type AskChain, type Finality, finalTags } from '@gridlease/contracts/transactionChain';
import { delay } from '@gridlease/kube/abort';
import { createBackoff } from '@gridlease/kube/backoff';
import type { Clock } from '@gridlease/kube/clock';
import { describeError } from '@gridlease/kube/errors';
import type { Logger } from '@gridlease/kube/log';
import type { PublicClient } from 'viem';
import { chainIdCheck } from './chainIdCheck.ts';

/** The newest block and the newest final one, as of one look. */
export type ChainHead = {
  readonly number: bigint;
  readonly hash: `0x${string}`;
  /** Unix seconds of the newest block. */
  readonly timestamp: number;
  readonly finalNumber: bigint;
  /** Monotonic milliseconds of the look. */
  readonly observedMs: number;
};

/** Looks for new blocks: every `pollMs` once started, and whenever a younger view is wanted. */
export function followHead(options: {
  readonly client: PublicClient;
  /** The chain that the blocks must be of. */
  readonly chainId: number;
  readonly finality: Finality;
  readonly pollMs: number;
  readonly ask: AskChain;
  readonly clock: Clock;
  readonly log: Logger;
}) {
  const { client, finality, pollMs, ask, clock, log } = options;
  const checkChainId = chainIdCheck(client, options.chainId, clock);
  const listeners = new Set<(head: ChainHead) => void>();
  let head: ChainHead | undefined;
  let looking: Promise<ChainHead> | undefined;
  let stopped: Promise<void> = Promise.resolve();

  const look = async (): Promise<ChainHead> => {
    const observedMs = clock.monotonicMs();
    const [latest, final] = await Promise.all([
      client.getBlock({ blockTag: 'latest' }),
      finality === 'Latest' ? undefined : client.getBlock({ blockTag: finalTags[finality] }),
      checkChainId(),
    ]);
    const next: ChainHead = {
      number: latest.number,
      hash: latest.hash,
      timestamp: Number(latest.timestamp),
      finalNumber: final?.number ?? latest.number,
      observedMs,
    };
    const isNew = head?.hash !== next.hash || head.finalNumber !== next.finalNumber;
    head = next;
    if (isNew) for (const listener of listeners) listener(next);
    return next;
  };

  const current = (maxAgeMs: number, signal?: AbortSignal): Promise<ChainHead> => {
    if (head !== undefined && clock.monotonicMs() - head.observedMs <= maxAgeMs) {
      return Promise.resolve(head);
    }
    looking ??= look().finally(() => {
      looking = undefined;
    });
    const shared = looking;
    return ask('Looking for the newest block', () => shared, signal);
  };

  const follow = async (signal: AbortSignal): Promise<void> => {
    const backoff = createBackoff({ baseMs: pollMs, maxMs: 30_000, jitter: 0.2 });
    while (!signal.aborted) {
      let pause = pollMs;
      try {
        await current(0, signal);
        backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        pause = backoff.next();
        log.warn({ error: describeError(error) }, 'The chain does not answer');
      }
      await delay(pause, signal).catch(() => undefined);
    }
  };

  return {
    /** A view not older than `maxAgeMs`; one look serves all who want one at the same time. */
    current,
    start: (signal: AbortSignal): void => {
      stopped = follow(signal);
    },
    get stopped() {
      return stopped;
    },
    onBlock: (callback: (head: ChainHead) => void): (() => void) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    ageMs: (): number =>
      head === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - head.observedMs,
  };
}
