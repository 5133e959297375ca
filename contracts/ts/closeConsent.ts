import type { Address, Hex, LocalAccount } from 'viem';
import type { EscrowDomain } from './domain.ts';
import {
  type ChannelRef,
  channelMembers,
  recoverTyped,
  signTyped,
  typedDigest,
} from './typedData.ts';

/** The provider agrees to close the channel generation at once, once it has been paid up to `finalCumulative`. Signed by the provider. */
export type CloseConsent = ChannelRef & {
  /** Token smallest units; the contract closes only when at least this much (or all that is reserved) is claimed. */
  readonly finalCumulative: bigint;
  /** Unix seconds, the last second at which the consent may be used. */
  readonly validUntil: bigint;
};

/** EIP-712 members of `CloseConsent`. */
export const closeConsentTypes = {
  CloseConsent: [
    ...channelMembers,
    { name: 'finalCumulative', type: 'uint96' },
    { name: 'validUntil', type: 'uint40' },
  ],
} as const;

/** The EIP-712 digest. */
export function hashCloseConsent(domain: EscrowDomain, closeConsent: CloseConsent): Hex {
  return typedDigest(domain, closeConsentTypes, 'CloseConsent', closeConsent);
}

/** Signs as the provider; 65 bytes. */
export function signCloseConsent(
  account: LocalAccount,
  domain: EscrowDomain,
  closeConsent: CloseConsent,
): Promise<Hex> {
  return signTyped(account, domain, closeConsentTypes, 'CloseConsent', closeConsent);
}

/** The address that signed; the caller compares it with the one it expects. Rejects when malformed. */
export function recoverCloseConsent(
  domain: EscrowDomain,
  closeConsent: CloseConsent,
  signature: Hex,
): Promise<Address> {
  return recoverTyped(domain, closeConsentTypes, 'CloseConsent', closeConsent, signature);
}
