import { headroom } from '@gridlease/contracts/channel';
import type { ChannelState } from '@gridlease/contracts/escrow';
import type { ChannelRecordSpec } from '@gridlease/crds/channelrecord';
import { describeError } from '@gridlease/kube/errors';
import type { Logger } from '@gridlease/kube/log';
import type { RedeemChain, RedeemRecords } from './deps.ts';

/** Names one generation of a channel. */
export type ChannelAt = {
  readonly channelName: string;
  readonly tenant: `0x${string}`;
  readonly provider: `0x${string}`;
  readonly signer: `0x${string}`;
  readonly generation: number;
};

/** A channel as the agent knows it: from its own chain, and from its own memory. */
export type ChannelView = {
  readonly latest: ChannelState;
  readonly final: ChannelState;
  readonly blockNumber: bigint;
  /** Unix seconds of the newest block. */
  readonly blockSeconds: number;
  /** Cumulative of the best stored voucher of this generation; 0n when there is none. */
  readonly bestVoucher: bigint;
  /** Cumulative of the last statement of this generation; 0n when there is none. */
  readonly owed: bigint;
  /** A close was requested, or has happened, in the newest block. */
  readonly closing: boolean;
  /** `min(final, latest) reserved − max(claimed, bestVoucher, owed) − Σ exposures`; negative when short. */
  headroom(exposures: readonly bigint[]): bigint;
};

/** What the meter asks of a channel without waiting. */
export type ChannelCover = {
  readonly remaining: bigint;
  readonly generation: number;
  readonly closeAtSeconds: number | undefined;
  readonly nowSeconds: number;
};

export type ChannelViews = {
  /** Reads every known channel at each new block until the signal aborts. */
  start(signal: AbortSignal): void;
  /** In a view not older than `maxAgeMs` (default 5,000). Throws when the chain does not answer. */
  view(
    channel: ChannelAt,
    options?: { readonly maxAgeMs?: number; readonly signal?: AbortSignal },
  ): Promise<ChannelView>;
  /** From the last read of this channel; undefined before the first. */
  cover(channelName: string): ChannelCover | undefined;
  /** Calls back when a channel was funded, closed or read for the first time. */
  onChange(callback: (channelName: string) => void): () => void;
};

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
      const view = viewOf(state, channel.generation, records.get(channel.channelName));
      return view;
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

function viewOf(
  state: {
    readonly latest: ChannelState;
    readonly final: ChannelState;
    readonly head: { readonly number: bigint; readonly timestamp: number };
  },
  generation: number,
  record: ChannelRecordSpec | undefined,
): ChannelView {
  const { head } = state;
  const latest = inGeneration(state.latest, generation);
  const final = inGeneration(state.final, generation);
  const isSame = record?.channel.generation === generation;
  const voucher = isSame && record.voucher?.generation === generation ? record.voucher : undefined;
  const bestVoucher = BigInt(voucher?.cumulative ?? '0');
  const owed = BigInt((isSame ? record.statement?.cumulative : undefined) ?? '0');
  return {
    latest: state.latest,
    final: state.final,
    blockNumber: head.number,
    blockSeconds: head.timestamp,
    bestVoucher,
    owed,
    closing: state.latest.closeAt !== 0 || state.latest.generation > generation,
    headroom: (exposures) =>
      headroom({
        reserved: lesser(latest.reserved, final.reserved),
        claimed: latest.claimed,
        bestVoucher,
        owed,
        exposures,
      }),
  };
}

/** Of another generation nothing is reserved for this one. */
function inGeneration(state: ChannelState, generation: number): ChannelState {
  return state.generation === generation
    ? state
    : { reserved: 0n, claimed: 0n, generation, closeAt: 0 };
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
