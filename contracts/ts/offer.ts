import type { Address, Hex } from 'viem';
import { signedMessage } from './typedData.ts';

/** A provider's ask for one product at one hub. Signed by the agent. */
export type Offer = {
  readonly provider: Address;
  /** `hubId` of the hub that the offer is for; one made for another hub can't be taken. */
  readonly hub: Hex;
  /** `productId` of the normalised product name. */
  readonly product: Hex;
  /** Token smallest units for one GPU for one hour. */
  readonly pricePerGpuHour: bigint;
  /** The same for a spot lease; 0 when spot is not offered. */
  readonly spotPricePerGpuHour: bigint;
  readonly minGpus: number;
  readonly maxGpus: number;
  /** Longest lease accepted; 0 means no limit. */
  readonly maxSeconds: number;
  /** `hashDocument` of the provider's policy document; the zero hash for none. */
  readonly policyHash: Hex;
  /** Unix seconds. */
  readonly validUntil: bigint;
  /** Makes two otherwise equal offers different; random. */
  readonly salt: Hex;
};

/** EIP-712 members of `Offer`. */
export const offerTypes = {
  Offer: [
    { name: 'provider', type: 'address' },
    { name: 'hub', type: 'bytes32' },
    { name: 'product', type: 'bytes32' },
    { name: 'pricePerGpuHour', type: 'uint96' },
    { name: 'spotPricePerGpuHour', type: 'uint96' },
    { name: 'minGpus', type: 'uint32' },
    { name: 'maxGpus', type: 'uint32' },
    { name: 'maxSeconds', type: 'uint32' },
    { name: 'policyHash', type: 'bytes32' },
    { name: 'validUntil', type: 'uint64' },
    { name: 'salt', type: 'bytes32' },
  ],
} as const;

const message = signedMessage<Offer>('Offer', offerTypes);

/** The EIP-712 digest. */
export const hashOffer = message.hash;

/** Signs as the agent; 65 bytes. */
export const signOffer = message.sign;

/** The address that signed; the caller compares it with the one it expects. Rejects when malformed. */
export const recoverOffer = message.recover;
