import { smaller } from '@gridlease/contracts/bigints';
import { headroom } from '@gridlease/contracts/channel';
import type { ChannelState } from '@gridlease/contracts/escrow';
import type { ChannelRecordSpec } from '@gridlease/crds/channelrecord';

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

/** Puts together what the chain says of a channel and what the agent remembers of it. */
export function viewOf(
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
        reserved: smaller(latest.reserved, final.reserved),
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
