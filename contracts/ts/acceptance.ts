import type { Address, Hex, LocalAccount } from 'viem';
import type { EscrowDomain } from './domain.ts';
import { recoverTyped, signTyped, typedDigest } from './typedData.ts';

/** The provider's yes to one lease; with the terms it makes the contract of the two. Signed by the agent. */
export type Acceptance = {
  /** Digest of the LeaseTerms. */
  readonly leaseId: Hex;
  /** `uidToBytes32` of the GPULease object, so that a re-created object needs a new acceptance. */
  readonly leaseUid: Hex;
  /** Unix milliseconds on the agent's clock. */
  readonly acceptedMs: bigint;
};

/** EIP-712 members of `Acceptance`. */
export const acceptanceTypes = {
  Acceptance: [
    { name: 'leaseId', type: 'bytes32' },
    { name: 'leaseUid', type: 'bytes32' },
    { name: 'acceptedMs', type: 'uint64' },
  ],
} as const;

/** The EIP-712 digest. */
export function hashAcceptance(domain: EscrowDomain, acceptance: Acceptance): Hex {
  return typedDigest(domain, acceptanceTypes, 'Acceptance', acceptance);
}

/** Signs as the agent; 65 bytes. */
export function signAcceptance(
  account: LocalAccount,
  domain: EscrowDomain,
  acceptance: Acceptance,
): Promise<Hex> {
  return signTyped(account, domain, acceptanceTypes, 'Acceptance', acceptance);
}

/** The address that signed; the caller compares it with the one it expects. Rejects when malformed. */
export function recoverAcceptance(
  domain: EscrowDomain,
  acceptance: Acceptance,
  signature: Hex,
): Promise<Address> {
  return recoverTyped(domain, acceptanceTypes, 'Acceptance', acceptance, signature);
}
