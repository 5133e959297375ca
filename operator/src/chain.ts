import type { ChannelKey } from '@gridlease/contracts/channel';
import { type EscrowDomain, escrowDomain } from '@gridlease/contracts/domain';
import {
  type ChannelState,
  type ReadAt,
  readChannels,
  readTenant,
  type TenantState,
} from '@gridlease/contracts/escrow';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { type ObserveRequest, timedTransport } from '@gridlease/contracts/timedTransport';
import { abortable } from '@gridlease/kube/abort';
import { withChainSpan } from '@gridlease/kube/chainSpan';
import {
  type Address,
  BlockNotFoundError,
  createPublicClient,
  erc20Abi,
  type Hex,
  http,
  isAddressEqual,
  type PublicClient,
} from 'viem';
import { ChainError, chainError } from './chainError.ts';

export type Finality = 'Finalized' | 'Safe' | 'Latest';

export type ChainOptions = {
  /** May carry credentials: it appears in no error, log or condition. */
  readonly rpcURL: string;
  readonly chainId: number;
  readonly escrow: Address;
  readonly token: { readonly address: Address; readonly symbol: string; readonly decimals: number };
  readonly finality: Finality;
  /** Limit of one request in milliseconds. Default: 10,000. */
  readonly requestTimeoutMs?: number;
  /** Told of each request; for metrics. */
  readonly observe?: ObserveRequest;
};

/** One payment of a channel on the chain. */
export type Settlement = {
  readonly generation: number;
  readonly paid: bigint;
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
  readonly logIndex: number;
};

export type ChainVerdict =
  | { readonly ready: true }
  | {
      readonly ready: false;
      /** Unknown when the chain didn't answer: that is no proof of anything. */
      readonly status: 'False' | 'Unknown';
      readonly reason:
        | 'SecretNotFound'
        | 'Unreachable'
        | 'WrongChainId'
        | 'NoContract'
        | 'WrongToken';
      readonly message: string;
    };

/** Where a state is read: at the newest block, at the newest final one, or at a block by its number. */
export type At = 'latest' | 'final' | bigint;

/** One block; `timestamp` is in unix seconds. */
export type ChainHead = {
  readonly number: bigint;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly timestamp: number;
};

export type ChainClient = {
  readonly chainId: bigint;
  readonly escrow: Address;
  readonly domain: EscrowDomain;
  readonly token: ChainOptions['token'];
  readonly finality: Finality;
  /** For sending transactions; reads go through the functions here. */
  readonly rpc: PublicClient;
  /** Chain id, code and token are what the options say; never throws. */
  verify(signal?: AbortSignal): Promise<ChainVerdict>;
  /** The newest block. */
  head(signal?: AbortSignal): Promise<ChainHead>;
  /** The hash that a block has now; undefined when there is none of this number. */
  blockHash(number: bigint, signal?: AbortSignal): Promise<Hex | undefined>;
  blockNumber(at: 'latest' | 'final', signal?: AbortSignal): Promise<bigint>;
  channel(key: ChannelKey, at: At, signal?: AbortSignal): Promise<ChannelState>;
  /** In the order of the keys, all at one block. */
  channels(keys: readonly ChannelKey[], at: At, signal?: AbortSignal): Promise<ChannelState[]>;
  tenant(tenant: Address, delegate: Address, signal?: AbortSignal): Promise<TenantState>;
  /** The chain's own coin at the address, in wei. */
  coins(address: Address, signal?: AbortSignal): Promise<bigint>;
  /** What a transaction may have to pay for a unit of gas now, in wei. */
  maxFeePerGas(signal?: AbortSignal): Promise<bigint>;
  /** Payments of one channel in a range of blocks, both ends included, oldest first. */
  settlements(
    key: ChannelKey,
    range: { readonly fromBlock: bigint; readonly toBlock: bigint },
    signal?: AbortSignal,
  ): Promise<Settlement[]>;
  /** Ends requests that are under way. */
  close(): void;
};

const tags = { Finalized: 'finalized', Safe: 'safe', Latest: 'latest' } as const;

/** The operator's view of one chain and the escrow on it. Connects nothing by itself. */
export function connectChain(options: ChainOptions): ChainClient {
  const { rpcURL, escrow, token, finality } = options;
  const closing = new AbortController();
  const transport = http(rpcURL, {
    batch: true,
    timeout: options.requestTimeoutMs ?? 10_000,
    retryCount: 1,
    fetchOptions: { signal: closing.signal },
  });
  const { observe } = options;
  const rpc = createPublicClient({
    transport: observe === undefined ? transport : timedTransport(transport, observe),
    cacheTime: 0,
  });
  const at = (when: At): ReadAt => {
    if (typeof when === 'bigint') return { blockNumber: when };
    return { blockTag: when === 'latest' ? 'latest' : tags[finality] };
  };

  /** Every error leaves here without the RPC's address. */
  async function ask<T>(what: string, call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await withChainSpan(what, options.chainId, () => abortable(call(), signal));
    } catch (error) {
      if (signal?.aborted) throw error;
      throw chainError(what, error);
    }
  }
  const read = (keys: readonly ChannelKey[], when: At, signal?: AbortSignal) =>
    ask('reading channels', () => readChannels(rpc, escrow, keys, at(when)), signal);

  return {
    chainId: BigInt(options.chainId),
    escrow,
    domain: escrowDomain({ chainId: options.chainId, escrow }),
    token,
    finality,
    rpc,
    verify: (signal) => verify(rpc, options, ask, signal),
    head: (signal) =>
      ask(
        'reading the newest block',
        async () => {
          const { number, hash, parentHash, timestamp } = await rpc.getBlock();
          return { number, hash, parentHash, timestamp: Number(timestamp) };
        },
        signal,
      ),
    blockHash: (blockNumber, signal) =>
      ask(
        'reading a block',
        async () => {
          try {
            return (await rpc.getBlock({ blockNumber })).hash;
          } catch (error) {
            if (error instanceof BlockNotFoundError) return undefined;
            throw error;
          }
        },
        signal,
      ),
    blockNumber: (when, signal) =>
      when === 'latest' || finality === 'Latest'
        ? ask('reading the block number', () => rpc.getBlockNumber({ cacheTime: 0 }), signal)
        : ask(
            `reading the ${tags[finality]} block`,
            async () => (await rpc.getBlock({ blockTag: tags[finality] })).number,
            signal,
          ),
    channel: async (key, when, signal) => (await read([key], when, signal))[0]!,
    channels: read,
    tenant: (tenant, delegate, signal) =>
      ask("reading the tenant's escrow", () => readTenant(rpc, escrow, tenant, delegate), signal),
    coins: (address, signal) => ask('reading a balance', () => rpc.getBalance({ address }), signal),
    maxFeePerGas: (signal) =>
      ask('reading fees', async () => (await rpc.estimateFeesPerGas()).maxFeePerGas, signal),
    settlements: (key, range, signal) =>
      ask('reading Settled logs', () => settledLogs(rpc, escrow, key, range), signal),
    close: () => closing.abort(new ChainError('the chain client was closed')),
  };
}

async function settledLogs(
  rpc: PublicClient,
  escrow: Address,
  key: ChannelKey,
  range: { readonly fromBlock: bigint; readonly toBlock: bigint },
): Promise<Settlement[]> {
  const logs = await rpc.getContractEvents({
    address: escrow,
    abi: gpuEscrowAbi,
    eventName: 'Settled',
    args: { tenant: key.tenant, provider: key.provider },
    strict: true,
    ...range,
  });
  return logs
    .filter(({ args }) => isAddressEqual(args.signer, key.signer))
    .map(({ args, transactionHash, blockNumber, logIndex }) => ({
      generation: Number(args.generation),
      paid: args.paid,
      transactionHash,
      blockNumber,
      logIndex,
    }));
}

type Ask = <T>(what: string, call: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

async function verify(
  rpc: PublicClient,
  options: ChainOptions,
  ask: Ask,
  signal?: AbortSignal,
): Promise<ChainVerdict> {
  const { escrow, token } = options;
  const refuse = (reason: 'WrongChainId' | 'NoContract' | 'WrongToken', message: string) =>
    ({ ready: false, status: 'False', reason, message }) as const;
  try {
    const chainId = await ask('asking for the chain id', () => rpc.getChainId(), signal);
    if (chainId !== options.chainId) {
      return refuse(
        'WrongChainId',
        `the RPC serves chain ${chainId}, spec.chainId is ${options.chainId}: correct the address in the Secret, or create a SettlementChain for that chain`,
      );
    }
    const code = await ask('reading code', () => rpc.getCode({ address: escrow }), signal);
    if (code === undefined || code === '0x') {
      return refuse(
        'NoContract',
        `there is no contract at spec.escrow ${escrow} on chain ${chainId}: deploy GpuEscrow, or create a SettlementChain with its address`,
      );
    }
    const contract = { address: escrow, abi: gpuEscrowAbi } as const;
    const held = await ask(
      'asking the escrow for its token',
      () => rpc.readContract({ ...contract, functionName: 'token' }),
      signal,
    );
    if (!isAddressEqual(held, token.address)) {
      return refuse(
        'WrongToken',
        `the escrow holds token ${held}, spec.token.address is ${token.address}`,
      );
    }
    const erc20 = { address: token.address, abi: erc20Abi } as const;
    const [decimals, symbol] = await ask(
      'asking the token for its decimals',
      () =>
        Promise.all([
          rpc.readContract({ ...erc20, functionName: 'decimals' }),
          rpc.readContract({ ...erc20, functionName: 'symbol' }),
        ]),
      signal,
    );
    if (decimals !== token.decimals || symbol !== token.symbol) {
      return refuse(
        'WrongToken',
        `token ${token.address} is ${symbol.slice(0, 32)} with ${decimals} decimals, spec.token says ${token.symbol} with ${token.decimals}`,
      );
    }
    return { ready: true };
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof ChainError && error.answered) {
      return refuse(
        'NoContract',
        `the contract at spec.escrow ${escrow} does not answer like a GpuEscrow: ${error.message}`,
      );
    }
    const message = error instanceof ChainError ? error.message : 'the RPC failed';
    return { ready: false, status: 'Unknown', reason: 'Unreachable', message };
  }
}
