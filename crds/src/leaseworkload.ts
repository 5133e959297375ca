import { defineKind, type ObjectOf, type SpecOf } from './defineKind.ts';
import { bytes32, struct, text } from './fields.ts';
import { leaseWorkloads } from './resources.ts';

/** Bytes are characters here: the canonical document is ASCII but for what tenants write. */
export const MAX_WORKLOAD_DOCUMENT_LENGTH = 1_000_000;

const spec = struct(
  'The document and its hash. Immutable.',
  {
    document: text(
      'Canonical JSON (RFC 8785) of what the tasks run; unknown fields are refused by the agent.',
      {
        maxLength: MAX_WORKLOAD_DOCUMENT_LENGTH,
        minLength: 2,
      },
    ),
    hash: bytes32('keccak256 of the document: LeaseTerms.workloadHash.'),
  },
  { atomic: true },
);

/** What the leases of one job at one provider run: written once, referred to by hash. */
export const leaseWorkload = defineKind({
  resource: leaseWorkloads,
  shortNames: ['lw'],
  cluster: 'hub',
  description:
    'LeaseWorkload holds the canonical workload document that the signed terms of leases commit to. One per job and provider, written by the operator, immutable.',
  columns: [
    {
      name: 'Hash',
      type: 'string',
      jsonPath: '.spec.hash',
      description: 'keccak256 of the document.',
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since creation.',
    },
  ],
  spec,
});

export type LeaseWorkload = ObjectOf<typeof leaseWorkload>;
export type LeaseWorkloadSpec = SpecOf<typeof leaseWorkload>;
