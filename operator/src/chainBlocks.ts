import { type AskChain, type Finality, finalTags } from '@gridlease/contracts/transactionChain';
import { BlockNotFoundError, type Hex, type PublicClient } from 'viem';

/** One block; `timestamp` is in unix seconds. */
export type ChainHead = {
  readonly number: bigint;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly timestamp: number;
};

/** What is asked about blocks. */
export function blockReader(rpc: PublicClient, finality: Finality, ask: AskChain) {
  const head = async (): Promise<ChainHead> => {
    const { number, hash, parentHash, timestamp } = await rpc.getBlock();
    return { number, hash, parentHash, timestamp: Number(timestamp) };
  };
  const hashOf = async (blockNumber: bigint): Promise<Hex | undefined> => {
    try {
      return (await rpc.getBlock({ blockNumber })).hash;
    } catch (error) {
      if (error instanceof BlockNotFoundError) return undefined;
      throw error;
    }
  };
  const latest = () => rpc.getBlockNumber({ cacheTime: 0 });
  const final = async () => (await rpc.getBlock({ blockTag: finalTags[finality] })).number;
  return {
    head: (signal?: AbortSignal) => ask('reading the newest block', head, signal),
    blockHash: (number: bigint, signal?: AbortSignal) =>
      ask('reading a block', () => hashOf(number), signal),
    blockNumber: (at: 'latest' | 'final', signal?: AbortSignal) =>
      at === 'latest' || finality === 'Latest'
        ? ask('reading the block number', latest, signal)
        : ask(`reading the ${finalTags[finality]} block`, final, signal),
  };
}
