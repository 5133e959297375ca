import type { Address, Hex, LocalAccount } from 'viem';
import type { EscrowDomain } from './domain.ts';
import {
  type ChannelRef,
  channelMembers,
  recoverTyped,
  signTyped,
  typedDigest,
} from './typedData.ts';

/** The tenant side's answer to one usage statement: which rows it refuses, and what it owes in all. Signed by the channel's signer. */
export type StatementReply = ChannelRef & {
  /** Digest of the UsageStatement that is answered. */
  readonly statementHash: Hex;
  /** `merkleRoot` over the leaseIds of refused rows; the zero hash when none is refused. */
  readonly refusalsRoot: Hex;
  /** Token smallest units owed since the generation began, refused rows left out. */
  readonly cumulative: bigint;
};

/** EIP-712 members of `StatementReply`. */
export const statementReplyTypes = {
  StatementReply: [
    ...channelMembers,
    { name: 'statementHash', type: 'bytes32' },
    { name: 'refusalsRoot', type: 'bytes32' },
    { name: 'cumulative', type: 'uint96' },
  ],
} as const;

/** The EIP-712 digest. */
export function hashStatementReply(domain: EscrowDomain, statementReply: StatementReply): Hex {
  return typedDigest(domain, statementReplyTypes, 'StatementReply', statementReply);
}

/** Signs as the channel's signer; 65 bytes. */
export function signStatementReply(
  account: LocalAccount,
  domain: EscrowDomain,
  statementReply: StatementReply,
): Promise<Hex> {
  return signTyped(account, domain, statementReplyTypes, 'StatementReply', statementReply);
}

/** The address that signed; the caller compares it with the one it expects. Rejects when malformed. */
export function recoverStatementReply(
  domain: EscrowDomain,
  statementReply: StatementReply,
  signature: Hex,
): Promise<Address> {
  return recoverTyped(domain, statementReplyTypes, 'StatementReply', statementReply, signature);
}
