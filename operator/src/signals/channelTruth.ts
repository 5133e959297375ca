import { formatTokenAmount } from '@gridlease/contracts/amount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';

/** A channel as a final block of the chain has it. */
export type ChannelState = {
  readonly reserved: bigint;
  readonly claimed: bigint;
  readonly generation: number;
};

type Known = Pick<PaymentChannel, 'spec' | 'status'>;

/**
 * How a PaymentChannel contradicts the chain; undefined when it doesn't. Nothing of this lasts in normal
 * operation: a closed channel's object follows into the next generation as soon as its leases are done.
 */
export function contradiction({ spec, status }: Known, state: ChannelState): string | undefined {
  if (state.generation !== spec.generation) {
    return `generation ${spec.generation} in the hub, ${state.generation} on the chain`;
  }
  const promised = promisedOf({ spec });
  if (state.claimed > promised) {
    return `the chain has paid ${state.claimed}, the newest voucher that the hub knows promises ${promised}`;
  }
  const told = BigInt(status?.redeemed?.cumulative ?? '0');
  if (told > state.claimed) return `the agent tells of ${told} paid, the chain of ${state.claimed}`;
  return undefined;
}

/** What the newest voucher of the channel's generation promises, token smallest units. */
export function promisedOf({ spec }: Pick<PaymentChannel, 'spec'>): bigint {
  const { voucher, generation } = spec;
  return voucher?.generation === generation ? BigInt(voucher.cumulative) : 0n;
}

/**
 * Promised and not claimed in a final block, token smallest units; what was closed pays nothing more.
 * Below zero when the chain has paid more than the newest voucher that the hub knows promises.
 */
export function driftOf(channel: Pick<PaymentChannel, 'spec'>, state: ChannelState): bigint {
  if (state.generation !== channel.spec.generation) return 0n;
  return promisedOf(channel) - state.claimed;
}

/** What counts of several drifts: what was claimed too much is not made good by what others still owe. */
export function countedDrifts<T extends bigint | number>(drifts: readonly T[]): readonly T[] {
  const tooMuch = drifts.filter((drift) => drift < 0);
  return tooMuch.length > 0 ? tooMuch : drifts;
}

/** A provider's channels together. */
export function sumOfDrift(drifts: readonly bigint[]): bigint {
  return countedDrifts(drifts).reduce((sum, drift) => sum + drift, 0n);
}

/** Whether something is in, or was paid from, a channel. */
export function isUsed({ reserved, claimed }: ChannelState): boolean {
  return reserved > 0n || claimed > 0n;
}

/** For a gauge only; money is never reckoned with in floating point. */
export function inTokens(amount: bigint, decimals: number): number {
  return Number(formatTokenAmount(amount, decimals));
}
