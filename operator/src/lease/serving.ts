import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { parseIndexes } from '@gridlease/crds/indexes';
import { leaseIsActive, leaseOutcome } from '@gridlease/crds/leaseState';
import { getCondition, isTrue } from '@gridlease/kube/conditions';
import {
  isOver,
  type Progress,
  placesOf,
  type Succeeded,
  stepsOf,
  stopping,
  whyIdle,
} from './succeeded.ts';

type Input = {
  readonly job: GPUJob;
  readonly leases: readonly GPULease[];
  readonly progress: Progress;
  /** The job has cost what budget.maxTotal leaves to be spent on purpose. */
  readonly budgetIsSpent: boolean;
};

/** The replicas of a service that are wanted and have a lease now. */
export function replicaLeases(job: GPUJob, leases: readonly GPULease[]): readonly GPULease[] {
  return leases.filter((lease) => leaseIsActive(lease) && !isScaledAway(job, lease));
}

/** Whether a lease is for a replica that spec.service.replicas no longer asks for. */
export function isScaledAway({ spec }: GPUJob, lease: GPULease): boolean {
  const { service } = spec;
  return service !== undefined && highestIndex(lease) >= service.replicas;
}

/** The highest task of a lease; of a replica's, the only one. */
export function highestIndex({ spec }: GPULease): number {
  return parseIndexes(spec.tasks.indexes).at(-1) ?? 0;
}

/** Whether the replica passes its check. */
export function isReady({ status }: GPULease): boolean {
  return isTrue(status?.conditions, 'Ready');
}

/**
 * The `Succeeded` condition of a service. It stays Unknown, with a reason that tells how it serves, until
 * a limit that its author set ends it.
 */
export function servingOf(input: Input): Succeeded {
  const { job, leases, progress } = input;
  const known = getCondition(job.status?.conditions, 'Succeeded');
  if (known !== undefined && isOver(job)) return known as Succeeded;
  const active = leases.filter(leaseIsActive);
  const isUnwanted = job.spec.suspend || job.metadata.deletionTimestamp !== undefined;
  if (active.length > 0 && isUnwanted) return stopping(active);
  const end = active.length === 0 ? endOf(input) : undefined;
  if (end !== undefined) return end;
  if (isUnwanted) return whyIdle(input);

  const { replicas = 0 } = job.spec.service ?? {};
  const wanted = replicaLeases(job, leases);
  const ready = wanted.filter(isReady);
  const leaving = active.length === wanted.length ? '' : `; ${active.length - wanted.length} end`;
  const where = ready.length === 0 ? '' : ` with ${placesOf(ready)}`;
  const figures = `${ready.length} of ${replicas} replicas ready${where}${leaving}`;
  if (replicas === 0) return said('ScaledToZero', `service.replicas is 0${leaving}`);
  if (ready.length === replicas) return said('Serving', figures);
  if (wanted.length === 0) return whyIdle({ job, progress });
  const rest = [
    figures,
    ...whyWaiting(input),
    ...stepsOf(wanted.filter((lease) => !isReady(lease))),
  ].join('; ');
  return said(ready.length > 0 ? 'PartlyServing' : 'Starting', rest);
}

function endOf({ job, leases, progress, budgetIsSpent }: Input): Succeeded | undefined {
  const { failedForGood } = progress;
  const { replicas = 0 } = job.spec.service ?? {};
  const reasons = new Set(failedForGood.values());
  if (budgetIsSpent || reasons.has('BudgetExhausted') || reasons.has('MaxAmountReached')) {
    const message = `the service has cost what budget.maxTotal ${job.spec.budget.maxTotal ?? ''} allows`;
    return { status: 'False', reason: 'BudgetExhausted', message };
  }
  if (replicas === 0 || failedForGood.size < replicas) return undefined;
  const newest = [...leases].sort((a, b) => b.spec.epoch - a.spec.epoch)[0];
  const last = newest === undefined ? '' : `; last: ${leaseOutcome(newest).message}`;
  const message = `all ${replicas} replicas ran for runtime.maxDurationSeconds${last}`;
  return { status: 'False', reason: 'DeadlineExceeded', message };
}

/** What replicas without a lease wait for, in the words of the placement. */
function whyWaiting({ job, progress }: Input): readonly string[] {
  const { waiting, failures } = progress;
  if (waiting.length === 0) return [];
  const again = waiting.filter((index) => (failures.get(index) ?? 0) > 0).length;
  if (again > 0) return [`${again} start again after a failure`];
  const placed = getCondition(job.status?.conditions, 'Placed');
  const why = placed?.status === 'False' ? `: ${placed.reason}: ${placed.message}` : '';
  return [`${waiting.length} wait for a place${why}`];
}

function said(reason: Succeeded['reason'], message: string): Succeeded {
  return { status: 'Unknown', reason, message: message.slice(0, 1024) };
}
