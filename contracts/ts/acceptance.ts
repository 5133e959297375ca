import type { Hex } from 'viem';
import { signedMessage } from './typedData.ts';

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

const message = signedMessage<Acceptance>('Acceptance', acceptanceTypes);

/** The EIP-712 digest. */
export const hashAcceptance = message.hash;

/** Signs as the agent; 65 bytes. */
export const signAcceptance = message.sign;

/** The address that signed; the caller compares it with the one it expects. Rejects when malformed. */
export const recoverAcceptance = message.recover;
