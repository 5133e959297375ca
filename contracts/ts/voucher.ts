import type { Address } from 'viem';
import { signedMessage } from './typedData.ts';

/** What the signer owes the provider in this channel generation, in all; the contract pays `min(cumulative, reserved) − claimed`. It has no expiry and no nonce: a later voucher replaces an earlier one by being larger. Signed by the channel's signer. */
export type Voucher = {
  readonly tenant: Address;
  readonly provider: Address;
  /** The channel generation; a voucher of an earlier one pays nothing. */
  readonly generation: number;
  /** Token smallest units since the generation began. */
  readonly cumulative: bigint;
};

/** EIP-712 members of `Voucher`. */
export const voucherTypes = {
  Voucher: [
    { name: 'tenant', type: 'address' },
    { name: 'provider', type: 'address' },
    { name: 'generation', type: 'uint32' },
    { name: 'cumulative', type: 'uint96' },
  ],
} as const;

const message = signedMessage<Voucher>('Voucher', voucherTypes);

/** The EIP-712 digest. */
export const hashVoucher = message.hash;

/** Signs as the channel's signer; 65 bytes. */
export const signVoucher = message.sign;

/** The address that signed; the caller compares it with the one it expects. Rejects when malformed. */
export const recoverVoucher = message.recover;
