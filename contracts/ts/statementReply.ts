import type { Hex } from 'viem';
import { type ChannelRef, channelMembers, signedMessage } from './typedData.ts';

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

const message = signedMessage<StatementReply>('StatementReply', statementReplyTypes);

/** The EIP-712 digest. */
export const hashStatementReply = message.hash;

/** Signs as the channel's signer; 65 bytes. */
export const signStatementReply = message.sign;

/** The address that signed; the caller compares it with the one it expects. Rejects when malformed. */
export const recoverStatementReply = message.recover;
