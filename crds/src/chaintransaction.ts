import type { z } from 'zod';
import { defineKind, type ObjectOf, type SpecOf, type StatusOf } from './defineKind.ts';
import {
  address,
  bytes32,
  choice,
  conditions,
  flag,
  list,
  message,
  objectName,
  reason,
  struct,
  text,
  time,
  uint32,
  uint64,
  uint96,
} from './fields.ts';
import type { Hex } from './hex.ts';
import { chainTransactions } from './resources.ts';
import { chainId } from './statement.ts';

/** 128 KiB of signed bytes in hexadecimal: the largest transaction that nodes pass on. */
const LONGEST_RAW = 2 + 2 * 131_072;

const wei = (description: string) =>
  text(`${description} In wei.`, { maxLength: 78, pattern: /^(0|[1-9][0-9]{0,77})$/ });

const bytes = (description: string) =>
  text(description, {
    maxLength: LONGEST_RAW,
    pattern: /^0x([0-9a-f]{2})+$/,
  }) as unknown as z.ZodType<Hex>;

const signedShape = {
  hash: bytes32('Hash by which the chain knows these bytes.'),
  raw: bytes(
    'The signed bytes. Whoever has them may send them; sent again they are the same transaction.',
  ),
  maxFeePerGas: wei('Most that one unit of gas may cost.'),
  maxPriorityFeePerGas: wei('Part of it that goes to the block’s proposer.'),
  signedTime: time('When they were signed; how long it waits is counted from here.'),
};

const ref = struct('Something that the transaction is about.', {
  kind: text('Its kind.', { maxLength: 63, minLength: 1 }),
  namespace: objectName('Its namespace, where it has one in this cluster.').optional(),
  name: objectName('Its name.'),
  generation: uint32('Generation of the channel.', 1).optional(),
  cumulative: uint96('Cumulative of the voucher, in the token’s smallest units.').optional(),
});

const spec = struct(
  'The intent: stored before anything is sent, never changed. The name is made from chain, signer and nonce, so that one nonce has one intent.',
  {
    chainId: chainId(),
    signer: address('Address whose key signed it and whose coin pays the gas.'),
    nonce: uint64('Its place in the signer’s sequence.'),
    operation: choice(
      'What it is for. FundChannel and AnchorPlacements by the operator, SettleVouchers and WithdrawCredit by an agent; ReleaseNonce does nothing but use up a nonce that no intent holds.',
      ['FundChannel', 'SettleVouchers', 'WithdrawCredit', 'AnchorPlacements', 'ReleaseNonce'],
    ),
    description: message('The same in a sentence.'),
    to: address('The contract that is called.'),
    value: wei('Coin that is sent along.'),
    gas: uint64('Most gas that it may use.'),
    signed: struct('The first signed form.', signedShape, { atomic: true }),
    refs: list('What it is about, in the order of its rows.', ref, { max: 1_000 }).optional(),
    digests: list(
      'AnchorPlacements: digests of the placement records under the root, ascending.',
      bytes32('One digest.'),
      { max: 1_000 },
    ).optional(),
  },
  { atomic: true },
);

const status = struct('What became of it. Written by whoever sent it.', {
  conditions: conditions(['Succeeded']).optional(),
  replacements: list(
    'Later signed forms of the same nonce, oldest first: the same call for a higher fee, or its cancellation. Stored before they are sent.',
    struct('One signed form.', {
      ...signedShape,
      cancels: flag('true when it calls nothing: the intent was given up.').optional(),
    }),
    { max: 16 },
  ).optional(),
  sentTime: time('When it was last sent again because the chain had lost it.').optional(),
  receipt: struct(
    'The block that it is in, as of the last look.',
    {
      transactionHash: bytes32('Which of the signed forms.'),
      blockNumber: uint64('Number of the block.'),
      blockHash: bytes32('Hash of the block: after a reorganisation it is another one.'),
      gasUsed: uint64('Gas that it used.'),
      effectiveGasPrice: wei('What one unit of that gas cost.').optional(),
      success: flag('false when the contract reverted it.'),
    },
    { atomic: true },
  ).optional(),
  skipped: list(
    'SettleVouchers: rows that the contract did not pay.',
    struct('One row.', {
      name: objectName('Name in spec.refs.'),
      reason: reason('The contract’s reason.'),
    }),
    { max: 1_000 },
  ).optional(),
  finishedTime: time('When its end was final.').optional(),
});

/** One transaction of one key: the durable intent, and what became of it. */
export const chainTransaction = defineKind({
  resource: chainTransactions,
  shortNames: ['chtx'],
  cluster: 'both',
  description:
    'ChainTransaction is the durable intent behind one nonce of one key: stored before it is sent, in the sender’s own namespace (the operator’s in the hub, the agent’s in a provider’s cluster). Written by the sender only; deleted some time after its end is final.',
  columns: [
    {
      name: 'Operation',
      type: 'string',
      jsonPath: '.spec.operation',
      description: 'What it is for.',
    },
    {
      name: 'State',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Succeeded")].reason',
      description: 'Where it stands; empty is Built.',
    },
    { name: 'Nonce', type: 'string', jsonPath: '.spec.nonce', description: 'Nonce of the key.' },
    {
      name: 'Block',
      type: 'string',
      jsonPath: '.status.receipt.blockNumber',
      description: 'Block that it is in.',
    },
    {
      name: 'Gas',
      type: 'string',
      jsonPath: '.status.receipt.gasUsed',
      description: 'Gas that it used.',
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since creation.',
    },
    {
      name: 'Hash',
      type: 'string',
      jsonPath: '.spec.signed.hash',
      description: 'Hash of the first signed form.',
      wide: true,
    },
    {
      name: 'For',
      type: 'string',
      jsonPath: '.spec.description',
      description: 'What it is for, in words.',
      wide: true,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Succeeded")].message',
      description: 'Where it stands, in words.',
      wide: true,
    },
  ],
  selectableFields: ['.spec.signer', '.spec.operation'],
  rules: [
    {
      name: 'nameIsNonce',
      // Not string(chainId): how long that gets is not estimated, and the rule would be refused as too dear.
      rule: "self.metadata.name.startsWith('tx-') && self.metadata.name.endsWith('-' + self.spec.signer.lowerAscii().substring(2) + '-' + self.spec.nonce) && int(self.metadata.name.substring(3, self.metadata.name.size() - 42 - self.spec.nonce.size())) == self.spec.chainId",
      message:
        'metadata.name of a ChainTransaction is made from its chain, signer and nonce: rename it to tx-<chainId>-<signer in lower case, without 0x>-<nonce>',
    },
  ],
  spec,
  status,
});

export type ChainTransaction = ObjectOf<typeof chainTransaction>;
export type ChainTransactionSpec = SpecOf<typeof chainTransaction>;
export type ChainTransactionStatus = StatusOf<typeof chainTransaction>;
