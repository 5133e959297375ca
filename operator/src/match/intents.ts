import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsActive } from '@gridlease/crds/leaseState';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import { leaseKeyOf } from './carryOut.ts';
import { indexNames, type MatchDeps } from './deps.ts';
import { followRecord } from './holdings.ts';
import { acceptByOf } from './lease.ts';
import type { Ledger } from './ledger.ts';

/** All records of a job. */
export function recordsOf(job: GPUJob, { informers }: MatchDeps): readonly PlacementRecord[] {
  return informers.records.byIndex(indexNames.jobUid, job.metadata.uid!);
}

/** Decided, but no lease: either on its way or void; the oldest epoch first. */
export function recordsWithoutLease(job: GPUJob, deps: MatchDeps): readonly PlacementRecord[] {
  return recordsOf(job, deps)
    .filter((record) => deps.informers.leases.get(leaseKeyOf(record)) === undefined)
    .sort((a, b) => a.spec.epoch - b.spec.epoch);
}

/**
 * It must not become a lease: its terms can't be accepted any more, or it was one that somebody deleted.
 * A name is used once, or two attempts would be one to the provider; the tasks are placed anew.
 */
export function isVoid(record: PlacementRecord, { clock, policy, informers }: MatchDeps): boolean {
  if (acceptByOf(record, policy.acceptSeconds) <= clock.now().getTime() / 1_000) return true;
  const { jobRef, epoch } = record.spec;
  const job = informers.jobs.get(`${jobRef.namespace}/${jobRef.name}`);
  // Leases are made in the order of their epochs, and the status says which was the last.
  return job?.metadata.uid === jobRef.uid && epoch <= (job.status?.epoch ?? 0);
}

/** The highest epoch ever used for a job; 0 before the first. */
export function lastEpoch(job: GPUJob, leases: readonly GPULease[], deps: MatchDeps): number {
  const epochs = [
    ...leases.map(({ spec }) => spec.epoch),
    ...recordsOf(job, deps).map(({ spec }) => spec.epoch),
  ];
  return Math.max(job.status?.epoch ?? 0, ...epochs);
}

/** Holds what records without a lease will take. */
export function holdRecords(deps: MatchDeps, ledger: Ledger): void {
  const { records, leases, accounts, chains } = deps.informers;
  for (const record of records.list()) {
    if (isVoid(record, deps) || leases.get(leaseKeyOf(record)) !== undefined) continue;
    const { namespace, name } = record.spec.accountRef;
    const chain = chains.get(accounts.get(`${namespace}/${name}`)?.spec.chainName ?? '');
    if (chain !== undefined) followRecord(ledger, record, chain);
  }
}

/** The NVLink domain that a job's active leases run in; undefined when none of them is bound to one. */
export function cliqueOf(
  leases: readonly GPULease[],
  records: readonly PlacementRecord[],
): string | undefined {
  const active = new Set(leases.filter(leaseIsActive).map(({ metadata }) => metadata.name));
  return records.find(({ metadata }) => active.has(metadata.name))?.spec.winner.clique;
}
