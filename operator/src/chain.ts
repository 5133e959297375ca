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
import { type AskChain, type Finality, finalTags } from '@gridlease/contracts/transactionChain';
import { abortable } from '@gridlease/kube/abort';
import { withChainSpan } from '@gridlease/kube/chainSpan';
import {
  type Address,
  createPublicClient,
  type Hex,
  http,
  isAddressEqual,
  type PublicClient,
} from 'viem';
import { blockReader, type ChainHead } from './chainBlocks.ts';
import { ChainError, chainError } from './chainError.ts';
import { type ChainVerdict, verifyChain } from './chainVerify.ts';

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

/** Where a state is read: at the newest block, at the newest final one, or at a block by its number. */
export type At = 'latest' | 'final' | bigint;

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
    return { blockTag: when === 'latest' ? 'latest' : finalTags[finality] };
  };

  /** Every error leaves here without the RPC's address. */
  const ask: AskChain = async (what, call, signal) => {
    try {
      return await withChainSpan(what, options.chainId, () => abortable(call(), signal));
    } catch (error) {
      if (signal?.aborted) throw error;
      throw chainError(what, error);
    }
  };
  const read = (keys: readonly ChannelKey[], when: At, signal?: AbortSignal) =>
    ask('reading channels', () => readChannels(rpc, escrow, keys, at(when)), signal);

  return {
    chainId: BigInt(options.chainId),
    escrow,
    domain: escrowDomain({ chainId: options.chainId, escrow }),
    token,
    finality,
    rpc,
    verify: (signal) => verifyChain(rpc, options, ask, signal),
    ...blockReader(rpc, finality, ask),
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
