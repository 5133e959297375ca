import { defineKind, type ObjectOf, type SpecOf, type StatusOf } from './defineKind.ts';
import {
  bytes32,
  choice,
  conditions,
  indexSet,
  integer,
  list,
  message,
  objectName,
  observedGeneration,
  reason,
  signature,
  struct,
  text,
  time,
  tokenUnits,
  uint32,
  uint64,
  uint96,
} from './fields.ts';
import { acceptance, leaseTasks, leaseTerms } from './leaseTerms.ts';
import { objectReference } from './references.ts';
import { gpuLeases } from './resources.ts';
import { mostTaskFailures } from './taskFailures.ts';

/** A longer workload document is an object of its own: the lease is written several times. */
export const MAX_INLINE_DOCUMENT_LENGTH = 4_096;

const lost = struct(
  'The hub has given the lease up: its provider was silent for longer than the fence, or an admin abandoned it. Set once; what the provider reports afterwards changes nothing.',
  {
    time: time('When it was given up.'),
    reason: choice(
      'ProviderLost: no heartbeat for so long that the pods are gone by the fence, or nothing will replace the lease. Abandoned: an admin gave the provider up.',
      ['ProviderLost', 'Abandoned'],
    ),
    message: message('The same in words, with figures or with the admin’s reason.'),
    lastRenewalTime: time(
      'When the hub last saw the heartbeat renewed, by its own clock. Absent when it never did.',
    ).optional(),
    completedIndexes: indexSet('Tasks that were reported as succeeded before.').optional(),
    failedIndexes: indexSet('Tasks that were reported as failed before.').optional(),
  },
  { atomic: true },
);

const spec = struct(
  'What the hub grants and demands. Written by the operator; immutable but desiredState, stopTime and lost.',
  {
    jobRef: objectReference('GPUJob'),
    providerName: objectName('The GPUProvider that shall run it.'),
    accountRef: objectReference('PaymentAccount'),
    product: text('Normalised GPU product, as in the offer.', { maxLength: 63 }),
    pricePerGPUHour: tokenUnits(
      'Price of one GPU for one hour, in token units; terms.pricePerGpuHour counts.',
    ),
    workloadName: objectName(
      'LeaseWorkload in the same namespace that terms.workloadHash commits to. There is none where workloadDocument is set.',
    ),
    workloadDocument: text(
      'Canonical JSON (RFC 8785) of what the tasks run, where it is short: terms.workloadHash is its keccak256. Default: it is in the LeaseWorkload.',
      { maxLength: MAX_INLINE_DOCUMENT_LENGTH, minLength: 2 },
    ).optional(),
    channelName: objectName('PaymentChannel in the same namespace that pays.'),
    tasks: leaseTasks,
    epoch: uint32(
      'Fencing epoch, rising per GPUJob: a lower one must not run beside a higher one.',
      1,
    ),
    terms: leaseTerms,
    termsSignature: signature('Signature of terms by terms.signer.'),
    desiredState: choice(
      'Running: start and keep it. Stopped: end it, the tasks are not needed any more. Withdrawn: taken back before it was accepted. Never back to Running.',
      ['Running', 'Stopped', 'Withdrawn'],
    ),
    stopTime: time(
      'When desiredState left Running. What ran later than stopping takes is not paid.',
    ).optional(),
    lost: lost.optional(),
  },
  { atomic: true },
);

const taskFailure = struct('One failed task.', {
  index: integer('Global task index.', { min: 0, max: 9_999 }),
  reason: reason('Why it failed.'),
  message: message('The same in words.'),
  exitCode: integer('Exit code of the container, if it ran.', {
    min: -2_147_483_648,
    max: 2_147_483_647,
  }).optional(),
});

const settlement = struct(
  'What the chain paid for this lease. Written by the operator.',
  {
    amount: uint96('Amount of the final row, in the token’s smallest units.'),
    gpuMilliseconds: uint64('Billed GPU time, in milliseconds.'),
    cumulative: uint96('Cumulative of the voucher that covers it, in the token’s smallest units.'),
    transactionHash: bytes32('Transaction that paid it.'),
    blockNumber: uint64('Block of that transaction.'),
  },
  { atomic: true },
);

const status = struct(
  'What the provider does. Written by the agent, but settlement and the conditions Settled and MeterDisputed, which are the operator’s.',
  {
    observedGeneration: observedGeneration().optional(),
    conditions: conditions([
      'Accepted',
      'Funded',
      'Provisioned',
      'Delivered',
      'Ready',
      'Succeeded',
      'Settled',
      'MeterDisputed',
    ]).optional(),
    leaseId: bytes32('Digest of spec.terms.').optional(),
    acceptance: acceptance.optional(),
    active: integer('Tasks whose containers run now.', { min: 0, max: 10_000 }).optional(),
    succeeded: integer('Tasks that ended with exit code 0.', { min: 0, max: 10_000 }).optional(),
    failed: integer('Tasks that failed.', { min: 0, max: 10_000 }).optional(),
    completedIndexes: indexSet('Tasks that succeeded.').optional(),
    failedIndexes: indexSet('Tasks that failed.').optional(),
    gpuMilliseconds: uint64('Billed GPU time so far, in milliseconds.').optional(),
    amount: tokenUnits('Cost so far, in token units.').optional(),
    startTime: time('When the first container ran.').optional(),
    endTime: time('When the last container ended.').optional(),
    heldTime: time(
      'When the agent last made sure, after a silence longer than terms.fenceSeconds, that the lease was still its own.',
    ).optional(),
    devices: list('GPUs in use.', text('UUID of one GPU.', { maxLength: 96 }), {
      max: 640,
    }).optional(),
    tasks: list('The newest failures, newest last.', taskFailure, {
      max: mostTaskFailures,
    }).optional(),
    settlement: settlement.optional(),
  },
);

/** A grant of some tasks of one job to one provider, for one attempt. */
export const gpuLease = defineKind({
  resource: gpuLeases,
  shortNames: ['gl'],
  cluster: 'hub',
  description:
    'GPULease grants some tasks of a GPUJob to one provider under signed terms, for one attempt. Lives in the provider’s namespace; the operator writes the spec, the agent the status.',
  columns: [
    { name: 'Job', type: 'string', jsonPath: '.spec.jobRef.name', description: 'The GPUJob.' },
    { name: 'Product', type: 'string', jsonPath: '.spec.product', description: 'GPU product.' },
    {
      name: 'GPUs',
      type: 'integer',
      jsonPath: '.spec.terms.gpuCount',
      description: 'GPUs held at most.',
    },
    {
      name: 'Price',
      type: 'string',
      jsonPath: '.spec.pricePerGPUHour',
      description: 'Price of one GPU for one hour, in token units.',
    },
    {
      name: 'Desired',
      type: 'string',
      jsonPath: '.spec.desiredState',
      description: 'What the hub demands.',
    },
    {
      name: 'Accepted',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Accepted")].reason',
      description: 'Whether the provider accepted, or why not.',
    },
    {
      name: 'Delivered',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Delivered")].reason',
      description: 'Whether the meter runs.',
    },
    {
      name: 'Result',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Succeeded")].reason',
      description: 'How it ended.',
    },
    {
      name: 'Cost',
      type: 'string',
      jsonPath: '.status.amount',
      description: 'Cost so far, in token units.',
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since creation.',
    },
    {
      name: 'Indexes',
      type: 'string',
      jsonPath: '.spec.tasks.indexes',
      description: 'Tasks in the lease.',
      wide: true,
    },
    {
      name: 'Channel',
      type: 'string',
      jsonPath: '.spec.channelName',
      description: 'Who pays.',
      wide: true,
    },
    {
      name: 'Settled',
      type: 'string',
      jsonPath: '.status.settlement.transactionHash',
      description: 'Transaction that paid it.',
      wide: true,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Succeeded")].message',
      description: 'How it ended, in words.',
      wide: true,
    },
  ],
  selectableFields: [
    '.spec.providerName',
    '.spec.jobRef.uid',
    '.spec.jobRef.name',
    '.spec.desiredState',
  ],
  spec,
  status,
});

export type GPULease = ObjectOf<typeof gpuLease>;
export type GPULeaseSpec = SpecOf<typeof gpuLease>;
export type GPULeaseStatus = StatusOf<typeof gpuLease>;
