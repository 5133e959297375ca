import { defineKind, type ObjectOf, type SpecOf, type StatusOf } from './defineKind.ts';
import {
  address,
  bytes32,
  conditions,
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
