import type { Address } from 'viem';
import { signedMessage } from './typedData.ts';

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

const message = signedMessage<AgentGrant>('AgentGrant', agentGrantTypes);

/** The EIP-712 digest. */
export const hashAgentGrant = message.hash;

/** Signs as the provider's owner; 65 bytes. */
export const signAgentGrant = message.sign;

/** The address that signed; the caller compares it with the one it expects. Rejects when malformed. */
export const recoverAgentGrant = message.recover;
