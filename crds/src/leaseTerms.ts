import type { z } from 'zod';
import {
  address,
  bytes32,
  flag,
  integer,
  signature,
  struct,
  text,
  uint32,
  uint64,
  uint96,
} from './fields.ts';

/** Terms, tasks and acceptance of a lease: shared by GPULease (hub) and LeaseRecord (provider). */

/** Every field of the EIP-712 message LeaseTerms, in its order. */
export const leaseTerms = struct(
  'The signed terms (EIP-712 LeaseTerms); their digest is the leaseId. No defaults: what is signed is what is here.',
  {
    tenant: address('Address whose escrow pays.'),
    provider: address('Address that is paid.'),
    signer: address('Address of the operator’s key that signs terms and vouchers.'),
    generation: uint32('Generation of the channel; a lease never crosses one.', 1),
    hub: bytes32('Identity of the hub: keccak256 of the UID of its kube-system namespace.'),
    hubEpoch: uint64('Raised when a hub is restored from a backup; agents refuse lower ones.'),
    jobUid: bytes32('keccak256 of the GPUJob’s UID.'),
    shard: uint32('Which part of the job’s tasks this lease holds.'),
    attempt: uint32('Fencing epoch of this attempt, rising per GPUJob.'),
    offerHash: bytes32('Digest of the accepted GPUOffer.'),
    workloadHash: bytes32('Hash of the LeaseWorkload document.'),
    gpuCount: uint32('GPUs held at most: parallelism × GPUs of one task.', 1),
    spot: flag(
      'true when the price is the spot price and the lease may be ended for a dearer one.',
    ),
    pricePerGpuHour: uint96('Price of one GPU for one hour, in the token’s smallest units.'),
    maxAmount: uint96('Most that the lease may cost, in the token’s smallest units.'),
    maxSeconds: uint32('Longest life of the lease, in seconds; 0 for no limit.'),
    intervalSeconds: uint32('Seconds between two statements.'),
    graceSeconds: uint32('Seconds that a statement may stay unpaid before the lease is suspended.'),
    prepaySeconds: uint32('Seconds paid in advance by the first voucher; 0 for none.'),
    idleSeconds: uint32('Longest time that GPUs may be held without being billed, in seconds.'),
    fenceSeconds: uint32(
      'Seconds without renewal after which the agent kills the pods; 0 to keep running.',
    ),
    retentionBps: integer('Share held back until the lease has ended, in 1/10000.', {
      min: 0,
      max: 10_000,
    }),
    acceptBy: uint64('Unix seconds after which the terms can’t be accepted any more.'),
  },
  { atomic: true },
);

/** The tasks of a lease. */
export const leaseTasks = struct(
  'The tasks of this lease.',
  {
    indexes: text('Global task indexes, such as "0-3,7".', {
      maxLength: 32_768,
      minLength: 1,
      pattern: /^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$/,
    }),
    parallelism: integer('Tasks that run at the same time at most.', { min: 1, max: 10_000 }),
    gpusPerTask: integer('GPUs of one task.', { min: 1, max: 64 }),
  },
  { atomic: true },
);

/** The agent's signed yes. */
export const acceptance = struct(
  'The agent’s signed acceptance (EIP-712 Acceptance).',
  {
    leaseUid: bytes32('keccak256 of the GPULease’s UID.'),
    acceptedMs: uint64('When it was accepted, in unix milliseconds.'),
    agent: address('The agent’s address.'),
    signature: signature('The agent’s signature.'),
  },
  { atomic: true },
);

export type LeaseTermsOnObject = z.output<typeof leaseTerms>;
