import type { z } from 'zod';
import {
  address,
  bytes32,
  flag,
  integer,
  message,
  objectName,
  reason,
  signature,
  struct,
  uint32,
  uint64,
  uint96,
} from './fields.ts';

/** What two sides of a channel sign, as it stands on PaymentChannel (hub) and ChannelRecord (provider). */

/** The agent's signed statement, without its rows. */
export const usageStatement = struct(
  'The agent’s signed statement over all leases of the channel (EIP-712 UsageStatement).',
  {
    seq: uint64('Number of the statement, rising; never signed twice.'),
    atMs: uint64('When it was made, in unix milliseconds.'),
    rowCount: uint32('Number of rows.'),
    rowsRoot: bytes32('Merkle root of the rows.'),
    foldedAmount: uint96(
      'Sum of the rows that are final and were accepted earlier, in the token’s smallest units.',
    ),
    foldedHead: bytes32('Hash chain over these rows.'),
    cumulative: uint96('Everything owed in this generation, in the token’s smallest units.'),
    prev: bytes32('Hash of the statement before; zero for the first.'),
    hash: bytes32('Digest of this statement.'),
    agent: address('The agent’s address.'),
    signature: signature('The agent’s signature.'),
  },
  { atomic: true },
);

/** One lease in a statement. */
export const usageRow = struct('One lease in a statement (EIP-712 UsageRow).', {
  leaseId: bytes32('Digest of the lease’s terms.'),
  leaseName: objectName('Name of the GPULease.'),
  fromMs: uint64('Start of the billed time, in unix milliseconds.'),
  toMs: uint64('End of the time that is covered, in unix milliseconds.'),
  gpuMs: uint64('Billed GPU time since the start, in milliseconds.'),
  amount: uint96('Cost since the start, in the token’s smallest units.'),
  credit: uint96('Part of amount that the provider gives back, in the token’s smallest units.'),
  segmentsRoot: bytes32('Merkle root of the device segments behind gpuMs.'),
  last: flag('true when the lease has ended and the row is final.'),
});

/** The operator's signed promise to pay. */
export const voucher = struct(
  'The best voucher (EIP-712 Voucher): what the provider can redeem on the chain.',
  {
    generation: uint32('Generation of the channel.', 1),
    cumulative: uint96('Everything promised in this generation, in the token’s smallest units.'),
    signature: signature('Signature by the channel’s signer.'),
  },
  { atomic: true },
);

/** The operator's signed answer to a statement. */
export const statementReply = struct(
  'The operator’s signed answer to a statement (EIP-712 StatementReply).',
  {
    statementHash: bytes32('Digest of the statement that is answered.'),
    refusalsRoot: bytes32('Merkle root of the refused leaseIds; zero for none.'),
    cumulative: uint96('Everything accepted in this generation, in the token’s smallest units.'),
    signature: signature('Signature by the channel’s signer.'),
    refusals: struct('One refused row.', {
      leaseId: bytes32('The lease.'),
      reason: reason('Why its row is not paid.'),
      message: message('The same in words and figures.'),
    })
      .array()
      .max(256)
      .readonly()
      .meta({
        description: 'Rows that are not paid; the others are.',
        'x-kubernetes-list-type': 'atomic',
      }),
  },
  { atomic: true },
);

/** What the contract has paid out. */
export const redeemed = struct(
  'The newest payout of this channel that the agent saw on the chain.',
  {
    cumulative: uint96('Paid out in this generation, in the token’s smallest units.'),
    transactionHash: bytes32('The transaction.'),
    blockNumber: uint64('Its block.'),
  },
  { atomic: true },
);

/** Chain and contract, as numbers that both sides sign over. */
export const chainId = () =>
  integer('Number of the chain (EIP-155).', { min: 1, max: Number.MAX_SAFE_INTEGER });

export type UsageStatementOnObject = z.output<typeof usageStatement>;
export type UsageRowOnObject = z.output<typeof usageRow>;
export type StatementReplyOnObject = z.output<typeof statementReply>;
