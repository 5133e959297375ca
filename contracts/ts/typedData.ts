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

/** The members that name one channel generation; `CH` in the design. First in every message about a channel. */
export type ChannelRef = {
  readonly tenant: Address;
  readonly provider: Address;
  /** The account whose vouchers this channel pays: the tenant itself or its delegate. */
  readonly signer: Address;
  /** Starts at 1; each close adds 1 and the cumulatives start at 0 again. */
  readonly generation: number;
};

/** `CH` as EIP-712 members. */
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

/** The EIP-712 digest: what is signed, and what other messages refer to. */
export function typedDigest(
  domain: EscrowDomain,
  types: Types,
  primaryType: string,
  message: object,
): Hex {
  return hashTypedData(definition(domain, types, primaryType, message));
}

/** The EIP-712 struct hash, without a domain: the form a row takes as a Merkle leaf. */
export function typedStructHash(types: Types, primaryType: string, message: object): Hex {
  return hashStruct({
    data: message as Record<string, unknown>,
    primaryType,
    types: types as Record<string, { name: string; type: string }[]>,
  });
}

/** Signs with a local account; 65 bytes `r ‖ s ‖ v` as hex. */
export function signTyped(
  account: LocalAccount,
  domain: EscrowDomain,
  types: Types,
  primaryType: string,
  message: object,
): Promise<Hex> {
  return account.signTypedData(definition(domain, types, primaryType, message));
}

/**
 * The address that signed. Rejects when the signature is malformed; a wrong but well-formed
 * signature gives some other address, so the caller always compares.
 */
export function recoverTyped(
  domain: EscrowDomain,
  types: Types,
  primaryType: string,
  message: object,
  signature: Hex,
): Promise<Address> {
  return recoverTypedDataAddress({
    ...definition(domain, types, primaryType, message),
    signature,
  });
}

/** EIP-2098: the 64-byte form that the contract takes; `vs` is s with the parity in its top bit. */
export type CompactSignature = { readonly r: Hex; readonly vs: Hex };

/** Turns a 65-byte signature into the form that `settle` and `closeWithConsent` take. Throws when malformed. */
export function compactSignature(signature: Hex): CompactSignature {
  const { r, yParityAndS } = signatureToCompactSignature(parseSignature(signature));
  return { r, vs: yParityAndS };
}
