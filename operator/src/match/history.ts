import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsActive, leaseOutcome } from '@gridlease/crds/leaseState';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import type { FailureReason } from '@gridlease/crds/reasons';
import { isTrue } from '@gridlease/kube/conditions';
import type { RefusalFacts } from './facts.ts';

/** What a job's earlier leases mean for the next one. */
export type History = {
  readonly refusals: readonly RefusalFacts[];
  /** Billed in finished leases, smallest units. */
  readonly spent: bigint;
  /** The most that active ones may cost, smallest units. */
  readonly committed: bigint;
};

/** Ends that say something about the workload, not about the provider. */
const workloadEnds: ReadonlySet<string> = new Set<FailureReason>([
  'TaskFailed',
  'DeadlineExceeded',
  'RetryLimitExceeded',
  'MaxAmountReached',
  'BudgetExhausted',
  'OutOfMemory',
  'OutOfEphemeralStorage',
  'OutputUploadFailed',
]);

type Attempt = { readonly epoch: number; readonly failing: Failing | undefined };
type Failing = { readonly reason: string; readonly message: string; readonly atMs: number };

/** Reads the leases of one job, and the records that never became one; pure. `costOf` an ended lease. */
export function historyOf(
  leases: readonly GPULease[],
  voidRecords: readonly PlacementRecord[],
  costOf: (lease: GPULease) => bigint,
): History {
  let spent = 0n;
  let committed = 0n;
  const byProvider = new Map<string, Attempt[]>();
  const add = (provider: string, attempt: Attempt): void => {
    const known = byProvider.get(provider);
    if (known === undefined) byProvider.set(provider, [attempt]);
    else known.push(attempt);
  };
  for (const lease of leases) {
    const { maxSeconds, maxAmount } = lease.spec.terms;
    if (!leaseIsActive(lease)) spent += costOf(lease);
    // Without an end each may cost all that the budget leaves: the hub stops them, by what they have cost.
    else committed += maxSeconds > 0 ? BigInt(maxAmount) : costOf(lease);
    add(lease.spec.providerName, { epoch: lease.spec.epoch, failing: failing(lease) });
  }
  for (const { spec } of voidRecords) {
    const atMs = Date.parse(spec.decidedTime);
    const why = { reason: 'NotAccepted', message: 'the lease could not be written', atMs };
    add(spec.winner.providerName, { epoch: spec.epoch, failing: why });
  }
  const refusals = [...byProvider]
    .map(([provider, attempts]) => standingRefusal(provider, attempts))
    .filter((one) => one !== undefined);
  return { refusals, spent, committed };
}

/** The newest attempt at a provider, when it ended without the provider doing its part. */
function standingRefusal(provider: string, attempts: readonly Attempt[]): RefusalFacts | undefined {
  const newestFirst = [...attempts].sort((a, b) => b.epoch - a.epoch);
  const firstGood = newestFirst.findIndex((attempt) => attempt.failing === undefined);
  const newest = newestFirst[0]?.failing;
  if (newest === undefined) return undefined;
  return { provider, ...newest, count: firstGood < 0 ? newestFirst.length : firstGood };
}

function failing(lease: GPULease): Failing | undefined {
  const { state, reason, message } = leaseOutcome(lease);
  if (state === 'Refused') return { reason, message, atMs: timeOf(lease, 'Accepted') };
  if (state === 'Withdrawn') {
    const atMs = Number(lease.spec.terms.acceptBy) * 1_000;
    return { reason: 'NotAccepted', message: 'it did not answer in time', atMs };
  }
  if (state !== 'Failed') return undefined;
  const disputed = isTrue(lease.status?.conditions, 'MeterDisputed');
  const stoppedByUs = lease.spec.desiredState !== 'Running';
  if (disputed) {
    return {
      reason: 'RowRefused',
      message: 'its meter is disputed',
      atMs: timeOf(lease, 'Succeeded'),
    };
  }
  if (stoppedByUs || workloadEnds.has(reason)) return undefined;
  return { reason, message, atMs: timeOf(lease, 'Succeeded') };
}

function timeOf({ status, metadata }: GPULease, type: string): number {
  const condition = status?.conditions?.find((one) => one.type === type);
  return Date.parse(condition?.lastTransitionTime ?? metadata.creationTimestamp ?? '') || 0;
}
