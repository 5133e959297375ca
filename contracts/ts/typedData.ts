import {
  type Address,
  type Hex,
  hashStruct,
  hashTypedData,
  type LocalAccount,
  parseSignature,
  recoverTypedDataAddress,
  signatureToCompactSignature,
  type TypedDataDefinition,
} from 'viem';
import type { EscrowDomain } from './domain.ts';

/** The members that name one channel generation: first in every message about a channel. */
export type ChannelRef = {
  readonly tenant: Address;
  readonly provider: Address;
  /** The account whose vouchers this channel pays: the tenant itself or its delegate. */
  readonly signer: Address;
  /** Starts at 1; each close adds 1 and the cumulatives start at 0 again. */
  readonly generation: number;
};

/** `ChannelRef` as EIP-712 members. */
export const channelMembers = [
  { name: 'tenant', type: 'address' },
  { name: 'provider', type: 'address' },
  { name: 'signer', type: 'address' },
  { name: 'generation', type: 'uint32' },
] as const;

type Members = readonly { readonly name: string; readonly type: string }[];
type Types = Readonly<Record<string, Members>>;

/** viem infers a message's type from a literal definition; here each message has its own type instead. */
function definition(
  domain: EscrowDomain,
  types: Types,
  primaryType: string,
  message: object,
): TypedDataDefinition {
  return { domain, types, primaryType, message } as unknown as TypedDataDefinition;
}

/** What one does with a message of one type. */
export type SignedMessage<Message> = {
  /** The EIP-712 digest: what is signed, and what other messages refer to. */
  hash(domain: EscrowDomain, message: Message): Hex;
  /** Signs with a local account; 65 bytes `r ‖ s ‖ v` as hex. */
  sign(account: LocalAccount, domain: EscrowDomain, message: Message): Promise<Hex>;
  /**
   * The address that signed. Rejects when the signature is malformed; a wrong but well-formed
   * signature gives some other address, so the caller always compares.
   */
  recover(domain: EscrowDomain, message: Message, signature: Hex): Promise<Address>;
};

/** A member that is no field of the message does not compile: it would be signed as zero. */
type MembersOf<Message> = readonly {
  readonly name: keyof Message & string;
  readonly type: string;
}[];

/** Hashing, signing and recovering of one message type; `types` has its members under its name. */
export function signedMessage<Message extends object>(
  primaryType: string,
  types: Readonly<Record<string, MembersOf<Message>>>,
): SignedMessage<Message> {
  const define = (domain: EscrowDomain, message: Message) =>
    definition(domain, types, primaryType, message);
  return {
    hash: (domain, message) => hashTypedData(define(domain, message)),
    sign: (account, domain, message) => account.signTypedData(define(domain, message)),
    recover: (domain, message, signature) =>
      recoverTypedDataAddress({ ...define(domain, message), signature }),
  };
}

/** The EIP-712 struct hash, without a domain: the form a row takes as a Merkle leaf. */
export function typedStructHash(types: Types, primaryType: string, message: object): Hex {
  return hashStruct({
    data: message as Record<string, unknown>,
    primaryType,
    types: types as Record<string, { name: string; type: string }[]>,
  });
}

/** EIP-2098: the 64-byte form that the contract takes; `vs` is s with the parity in its top bit. */
export type CompactSignature = { readonly r: Hex; readonly vs: Hex };

/** Turns a 65-byte signature into the form that `settle` and `closeWithConsent` take. Throws when malformed. */
export function compactSignature(signature: Hex): CompactSignature {
  const { r, yParityAndS } = signatureToCompactSignature(parseSignature(signature));
  return { r, vs: yParityAndS };
}
