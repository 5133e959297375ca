import { type ChannelRef, channelMembers, signedMessage } from './typedData.ts';

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

const message = signedMessage<CloseConsent>('CloseConsent', closeConsentTypes);

/** The EIP-712 digest. */
export const hashCloseConsent = message.hash;

/** Signs as the provider; 65 bytes. */
export const signCloseConsent = message.sign;

/** The address that signed; the caller compares it with the one it expects. Rejects when malformed. */
export const recoverCloseConsent = message.recover;
