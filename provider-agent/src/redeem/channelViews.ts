import type { ChannelState } from '@gridlease/contracts/escrow';
import { describeError } from '@gridlease/kube/errors';
import type { Logger } from '@gridlease/kube/log';
import { type ChannelAt, type ChannelView, type ChannelViews, viewOf } from './channelView.ts';
import type { RedeemChain, RedeemRecords } from './deps.ts';

/** The agent's view of its channels, which accept, meter and redeem share. */
export function createChannelViews(options: {
  readonly chain: RedeemChain;
  readonly records: RedeemRecords;
  readonly log: Logger;
}): ChannelViews {
  const { chain, records, log } = options;
  const covers = new Map<string, ChannelView>();
  const listeners = new Set<(channelName: string) => void>();

  const read = async (
    channels: readonly ChannelAt[],
    maxAgeMs: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly ChannelView[]> => {
    const states = await chain.channels(channels, { maxAgeMs, ...(signal && { signal }) });
    return states.map((state, index) => {
      const channel = channels[index]!;
      return viewOf(state, channel.generation, records.get(channel.channelName));
    });
  };

  return {
    start(signal) {
      const refresh = async (): Promise<void> => {
        const channels = records.list().map(([channelName, { channel }]) => ({
          channelName,
          ...channel,
        }));
        try {
          const views = await read(channels, 60_000, signal);
          views.forEach((view, index) => {
            const { channelName } = channels[index]!;
            const before = covers.get(channelName);
            covers.set(channelName, view);
            if (before !== undefined && isSame(before.latest, view.latest)) return;
            for (const listener of listeners) listener(channelName);
          });
        } catch (error) {
          // The next block brings the next read; until then the last view only grows older.
          if (!signal.aborted) log.warn({ error: describeError(error) }, 'Channels were not read');
        }
      };
      const stop = chain.onBlock(() => void refresh());
      const stopRecords = records.onChange((name) => {
        if (!covers.has(name)) void refresh();
      });
      signal.addEventListener('abort', () => {
        stop();
        stopRecords();
      });
    },
    onChange(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    async view(channel, { maxAgeMs = 5_000, signal } = {}) {
      const [view] = await read([channel], maxAgeMs, signal);
      return view!;
    },
    cover(channelName) {
      const view = covers.get(channelName);
      const record = records.get(channelName);
      if (view === undefined || record === undefined) return undefined;
      const { latest, final } = view;
      // The chain's part is as of the block; ours is as of now.
      const now = viewOf(
        { latest, final, head: { number: view.blockNumber, timestamp: view.blockSeconds } },
        record.channel.generation,
        record,
      );
      return {
        remaining: now.headroom([]),
        generation: latest.generation,
        closeAtSeconds: latest.closeAt === 0 ? undefined : latest.closeAt,
        nowSeconds: view.blockSeconds,
      };
    },
  };
}

function isSame(a: ChannelState, b: ChannelState): boolean {
  return a.reserved === b.reserved && a.generation === b.generation && a.closeAt === b.closeAt;
}
