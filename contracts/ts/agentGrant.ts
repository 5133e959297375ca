import type { Address, Hex, LocalAccount } from 'viem';
import type { EscrowDomain } from './domain.ts';
import { recoverTyped, signTyped, typedDigest } from './typedData.ts';

/** A provider's owner lets an agent key sign for the provider. Signed by the provider's owner. */
export type AgentGrant = {
  readonly provider: Address;
  readonly agent: Address;
  /** Unix seconds. */
  readonly notBefore: bigint;
  /** Unix seconds. */
  readonly notAfter: bigint;
};

/** EIP-712 members of `AgentGrant`. */
export const agentGrantTypes = {
  AgentGrant: [
    { name: 'provider', type: 'address' },
    { name: 'agent', type: 'address' },
    { name: 'notBefore', type: 'uint64' },
    { name: 'notAfter', type: 'uint64' },
  ],
} as const;

/** The EIP-712 digest. */
export function hashAgentGrant(domain: EscrowDomain, agentGrant: AgentGrant): Hex {
  return typedDigest(domain, agentGrantTypes, 'AgentGrant', agentGrant);
}

/** Signs as the provider's owner; 65 bytes. */
export function signAgentGrant(
  account: LocalAccount,
  domain: EscrowDomain,
  agentGrant: AgentGrant,
): Promise<Hex> {
  return signTyped(account, domain, agentGrantTypes, 'AgentGrant', agentGrant);
}

/** The address that signed; the caller compares it with the one it expects. Rejects when malformed. */
export function recoverAgentGrant(
  domain: EscrowDomain,
  agentGrant: AgentGrant,
  signature: Hex,
): Promise<Address> {
  return recoverTyped(domain, agentGrantTypes, 'AgentGrant', agentGrant, signature);
}
