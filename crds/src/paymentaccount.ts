import {
  defineKind,
  type ObjectOf,
  type SpecInput,
  type SpecOf,
  type StatusOf,
} from './defineKind.ts';
import {
  address,
  conditions,
  list,
  observedGeneration,
  struct,
  tokenUnits,
  uint64,
} from './fields.ts';
import { paymentAccounts } from './resources.ts';
import { money, nameOf, providerNameOf, writtenAddress } from './userFields.ts';

const spec = struct('Who pays, on which chain, and what the operator may spend.', {
  address: writtenAddress('address', 'Address of the tenant whose escrow pays. Set once.', [
    {
      name: 'addressIsSetOnce',
      rule: 'self == oldSelf',
      message: 'address is set once: channels are bound to it; create a new PaymentAccount',
      messageExpression:
        "'address can\\'t change from ' + oldSelf + ' to ' + self + ': channels are bound to it; create a new PaymentAccount'",
    },
  ]),
  chainName: nameOf('chainName', 'The SettlementChain. Set once.', [
    {
      name: 'chainNameIsSetOnce',
      rule: 'self == oldSelf',
      message: 'chainName is set once: channels are bound to it; create a new PaymentAccount',
      messageExpression:
        "'chainName can\\'t change from ' + oldSelf + ' to ' + self + ': channels are bound to it; create a new PaymentAccount'",
    },
  ]),
  caps: struct('Most that all jobs of this account may cost together. Default: the escrow alone.', {
    perHour: money('caps.perHour', 'Most in any hour.').optional(),
    perDay: money('caps.perDay', 'Most in any 24 hours.').optional(),
    total: money('caps.total', 'Most in the life of the account.').optional(),
  }).optional(),
  allowedProviders: list(
    'Providers that may be paid. Default: all that the hub accepts.',
    providerNameOf('allowedProviders', 'A GPUProvider.'),
    { max: 64, unique: true },
  ).optional(),
  warmChannels: list(
    'Channels that are funded in advance, so that jobs there start without a transaction.',
    struct('One channel.', {
      providerName: providerNameOf('warmChannels.providerName', 'The GPUProvider.'),
      amount: money('warmChannels.amount', 'Least amount to keep reserved.'),
    }),
    { max: 32, keys: ['providerName'] },
  ).optional(),
});

const status = struct('What is in escrow and what was spent. Written by the operator.', {
  observedGeneration: observedGeneration().optional(),
  delegateAddress: address(
    'Address of the operator’s key that the tenant authorizes in the escrow.',
  ).optional(),
  escrowed: tokenUnits('Free and reserved together, in token units.').optional(),
  free: tokenUnits('In escrow and in no channel, in token units.').optional(),
  reserved: tokenUnits('In channels and not paid out, in token units.').optional(),
  spent: tokenUnits('Promised by vouchers so far, in token units.').optional(),
  available: tokenUnits(
    'What new jobs may cost: escrow less what running jobs may still cost, in token units.',
  ).optional(),
  delegateLimit: tokenUnits(
    'What the tenant authorized the delegate to move, in token units.',
  ).optional(),
  delegateSpent: tokenUnits('What the delegate has moved of it, in token units.').optional(),
  runwaySeconds: uint64(
    'Seconds that the escrow lasts at the present rate; absent when nothing runs.',
  ).optional(),
  conditions: conditions(['Ready']).optional(),
});

/** The money of a team. */
export const paymentAccount = defineKind({
  resource: paymentAccounts,
  shortNames: ['payacct'],
  cluster: 'hub',
  description:
    'PaymentAccount names the escrow that pays for the GPUJobs of a namespace, and what the operator may spend of it. Written by tenants; the operator writes the status.',
  columns: [
    {
      name: 'State',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
      description: 'Whether it can pay, or why not.',
    },
    {
      name: 'Chain',
      type: 'string',
      jsonPath: '.spec.chainName',
      description: 'The SettlementChain.',
    },
    {
      name: 'Available',
      type: 'string',
      jsonPath: '.status.available',
      description: 'What new jobs may cost, in token units.',
    },
    {
      name: 'Reserved',
      type: 'string',
      jsonPath: '.status.reserved',
      description: 'In channels, in token units.',
    },
    {
      name: 'Spent',
      type: 'string',
      jsonPath: '.status.spent',
      description: 'Promised so far, in token units.',
    },
    {
      name: 'Runway',
      type: 'string',
      jsonPath: '.status.runwaySeconds',
      description: 'Seconds that the escrow lasts.',
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since creation.',
    },
    {
      name: 'Address',
      type: 'string',
      jsonPath: '.spec.address',
      description: 'Address that pays.',
      wide: true,
    },
    {
      name: 'Delegate',
      type: 'string',
      jsonPath: '.status.delegateAddress',
      description: 'Address to authorize.',
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
  selectableFields: ['.spec.address', '.spec.chainName'],
  spec,
  status,
});

export type PaymentAccount = ObjectOf<typeof paymentAccount>;
export type PaymentAccountSpec = SpecOf<typeof paymentAccount>;
export type PaymentAccountStatus = StatusOf<typeof paymentAccount>;
/** What a tenant writes: fields with a default may be missing. */
export type PaymentAccountSpecInput = SpecInput<typeof paymentAccount>;
