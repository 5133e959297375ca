import type { EscrowDomain } from '@gridlease/contracts/domain';
import type { ChannelRef } from '@gridlease/contracts/typedData';
import { recoverVoucher } from '@gridlease/contracts/voucher';
import { type Hex, isAddressEqual } from 'viem';

export type SignedVoucher = {
  readonly generation: number;
  /** Token smallest units since the generation began. */
  readonly cumulative: bigint;
  readonly signature: Hex;
};

export type VoucherCheck =
  | { readonly result: 'better' }
  /** Not larger than the best one: nothing to store, and nothing wrong. */
  | { readonly result: 'known' }
  | {
      readonly result: 'invalid';
      readonly reason: 'VoucherInvalid' | 'WrongGeneration';
      readonly message: string;
    };

export type VoucherInput = {
  readonly domain: EscrowDomain;
  readonly channel: ChannelRef;
  readonly voucher: SignedVoucher;
  /** Cumulative of the best voucher of this generation; 0n when there is none. */
  readonly best: bigint;
  /** Cumulative of the last statement, token smallest units. */
  readonly owed: bigint;
  /** What the terms of the active leases pay in advance. */
  readonly prepaid: bigint;
};

/**
 * Whether a voucher is one to store. More than is owed and prepaid is not taken: it would be a mistake
 * or a bait, and the next statement would look as if it were paid already.
 */
export async function checkVoucher(input: VoucherInput): Promise<VoucherCheck> {
  const { domain, channel, voucher, best, owed, prepaid } = input;
  const { generation, cumulative, signature } = voucher;
  if (generation !== channel.generation) {
    return {
      result: 'invalid',
      reason: 'WrongGeneration',
      message: `the voucher is for generation ${generation} of the channel, which is in generation ${channel.generation}`,
    };
  }
  if (cumulative <= best) return { result: 'known' };
  const most = owed + prepaid;
  if (cumulative > most) {
    return invalid(
      `the voucher promises ${cumulative}, but ${owed} is stated and ${prepaid} prepaid (smallest token units)`,
    );
  }
  const { tenant, provider } = channel;
  // A malformed signature has no signer at all; that is the same answer.
  const signer = await recoverVoucher(
    domain,
    { tenant, provider, generation, cumulative },
    signature,
  ).catch(() => undefined);
  if (signer === undefined || !isAddressEqual(signer, channel.signer)) {
    return invalid(
      `the voucher is signed by ${signer ?? 'nobody'}, not by the channel's signer ${channel.signer}`,
    );
  }
  return { result: 'better' };
}

function invalid(message: string): VoucherCheck {
  return { result: 'invalid', reason: 'VoucherInvalid', message };
}
