import { defineKind, type ObjectOf, type SpecOf, type StatusOf } from './defineKind.ts';
import {
  address,
  bytes32,
  conditions,
  flag,
  list,
  objectName,
  observedGeneration,
  struct,
  uint32,
  uint64,
  uint96,
} from './fields.ts';
import { objectReference } from './references.ts';
import { paymentChannels } from './resources.ts';
import {
  chainId,
  redeemed,
  statementReply,
  usageRow,
  usageStatement,
  voucher,
} from './statement.ts';

const final = struct(
  'One ended lease that a voucher covers and that is not final on the chain yet.',
  {
    leaseId: bytes32('Digest of the lease’s terms.'),
    leaseName: objectName('Name of the GPULease.'),
    gpuMs: uint64('Billed GPU time, in milliseconds.'),
    amount: uint96('Cost, in the token’s smallest units.'),
    cumulative: uint96('Cumulative of the voucher that covers it, in the token’s smallest units.'),
  },
);

const accepted = struct(
  'What the operator answered last: the memory that the next statement is held against.',
  {
    generation: uint32('Generation of the channel.', 1),
    seq: uint64('Number of the answered statement.'),
    foldedAmount: uint96('Its foldedAmount, in the token’s smallest units.'),
    foldedHead: bytes32('Its foldedHead.'),
    rows: list(
      'Its rows as they were accepted; a refused row keeps what was accepted before.',
      struct('One row.', {
        leaseId: bytes32('Digest of the lease’s terms.'),
        gpuMs: uint64('Accepted GPU time, in milliseconds.'),
        amount: uint96('Accepted amount less credit, in the token’s smallest units.'),
        last: flag('true when the row is final.'),
        rowHash: bytes32('Hash of the row, when it is final.').optional(),
      }),
      { max: 256 },
    ),
  },
  { atomic: true },
);

const spec = struct(
  'Who pays whom, and what was promised. Written by the operator.',
  {
    accountRef: objectReference('PaymentAccount'),
    providerName: objectName('The GPUProvider that is paid.'),
    tenant: address('Address whose escrow pays.'),
    provider: address('Address that is paid.'),
    signer: address('Address of the operator’s key that signs.'),
    chainId: chainId(),
    escrow: address('The GpuEscrow contract.'),
    generation: uint32(
      'Generation of the channel on the chain; cumulatives begin at 0 in each.',
      1,
    ),
    voucher: voucher.optional(),
    reply: statementReply.optional(),
    accepted: accepted.optional(),
    finals: list('Ended leases on their way to the chain; dropped once Settled.', final, {
      max: 256,
    }),
  },
  { atomic: true },
);

const status = struct('What is owed and what was redeemed. Written by the agent.', {
  observedGeneration: observedGeneration().optional(),
  statement: usageStatement.optional(),
  rows: list('The rows of the statement, in its order.', usageRow, { max: 256 }).optional(),
  redeemed: redeemed.optional(),
  conditions: conditions(['Ready']).optional(),
});

/** The money between one PaymentAccount and one provider. */
export const paymentChannel = defineKind({
  resource: paymentChannels,
  shortNames: ['pch'],
  cluster: 'hub',
  description:
    'PaymentChannel carries the money of all leases of one PaymentAccount at one provider: signed statements of the agent in the status, signed replies and vouchers of the operator in the spec.',
  columns: [
    {
      name: 'Account',
      type: 'string',
      jsonPath: '.spec.accountRef.name',
      description: 'Who pays.',
    },
    {
      name: 'Team',
      type: 'string',
      jsonPath: '.spec.accountRef.namespace',
      description: 'Namespace of the account.',
    },
    {
      name: 'Generation',
      type: 'integer',
      jsonPath: '.spec.generation',
      description: 'Generation on the chain.',
    },
    {
      name: 'Owed',
      type: 'string',
      jsonPath: '.status.statement.cumulative',
      description: 'Stated by the agent, in smallest units.',
    },
    {
      name: 'Promised',
      type: 'string',
      jsonPath: '.spec.voucher.cumulative',
      description: 'Signed by the operator, in smallest units.',
    },
    {
      name: 'Redeemed',
      type: 'string',
      jsonPath: '.status.redeemed.cumulative',
      description: 'Paid on the chain, in smallest units.',
    },
    {
      name: 'State',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
      description: 'Whether the channel can pay.',
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since creation.',
    },
    {
      name: 'Tenant',
      type: 'string',
      jsonPath: '.spec.tenant',
      description: 'Address that pays.',
      wide: true,
    },
    {
      name: 'Payee',
      type: 'string',
      jsonPath: '.spec.provider',
      description: 'Address that is paid.',
      wide: true,
    },
    {
      name: 'Signer',
      type: 'string',
      jsonPath: '.spec.signer',
      description: 'Address that signs.',
      wide: true,
    },
    {
      name: 'Tx',
      type: 'string',
      jsonPath: '.status.redeemed.transactionHash',
      description: 'Last payout.',
      wide: true,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: 'The state in words.',
      wide: true,
    },
  ],
  selectableFields: ['.spec.providerName', '.spec.accountRef.uid'],
  spec,
  status,
});

export type PaymentChannel = ObjectOf<typeof paymentChannel>;
export type PaymentChannelSpec = SpecOf<typeof paymentChannel>;
export type PaymentChannelStatus = StatusOf<typeof paymentChannel>;
