import { type ChannelKey, channelKey } from '@gridlease/contracts/channel';
import { type ChannelState, readChannels } from '@gridlease/contracts/escrow';
import { hasCode } from '@gridlease/contracts/hasCode';
import type { AskChain } from '@gridlease/contracts/transactionChain';
import type { Address, PublicClient } from 'viem';
import type { ChainHead } from './chainHead.ts';

/** One channel in the newest block and in the newest final one. */
export type ChainChannel = {
  readonly latest: ChannelState;
  readonly final: ChannelState;
  readonly head: ChainHead;
};

/** Reads channels as they are at a head, each once for a head however many ask. */
export function channelReader(client: PublicClient, escrow: Address, ask: AskChain) {
  const cache = new Map<
    string,
    { readonly block: string; readonly state: Promise<ChainChannel> }
  >();

  const readAll = async (
    keys: readonly ChannelKey[],
    at: ChainHead,
  ): Promise<readonly ChainChannel[]> => {
    const [latest, final] = await Promise.all([
      readChannels(client, escrow, keys, { blockNumber: at.number }),
      readChannels(client, escrow, keys, { blockNumber: at.finalNumber }).catch(
        async (error: unknown) => {
          if (await hasCode(client, escrow, at.finalNumber)) throw error;
          // Deployed after the final block: nothing in it is final.
          return keys.map(() => ({ reserved: 0n, claimed: 0n, generation: 1, closeAt: 0 }));
        },
      ),
    ]);
    return keys.map((_, index) => ({ latest: latest[index]!, final: final[index]!, head: at }));
  };

  /** In the order of the keys. */
  return async (
    keys: readonly ChannelKey[],
    at: ChainHead,
    signal?: AbortSignal,
  ): Promise<readonly ChainChannel[]> => {
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
    const result = await ask('Reading channels', () => Promise.all(states), signal);
    return result.map((state) => ({ ...state, head: at }));
  };
}
