import type { ChannelRecordSpec } from '@gridlease/crds/channelrecord';
import type { ReasonOf } from '@gridlease/crds/conditionReasons';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { type Address, isAddressEqual } from 'viem';
import type { ChannelCover } from './channelView.ts';
import type { Problem } from './problems.ts';
import type { VoucherCheck } from './voucher.ts';

export type Ready = {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: ReasonOf<'PaymentChannel', 'Ready'>;
  readonly message: string;
};

export type Configured = {
  readonly provider: Address;
  readonly chainId: number;
  readonly escrow: Address;
};

/** What of a hub's channel contradicts the agent's own configuration or memory; undefined when nothing. */
export function mismatchOf(
  spec: PaymentChannel['spec'],
  record: ChannelRecordSpec | undefined,
  configured: Configured,
): Ready | undefined {
  const differing = [
    !isAddressEqual(spec.provider, configured.provider) &&
      `provider is ${spec.provider}, ours is ${configured.provider}`,
    spec.chainId !== configured.chainId &&
      `chainId is ${spec.chainId}, ours is ${configured.chainId}`,
    !isAddressEqual(spec.escrow, configured.escrow) &&
      `escrow is ${spec.escrow}, ours is ${configured.escrow}`,
    record !== undefined &&
      !isAddressEqual(spec.tenant, record.channel.tenant) &&
      `tenant is ${spec.tenant}, the accepted leases say ${record.channel.tenant}`,
    record !== undefined &&
      !isAddressEqual(spec.signer, record.channel.signer) &&
      `signer is ${spec.signer}, the accepted leases say ${record.channel.signer}`,
  ].filter((line) => line !== false);
  return differing.length === 0
    ? undefined
    : { status: 'False', reason: 'ChannelMismatch', message: differing.join('; ') };
}

/** The Ready condition of a channel: the first thing that is in the way. Undefined leaves it as it is. */
export function readyOf(input: {
  readonly mismatch: Ready | undefined;
  readonly voucher: VoucherCheck | undefined;
  readonly problem: Problem | undefined;
  readonly cover: ChannelCover | undefined;
  readonly generation: number;
}): Ready | undefined {
  const { mismatch, voucher, problem, cover, generation } = input;
  if (mismatch !== undefined) return mismatch;
  if (voucher?.result === 'invalid') {
    return { status: 'False', reason: voucher.reason, message: voucher.message };
  }
  if (problem !== undefined) return { status: 'False', ...problem };
  if (cover === undefined) return undefined;
  if (cover.closeAtSeconds !== undefined) {
    const at = new Date(cover.closeAtSeconds * 1000).toISOString();
    return {
      status: 'False',
      reason: 'Closing',
      message: `a close was requested; it takes effect at ${at}`,
    };
  }
  if (cover.generation !== generation) {
    return {
      status: 'False',
      reason: 'WrongGeneration',
      message: `the channel is in generation ${cover.generation} on the chain, not ${generation}`,
    };
  }
  return { status: 'True', reason: 'Ready', message: 'the channel pays' };
}
