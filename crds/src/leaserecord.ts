import { defineKind, type ObjectOf, type SpecOf } from './defineKind.ts';
import {
  bytes32,
  choice,
  flag,
  list,
  message,
  objectName,
  reason,
  signature,
  struct,
  text,
  time,
  uint32,
  uint64,
} from './fields.ts';
import { acceptance, leaseTasks, leaseTerms } from './leaseTerms.ts';
import { MAX_WORKLOAD_DOCUMENT_LENGTH } from './leaseworkload.ts';
import { objectReference } from './references.ts';
import { leaseRecords } from './resources.ts';

const meter = struct('What was measured so far; survives a restart of the agent.', {
  gpuMs: uint64('Billed GPU time, in milliseconds.'),
  segmentsRoot: bytes32('Merkle root of the device segments.').optional(),
  lastObservedMs: uint64('When the pods were last observed, in unix milliseconds.').optional(),
  runs: list(
    'One entry for each start of a container: pod UID, container, restart, and the times in which it is billed for which GPUs.',
    text('One start of one container, in the meter’s own notation.', { maxLength: 4096 }),
    { max: 16_384 },
  ).optional(),
  final: flag('true when all pods are gone and nothing will be added.').optional(),
  folded: flag(
    'true when the payer accepted the final row; it is not listed in statements again.',
  ).optional(),
});

const spec = struct(
  'Everything the agent must not forget about an accepted lease.',
  {
    hub: text('Name of the hub in the agent’s configuration.', { maxLength: 253, minLength: 1 }),
    leaseRef: objectReference('GPULease'),
    jobRef: objectReference('GPUJob'),
    leaseId: bytes32('Digest of terms.'),
    terms: leaseTerms,
    termsSignature: signature('Signature of terms by terms.signer.'),
    tasks: leaseTasks,
    epoch: uint32('Fencing epoch.', 1),
    product: text('Normalised GPU product.', { maxLength: 63 }),
    workloadDocument: text('The canonical workload document.', {
      maxLength: MAX_WORKLOAD_DOCUMENT_LENGTH,
    }),
    channelName: objectName('PaymentChannel in the hub and ChannelRecord here.'),
    acceptance,
    desiredState: choice('What the hub last demanded.', ['Running', 'Stopped', 'Withdrawn']),
    state: choice(
      'Accepted: no pods yet. Running: pods may exist. Ended: pods are confirmed gone.',
      ['Accepted', 'Running', 'Ended'],
    ),
    funded: flag(
      'true once the agent’s own view of the chain covered the lease; no pod starts before. Not taken from the hub’s copy of the condition.',
    ).optional(),
    fenced: time(
      'When a replica of the agent decided to kill the pods because the hub was not reached for terms.fenceSeconds. No pod starts afterwards.',
    ).optional(),
    finished: struct('How it ended.', {
      time: time('When.'),
      succeeded: flag('true when all tasks succeeded.'),
      reason: reason('Why it ended.'),
      message: message('The same in words.'),
    }).optional(),
    meter: meter.optional(),
  },
  { atomic: true },
);

/** The agent's durable memory of one accepted lease. */
export const leaseRecord = defineKind({
  resource: leaseRecords,
  shortNames: ['glr'],
  cluster: 'provider',
  description:
    'LeaseRecord is the agent’s durable memory of one lease it accepted, in the provider’s own cluster. Written by the agent only.',
  columns: [
    { name: 'Hub', type: 'string', jsonPath: '.spec.hub', description: 'The hub.' },
    { name: 'Job', type: 'string', jsonPath: '.spec.jobRef.name', description: 'The GPUJob.' },
    { name: 'Product', type: 'string', jsonPath: '.spec.product', description: 'GPU product.' },
    {
      name: 'GPUs',
      type: 'integer',
      jsonPath: '.spec.terms.gpuCount',
      description: 'GPUs held at most.',
    },
    { name: 'State', type: 'string', jsonPath: '.spec.state', description: 'Where it stands.' },
    {
      name: 'Result',
      type: 'string',
      jsonPath: '.spec.finished.reason',
      description: 'How it ended.',
    },
    {
      name: 'GPU ms',
      type: 'string',
      jsonPath: '.spec.meter.gpuMs',
      description: 'Billed GPU time, in milliseconds.',
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since creation.',
    },
    {
      name: 'Lease',
      type: 'string',
      jsonPath: '.spec.leaseRef.name',
      description: 'The GPULease.',
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
      name: 'Message',
      type: 'string',
      jsonPath: '.spec.finished.message',
      description: 'How it ended, in words.',
      wide: true,
    },
  ],
  selectableFields: ['.spec.channelName', '.spec.state'],
  spec,
});

export type LeaseRecord = ObjectOf<typeof leaseRecord>;
export type LeaseRecordSpec = SpecOf<typeof leaseRecord>;
