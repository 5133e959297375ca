import type { ChannelKey } from '@gridlease/contracts/channel';
import { readProvider } from '@gridlease/contracts/escrow';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { type ObserveRequest, timedTransport } from '@gridlease/contracts/timedTransport';
import type { AskChain, Finality } from '@gridlease/contracts/transactionChain';
import {
  createTransactionSender,
  type TransactionSender,
  type TransactionSenderOptions,
} from '@gridlease/contracts/transactionSender';
import { abortable, linkedAbort } from '@gridlease/kube/abort';
import { withChainSpan } from '@gridlease/kube/chainSpan';
import { ChainUnavailableError } from '@gridlease/kube/chainUnavailable';
import { type Clock, systemClock } from '@gridlease/kube/clock';
import { describeError, TerminalError } from '@gridlease/kube/errors';
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
import { type ChainChannel, channelReader } from './chainChannels.ts';
import { type ChainHead, followHead } from './chainHead.ts';
import { verifyChain } from './chainVerify.ts';

export type ChainOptions = {
  readonly rpcURL: string;
  readonly chainId: number;
  readonly escrow: Address;
  readonly token: { readonly address: Address; readonly decimals: number };
  /** What counts as final: the chain's own finalized or safe block, or simply the latest. */
  readonly finality: Finality;
  /** Longest wait for one answer, in milliseconds. Default: 10,000. */
  readonly requestTimeoutMs?: number;
  /** Pause between two looks for a new block, in milliseconds. Default: 1,000. */
  readonly pollMs?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** Told of each request; for metrics. */
  readonly observe?: ObserveRequest;
};

type SenderOptions = Pick<TransactionSenderOptions, 'account' | 'store' | 'skippedIn' | 'isNeeded'>;

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

/** The agent's own view of the chain: its own RPC, its own configuration, nothing from a hub. */
export function connectChain(options: ChainOptions): ChainClient {
  const { escrow, chainId, finality, requestTimeoutMs = 10_000, log = silentLogger } = options;
  const clock = options.clock ?? systemClock;
  const client = clientOf(options, requestTimeoutMs);
  const ask: AskChain = async (what, call, signal) => {
    using limit = linkedAbort([signal], requestTimeoutMs * 3, what);
    try {
      return await withChainSpan(what, chainId, () => abortable(call(), limit.signal));
    } catch (error) {
      if (signal?.aborted || error instanceof TerminalError) throw error;
      const short = error instanceof BaseError ? error.shortMessage : describeError(error);
      throw new ChainUnavailableError(`${what} failed: ${short}`, { cause: error });
    }
  };
  const head = followHead({
    client,
    chainId,
    finality,
    pollMs: options.pollMs ?? 1_000,
    ask,
    clock,
    log,
  });
  const readChannels = channelReader(client, escrow, ask);
  let closeWindow: number | undefined;

  return {
    sender: (sending) =>
      createTransactionSender({ ...sending, rpc: client, chainId, finality, clock, ask }),
    verify: (signal) => ask('Checking the chain', () => verifyChain(client, options), signal),
    start: head.start,
    get stopped() {
      return head.stopped;
    },
    onBlock: head.onBlock,
    headAgeMs: head.ageMs,
    channels: async (keys, { maxAgeMs, signal }) =>
      readChannels(keys, await head.current(maxAgeMs, signal), signal),
    closeWindowSeconds: async (signal) => {
      const read = () =>
        client.readContract({ address: escrow, abi: gpuEscrowAbi, functionName: 'closeWindow' });
      closeWindow ??= Number(await ask('Reading the close window', read, signal));
      return closeWindow;
    },
    accrued: async (provider, signal) => {
      const read = () => readProvider(client, escrow, provider);
      return (await ask('Reading the credit', read, signal)).accrued;
    },
    coins: (address, signal) =>
      ask('Reading a balance', () => client.getBalance({ address }), signal),
    gasPrice: (signal) => ask('Reading the gas price', () => client.getGasPrice(), signal),
    lastSettlement: async ({ tenant, provider, signer }, upTo, signal) => {
      const search = () =>
        client.getContractEvents({
          address: escrow,
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

function clientOf({ rpcURL, observe }: ChainOptions, timeout: number): PublicClient {
  // A short batch window turns a burst of reads into one request.
  const transport = http(rpcURL, { timeout, retryCount: 1, batch: true });
  return createPublicClient({
    transport: observe === undefined ? transport : timedTransport(transport, observe),
    cacheTime: 0,
  });
}
