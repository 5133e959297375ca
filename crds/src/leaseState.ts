import type { Condition } from '@gridlease/kube/object';
import type { GPULease } from './gpulease.ts';

/** What a GPULease's conditions say, read in one place: every stage must draw the same conclusions. */

/** Where a lease stands. Refused, Withdrawn, Succeeded and Failed are final. */
export type LeaseState =
  | 'Pending'
  | 'Refused'
  | 'Withdrawn'
  | 'Accepted'
  | 'Running'
  | 'Succeeded'
  | 'Failed';

/** The state with the reason and message of the condition that decides it. */
export type LeaseOutcome = {
  readonly state: LeaseState;
  readonly reason: string;
  readonly message: string;
};

type LeaseView = Pick<GPULease, 'spec' | 'status'>;

function conditionOf(lease: LeaseView, type: string): Condition | undefined {
  return lease.status?.conditions?.find((condition) => condition.type === type);
}

function outcome(state: LeaseState, condition: Condition | undefined): LeaseOutcome {
  return { state, reason: condition?.reason ?? state, message: condition?.message ?? '' };
}

/**
 * Where the lease stands. A lease that was withdrawn before it was accepted is over at once: accepting
 * and withdrawing race on the same resourceVersion, so an accept can't come after. One that was lost
 * stays lost, whatever its provider reports when it comes back: its tasks are somebody else's since.
 */
export function leaseOutcome(lease: LeaseView): LeaseOutcome {
  const { lost } = lease.spec;
  if (lost !== undefined) return { state: 'Failed', reason: lost.reason, message: lost.message };
  const succeeded = conditionOf(lease, 'Succeeded');
  if (succeeded?.status === 'True') return outcome('Succeeded', succeeded);
  if (succeeded?.status === 'False') return outcome('Failed', succeeded);
  const accepted = conditionOf(lease, 'Accepted');
  if (accepted?.status === 'False') return outcome('Refused', accepted);
  if (accepted?.status !== 'True') {
    return lease.spec.desiredState === 'Withdrawn'
      ? outcome('Withdrawn', undefined)
      : outcome('Pending', accepted);
  }
  const delivered = conditionOf(lease, 'Delivered');
  return delivered?.status === 'True'
    ? outcome('Running', delivered)
    : outcome('Accepted', accepted);
}

/** Nothing more will happen: refused, withdrawn, or ended with its pods confirmed gone. */
export function leaseIsFinished(lease: LeaseView): boolean {
  const { state } = leaseOutcome(lease);
  return (
    state === 'Refused' || state === 'Withdrawn' || state === 'Succeeded' || state === 'Failed'
  );
}

/** Not finished: counts against capacity and budget, also while the provider still decides. */
export function leaseIsActive(lease: LeaseView): boolean {
  return !leaseIsFinished(lease);
}

/** Whether the hub has given it up, with its provider or for the provider's silence. */
export function leaseIsLost({ spec }: Pick<GPULease, 'spec'>): boolean {
  return spec.lost !== undefined;
}

/** The tasks that count as ended by this lease; of a lost one those that were reported before. */
export function reportedIndexes({ spec, status }: LeaseView): {
  readonly completed: string;
  readonly failed: string;
} {
  const { completedIndexes = '', failedIndexes = '' } = spec.lost ?? status ?? {};
  return { completed: completedIndexes, failed: failedIndexes };
}

/** Whether settlement is done: the chain paid what the final row says. */
export function leaseIsSettled(lease: LeaseView): boolean {
  return conditionOf(lease, 'Settled')?.status === 'True';
}

/** Where a lease stands for those who count leases: each is in one of these. */
export const leaseStandings = ['pending', 'running', 'suspended', 'ended', 'unsettled'] as const;
export type LeaseStanding = (typeof leaseStandings)[number];

/** Why an accepted lease delivers nothing: it was stopped for its money, not on its way to run. */
const suspendedReasons: ReadonlySet<string> = new Set([
  'PaymentOverdue',
  'FundsExhausted',
  'MeterRefused',
  'Suspended',
]);

/** `unsettled` has ended and its money is not final on the chain yet; `ended` has nothing open. */
export function leaseStanding(lease: LeaseView): LeaseStanding {
  const { state } = leaseOutcome(lease);
  if (state === 'Running') return 'running';
  if (state === 'Pending') return 'pending';
  if (state === 'Accepted') {
    const reason = conditionOf(lease, 'Delivered')?.reason ?? '';
    return suspendedReasons.has(reason) ? 'suspended' : 'pending';
  }
  if (state === 'Refused' || state === 'Withdrawn') return 'ended';
  return leaseIsSettled(lease) ? 'ended' : 'unsettled';
}
