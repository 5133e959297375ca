import { defineKind, type ObjectOf, type SpecOf } from './defineKind.ts';
import {
  bytes32,
  integer,
  list,
  message,
  objectName,
  reason,
  struct,
  text,
  time,
  tokenUnits,
  uint32,
  uint96,
} from './fields.ts';
import { leaseTasks } from './leaseTerms.ts';
import { objectReference } from './references.ts';
import { placementRecords } from './resources.ts';

const winner = struct('The offer that was taken.', {
  providerName: objectName('The GPUProvider.'),
  offerName: objectName('The GPUOffer.'),
  offerHash: bytes32('Digest of the offer.'),
  product: text('GPU product.', { maxLength: 63 }),
  pricePerGPUHour: tokenUnits('Price of one GPU for one hour, in token units.'),
  gpuCount: integer('GPUs held at most.', { min: 1, max: 640_000 }),
  maxAmount: uint96('Most that the lease may cost, in the token’s smallest units.'),
  generation: uint32('Generation of the channel that pays.', 1),
  clique: text('NVLink domain that all tasks run in; only with gpu.locality SameClique.', {
    maxLength: 63,
  }).optional(),
});

const loser = struct('A candidate that was not taken.', {
  providerName: objectName('The GPUProvider.'),
  offerName: objectName('The GPUOffer, if it had one.').optional(),
  product: text('GPU product, if known.', { maxLength: 63 }).optional(),
  pricePerGPUHour: tokenUnits('Its price of one GPU for one hour, in token units.').optional(),
  reason: reason('Why not.'),
  message: message('The same in words and figures.'),
});

const spec = struct(
  'One placement decision. Written by the operator once; immutable.',
  {
    jobRef: objectReference('GPUJob'),
    accountRef: objectReference('PaymentAccount'),
    epoch: uint32('Fencing epoch, unique and rising per GPUJob: one record is one lease.', 1),
    shard: uint32('Which part of the job’s tasks.'),
    attempt: uint32('0 for the first attempt of these tasks.'),
    indexes: leaseTasks.shape.indexes,
    parallelism: leaseTasks.shape.parallelism,
    decidedTime: time('When it was decided.'),
    winner,
    losers: list('The nearest losers, nearest first.', loser, { max: 16 }),
    reasonCounts: list(
      'How many candidates fell for each reason.',
      struct('One reason.', {
        reason: reason('The reason.'),
        count: integer('Candidates.', { min: 1, max: 1_000_000 }),
      }),
      { max: 64 },
    ),
    inputsDigest: bytes32(
      'Hash of everything the decision was made from; the bundle is on the operator’s volume.',
    ),
    digest: bytes32('Hash of this record without digest and anchor.'),
    anchor: bytes32(
      'Root on the chain that covers the digest. The operator leaves it out: the ChainTransaction that anchored the digest, and the batch on the operator’s volume, name the root without a write for each record.',
    ).optional(),
  },
  { atomic: true },
);

/** Why some tasks went to one provider: the intent that a lease is derived from. */
export const placementRecord = defineKind({
  resource: placementRecords,
  shortNames: ['plr'],
  cluster: 'hub',
  description:
    'PlacementRecord says why some tasks of a GPUJob went to one provider and not to others. Written by the operator before the lease, immutable.',
  columns: [
    { name: 'Job', type: 'string', jsonPath: '.spec.jobRef.name', description: 'The GPUJob.' },
    { name: 'Epoch', type: 'integer', jsonPath: '.spec.epoch', description: 'Fencing epoch.' },
    {
      name: 'Provider',
      type: 'string',
      jsonPath: '.spec.winner.providerName',
      description: 'Who got it.',
    },
    {
      name: 'Product',
      type: 'string',
      jsonPath: '.spec.winner.product',
      description: 'GPU product.',
    },
    {
      name: 'Price',
      type: 'string',
      jsonPath: '.spec.winner.pricePerGPUHour',
      description: 'Price of one GPU for one hour, in token units.',
    },
    { name: 'Indexes', type: 'string', jsonPath: '.spec.indexes', description: 'Tasks.' },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since creation.',
    },
    {
      name: 'Lost',
      type: 'string',
      jsonPath: '.spec.losers[0].reason',
      description: 'Why the nearest loser lost.',
      wide: true,
    },
    {
      name: 'Digest',
      type: 'string',
      jsonPath: '.spec.digest',
      description: 'Hash of the record.',
      wide: true,
    },
  ],
  selectableFields: ['.spec.jobRef.uid', '.spec.jobRef.name', '.spec.winner.providerName'],
  spec,
});

export type PlacementRecord = ObjectOf<typeof placementRecord>;
export type PlacementRecordSpec = SpecOf<typeof placementRecord>;
