import type { EscrowDomain } from '@gridlease/contracts/domain';
import { merkleRoot } from '@gridlease/contracts/merkle';
import { recoverStatementReply } from '@gridlease/contracts/statementReply';
import type { ChannelRef } from '@gridlease/contracts/typedData';
import { type Hex, isAddressEqual } from 'viem';

/** The payer's answer as the PaymentChannel carries it, amounts already numbers. */
export type Reply = {
  readonly statementHash: Hex;
  readonly refusalsRoot: Hex;
  readonly cumulative: bigint;
  readonly signature: Hex;
  readonly refusals: readonly {
    readonly leaseId: Hex;
    readonly reason: string;
    readonly message: string;
  }[];
};

export type ReplyCheck =
  | { readonly valid: true }
  | { readonly valid: false; readonly reason: string; readonly message: string };

/**
 * Whether a reply was signed by the channel's signer and says what its list of refusals says. A
 * reply that fails changes nothing: rows stay open and no lease is suspended on the word of a stranger.
 */
export async function checkReply(
  domain: EscrowDomain,
  channel: ChannelRef,
  reply: Reply,
): Promise<ReplyCheck> {
  if (merkleRoot(reply.refusals.map(({ leaseId }) => leaseId)) !== reply.refusalsRoot) {
    return {
      valid: false,
      reason: 'RefusalsMismatch',
      message: 'the refused rows are not the ones that the reply was signed for',
    };
  }
  const signed = {
    tenant: channel.tenant,
    provider: channel.provider,
    signer: channel.signer,
    generation: channel.generation,
    statementHash: reply.statementHash,
    refusalsRoot: reply.refusalsRoot,
    cumulative: reply.cumulative,
  };
  // A malformed signature has no signer at all; that is the same answer.
  const signer = await recoverStatementReply(domain, signed, reply.signature).catch(
    () => undefined,
  );
  if (signer === undefined || !isAddressEqual(signer, channel.signer)) {
    return {
      valid: false,
      reason: 'ReplySignatureInvalid',
      message: `the reply is signed by ${signer ?? 'nobody'}, not by the channel's signer ${channel.signer}`,
    };
  }
  return { valid: true };
}
