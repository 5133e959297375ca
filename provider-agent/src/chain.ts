import type { ChannelKey } from '@gridlease/contracts/channel';
import { channelKey } from '@gridlease/contracts/channel';
import { type ChannelState, readChannels, readProvider } from '@gridlease/contracts/escrow';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { type ObserveRequest, timedTransport } from '@gridlease/contracts/timedTransport';
import {
  createTransactionSender,
  type TransactionSender,
  type TransactionSenderOptions,
} from '@gridlease/contracts/transactionSender';
import { abortable, delay, linkedAbort } from '@gridlease/kube/abort';
import { createBackoff } from '@gridlease/kube/backoff';
import { withChainSpan } from '@gridlease/kube/chainSpan';
import { type Clock, systemClock } from '@gridlease/kube/clock';
import { describeError, GridleaseError, TerminalError } from '@gridlease/kube/errors';
import { type Logger, silentLogger } from '@gridlease/kube/log';
import {
  type Address,
  BaseError,
  createPublicClient,
  type Hex,
  http,
  isAddressEqual,
  type PublicClient,
} from 'viem';
import { verifyChain } from './chainVerify.ts';

/** The chain did not answer, or not in time. Nothing may be concluded from it but to try again. */
export class ChainUnavailableError extends GridleaseError {}

export type ChainOptions = {
  readonly rpcURL: string;
  readonly chainId: number;
  readonly escrow: Address;
  readonly token: { readonly address: Address; readonly decimals: number };
  /** What counts as final: the chain's own finalized or safe block, or simply the latest. */
  readonly finality: 'Finalized' | 'Safe' | 'Latest';
  /** Longest wait for one answer, in milliseconds. Default: 10,000. */
  readonly requestTimeoutMs?: number;
  /** Pause between two looks for a new block, in milliseconds. Default: 1,000. */
  readonly pollMs?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** Told of each request; for metrics. */
  readonly observe?: ObserveRequest;
};

export type SenderOptions = Pick<
  TransactionSenderOptions,
  'account' | 'store' | 'skippedIn' | 'isNeeded'
>;

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

/** One channel in the newest block and in the newest final one. */
export type ChainChannel = {
  readonly latest: ChannelState;
  readonly final: ChannelState;
  readonly head: ChainHead;
};

export type ChainClient = {
  /** The transactions of one key, kept in the store that is given. */
  sender(options: SenderOptions): TransactionSender;
  /**
   * Compares the chain with the configuration. Throws a TerminalError that says what is configured
   * wrongly, and a ChainUnavailableError when the chain can't be asked.
   */
  verify(signal?: AbortSignal): Promise<void>;
  /** Follows the blocks until the signal aborts. */
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
  /** Calls back after each new block that was seen. */
  onBlock(callback: (head: ChainHead) => void): () => void;
  /** Age of the newest look in milliseconds; Infinity before the first. */
  headAgeMs(): number;
  /** The channels, in the order of the keys, in a view not older than `maxAgeMs`. */
  channels(
    keys: readonly ChannelKey[],
    options: { readonly maxAgeMs: number; readonly signal?: AbortSignal },
  ): Promise<readonly ChainChannel[]>;
  /** Seconds from the request of a close to its effect; the same for the contract's whole life. */
  closeWindowSeconds(signal?: AbortSignal): Promise<number>;
  /** What the provider can withdraw, token smallest units. */
  accrued(provider: Address, signal?: AbortSignal): Promise<bigint>;
  /** The chain's own coin at an address, in wei. */
  coins(address: Address, signal?: AbortSignal): Promise<bigint>;
  /** Wei for one unit of gas. */
  gasPrice(signal?: AbortSignal): Promise<bigint>;
  /** The newest payout of a channel in the last blocks up to `upTo`, by whomever it was sent. */
  lastSettlement(
    key: ChannelKey,
    upTo: bigint,
    signal?: AbortSignal,
  ): Promise<{ readonly transactionHash: Hex; readonly blockNumber: bigint } | undefined>;
};

/** How far back a payout is looked for: what RPC providers answer in one request. */
const searchedBlocks = 5_000n;

const finalTags = { Finalized: 'finalized', Safe: 'safe', Latest: 'latest' } as const;

/** The agent's own view of the chain: its own RPC, its own configuration, nothing from a hub. */
export function connectChain(options: ChainOptions): ChainClient {
  const { requestTimeoutMs = 10_000, pollMs = 1_000, log = silentLogger } = options;
  const clock = options.clock ?? systemClock;
  // A short batch window turns a burst of reads into one request.
  const transport = http(options.rpcURL, { timeout: requestTimeoutMs, retryCount: 1, batch: true });
  const client: PublicClient = createPublicClient({
    transport:
      options.observe === undefined ? transport : timedTransport(transport, options.observe),
    cacheTime: 0,
  });
  const listeners = new Set<(head: ChainHead) => void>();
  const cache = new Map<
    string,
    { readonly block: string; readonly state: Promise<ChainChannel> }
  >();
  let head: ChainHead | undefined;
  let looking: Promise<ChainHead> | undefined;
  let closeWindow: number | undefined;
  let stopped: Promise<void> = Promise.resolve();

  const ask = async <T>(what: string, call: Promise<T>, signal?: AbortSignal): Promise<T> => {
    using limit = linkedAbort([signal], requestTimeoutMs * 3, what);
    try {
      return await withChainSpan(what, options.chainId, () => abortable(call, limit.signal));
    } catch (error) {
      if (signal?.aborted || error instanceof TerminalError) throw error;
      const short = error instanceof BaseError ? error.shortMessage : describeError(error);
      throw new ChainUnavailableError(`${what} failed: ${short}`, { cause: error });
    }
  };

  const look = async (): Promise<ChainHead> => {
    const observedMs = clock.monotonicMs();
    const [latest, final] = await Promise.all([
      client.getBlock({ blockTag: 'latest' }),
      options.finality === 'Latest'
        ? undefined
        : client.getBlock({ blockTag: finalTags[options.finality] }),
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

  const currentHead = (maxAgeMs: number, signal?: AbortSignal): Promise<ChainHead> => {
    if (head !== undefined && clock.monotonicMs() - head.observedMs <= maxAgeMs) {
      return Promise.resolve(head);
    }
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return ask('Looking for the newest block', looking, signal);
  };

  const readAll = async (
    keys: readonly ChannelKey[],
    at: ChainHead,
  ): Promise<readonly ChainChannel[]> => {
    const [latest, final] = await Promise.all([
      readChannels(client, options.escrow, keys, { blockNumber: at.number }),
      readChannels(client, options.escrow, keys, { blockNumber: at.finalNumber }).catch(
        async (error: unknown) => {
          if (await hasCode(client, options.escrow, at.finalNumber)) throw error;
          // Deployed after the final block: nothing in it is final.
          return keys.map(() => ({ reserved: 0n, claimed: 0n, generation: 1, closeAt: 0 }));
        },
      ),
    ]);
    return keys.map((_, index) => ({ latest: latest[index]!, final: final[index]!, head: at }));
  };

  const follow = async (signal: AbortSignal): Promise<void> => {
    const backoff = createBackoff({ baseMs: pollMs, maxMs: 30_000, jitter: 0.2 });
    while (!signal.aborted) {
      let pause = pollMs;
      try {
        await currentHead(0, signal);
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
    sender: (sending) =>
      createTransactionSender({
        ...sending,
        rpc: client,
        chainId: options.chainId,
        finality: options.finality,
        clock,
        ask: (what, call, signal) => ask(what, call(), signal),
      }),
    verify: (signal) => ask('Checking the chain', verifyChain(client, options), signal),
    start: (signal) => {
      stopped = follow(signal);
    },
    get stopped() {
      return stopped;
    },
    onBlock: (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    headAgeMs: () =>
      head === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - head.observedMs,
    channels: async (keys, { maxAgeMs, signal }) => {
      const at = await currentHead(maxAgeMs, signal);
      const block = `${at.hash}/${at.finalNumber}`;
      const missing = keys.filter((key) => cache.get(channelKey(key))?.block !== block);
      if (missing.length > 0) {
        const read = readAll(missing, at);
        missing.forEach((key, index) => {
          const id = channelKey(key);
          const state = read.then((states) => states[index]!);
          cache.set(id, { block, state });
          // A failed read must not be served again; whoever waits for it hears of the failure.
          state.catch(() => cache.delete(id));
        });
      }
      const states = keys.map((key) => cache.get(channelKey(key))!.state);
      const result = await ask('Reading channels', Promise.all(states), signal);
      return result.map((state) => ({ ...state, head: at }));
    },
    closeWindowSeconds: async (signal) => {
      closeWindow ??= Number(
        await ask(
          'Reading the close window',
          client.readContract({
            address: options.escrow,
            abi: gpuEscrowAbi,
            functionName: 'closeWindow',
          }),
          signal,
        ),
      );
      return closeWindow;
    },
    accrued: async (provider, signal) =>
      (await ask('Reading the credit', readProvider(client, options.escrow, provider), signal))
        .accrued,
    coins: (address, signal) => ask('Reading a balance', client.getBalance({ address }), signal),
    gasPrice: (signal) => ask('Reading the gas price', client.getGasPrice(), signal),
    lastSettlement: async ({ tenant, provider, signer }, upTo, signal) => {
      const search = client.getContractEvents({
        address: options.escrow,
        abi: gpuEscrowAbi,
        eventName: 'Settled',
        args: { tenant, provider },
        fromBlock: upTo > searchedBlocks ? upTo - searchedBlocks : 0n,
        toBlock: upTo,
      });
      const events = await ask('Searching for a payout', search, signal);
      return events.findLast(
        ({ args }) => args.signer !== undefined && isAddressEqual(args.signer, signer),
      );
    },
  };
}

async function hasCode(client: PublicClient, address: Address, at: bigint): Promise<boolean> {
  const code = await client.getCode({ address, blockNumber: at });
  return code !== undefined && code !== '0x';
}
