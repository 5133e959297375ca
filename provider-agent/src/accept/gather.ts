import {
  hashLeaseTerms,
  type LeaseTerms,
  recoverLeaseTerms,
} from '@gridlease/contracts/leaseTerms';
import type { GPULease } from '@gridlease/crds/gpulease';
import { parseIndexes } from '@gridlease/crds/indexes';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { workloadDocumentSchema } from '@gridlease/crds/workloadDocument';
import { type Hex, keccak256, stringToHex } from 'viem';
import { z } from 'zod';
import type { AcceptDeps } from './deps.ts';
import { readTerms, type TermsInput, type WorkloadFacts } from './facts.ts';

/** What the terms policies judge, and what an accepted lease is recorded with. */
export type GatheredTerms = TermsInput & {
  readonly leaseId: Hex;
  /** The text that was hashed; empty when there is none. */
  readonly workloadDocument: string;
};

/** Collects what the policies judge; nothing is believed that can be computed here. */
export async function gatherTerms(lease: GPULease, deps: AcceptDeps): Promise<GatheredTerms> {
  const terms = readTerms(lease.spec.terms);
  const records = deps.informers.records.list(deps.recordNamespace);
  const text =
    lease.spec.workloadDocument ??
    deps.informers.workloads.get(`${deps.hubNamespace}/${lease.spec.workloadName}`)?.spec.document;
  const workload: WorkloadFacts = text === undefined ? { found: false } : readWorkload(text);
  const document = workload.found ? workload.document : undefined;
  return {
    lease,
    terms,
    leaseId: hashLeaseTerms(deps.domain, terms),
    recovered: await recoverSigner(lease, terms, deps),
    offer: deps.offers.offer(terms.offerHash),
    workload,
    workloadDocument: text ?? '',
    closedDestinations: document === undefined ? [] : deps.closedDestinations(document),
    isolationClasses: deps.isolationClasses(),
    canCopyOutputs: deps.canCopyOutputs,
    laterEpoch: laterEpochOf(lease, records),
    nowMs: deps.clock.now().getTime(),
    own: {
      ...deps.own,
      hubEpochSeen: hubEpochSeen(records, terms.hub, deps.hubEpochsOfChannels()),
    },
  };
}

/** Hashes the very text that is stored and reads it strictly: an unknown field is a problem. */
export function readWorkload(text: string): WorkloadFacts {
  const hash = keccak256(stringToHex(text));
  try {
    const parsed = workloadDocumentSchema.safeParse(JSON.parse(text));
    if (parsed.success) return { found: true, hash, document: parsed.data };
    const problem = `the workload is refused: ${z.prettifyError(parsed.error)}`.slice(0, 1000);
    return { found: true, hash, document: undefined, problem };
  } catch {
    return { found: true, hash, document: undefined, problem: 'the workload is not JSON' };
  }
}

async function recoverSigner(
  lease: GPULease,
  terms: LeaseTerms,
  deps: AcceptDeps,
): Promise<Hex | undefined> {
  try {
    return await recoverLeaseTerms(deps.domain, terms, lease.spec.termsSignature);
  } catch {
    // Not a signature at all; the policy says so.
    return undefined;
  }
}

/** Highest epoch that was accepted for any of these tasks, when it is above the lease's own. */
export function laterEpochOf(lease: GPULease, records: readonly LeaseRecord[]): number | undefined {
  const { jobRef, epoch, tasks } = lease.spec;
  const later = records.filter((r) => r.spec.jobRef.uid === jobRef.uid && r.spec.epoch > epoch);
  if (later.length === 0) return undefined;
  const own = new Set(parseIndexes(tasks.indexes));
  const epochs = later
    .filter((record) => parseIndexes(record.spec.tasks.indexes).some((index) => own.has(index)))
    .map((record) => record.spec.epoch);
  return epochs.length === 0 ? undefined : Math.max(...epochs);
}

/** Records of leases go some day; those of channels stay, and remember the epoch for them. */
export function hubEpochSeen(
  records: readonly LeaseRecord[],
  hub: Hex,
  ofChannels: readonly bigint[],
): bigint {
  const ofLeases = records
    .filter(({ spec }) => spec.terms.hub === hub)
    .map(({ spec }) => BigInt(spec.terms.hubEpoch));
  let highest = 0n;
  for (const epoch of [...ofLeases, ...ofChannels]) if (epoch > highest) highest = epoch;
  return highest;
}
