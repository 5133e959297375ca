import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { indexesWithin, parseIndexes } from '@gridlease/crds/indexes';
import { completionsOf } from '@gridlease/crds/jobDefaults';
import { type LeaseOutcome, leaseOutcome, reportedIndexes } from '@gridlease/crds/leaseState';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import type { FailureReason } from '@gridlease/crds/reasons';
import { providerFaults, unlistedReason } from '@gridlease/crds/taskFailures';
import {
  addTasks,
  budgetEnds,
  decisiveReason,
  endOf,
  finalFailures,
  pauseMs,
} from './leaseEnds.ts';
import { serviceProgress } from './serviceProgress.ts';

export type ProgressInput = {
  readonly job: GPUJob;
  /** All leases of the job. */
  readonly leases: readonly GPULease[];
  /** Records that still can become a lease. */
  readonly intents: readonly PlacementRecord[];
};

/** How far a job is, index by index. Lists are ascending. */
export type JobProgress = {
  readonly completed: readonly number[];
  /** Out of retries, or failed in a way that a retry would repeat; with the reason that decided. */
  readonly failedForGood: ReadonlyMap<number, string>;
  /** Neither held by a lease nor completed nor failed for good. */
  readonly waiting: readonly number[];
  /** Attempts that count against the limit, per index that has any. */
  readonly failures: ReadonlyMap<number, number>;
  /** Tasks that run or may run at this moment, per provider. */
  readonly aliveTasks: Readonly<Record<string, number>>;
  /** Tasks that each provider has completed, or holds and has yet to end. */
  readonly takenTasks: Readonly<Record<string, number>>;
  /** Unix milliseconds before which a failed index should not start again; absent without failures. */
  readonly retryAtMs?: number;
  /** The same for each replica of a service by itself: one that fails keeps no other from starting. */
  readonly notBeforeMs?: ReadonlyMap<number, number>;
};

/** What no task is told to have failed for, a lease may have ended for. */
const uncounted: ReadonlySet<string> = new Set([...providerFaults, 'AgentError']);
/** Ends of a whole lease that are the workload's doing, so that they count as a failed attempt. */
const countedEnds: ReadonlySet<string> = new Set<FailureReason>([
  'TaskFailed',
  'DeadlineExceeded',
  'StartDeadlineExceeded',
  'IdleTooLong',
  'ImageNotFound',
  'ContainerCannotRun',
  'OutOfMemory',
  'OutOfEphemeralStorage',
]);
/** Causes that are worth more than the word that there were too many: what to change is in the job. */
const tellingEnds: ReadonlySet<string> = new Set<FailureReason>([
  'StartDeadlineExceeded',
  'ImageNotFound',
  'ContainerCannotRun',
  'OutOfMemory',
  'OutOfEphemeralStorage',
  'OutputUploadFailed',
]);

/**
 * Where every index of a job stands, from its leases alone: nothing is counted in memory or in a
 * status that could be stale. What a lease has reported as failed may be placed again at once, its
 * pod is gone; refusals, withdrawals and lost providers don't count against the limit.
 */
export function jobProgress(input: ProgressInput): JobProgress {
  return input.job.spec.service === undefined ? batchProgress(input) : serviceProgress(input);
}

function batchProgress({ job, leases, intents }: ProgressInput): JobProgress {
  const total = completionsOf(job.spec);
  const limit = job.spec.batch?.retryLimit ?? 0;
  // What deleted leases had achieved stays achieved.
  const completed = new Set(parseIndexes(job.status?.completedIndexes ?? ''));
  const failures = new Map<number, number>();
  const final = new Map<number, string>();
  const latest = new Map<number, { readonly epoch: number; readonly reason: string }>();
  const held = new Set<number>();
  const aliveTasks: Record<string, number> = {};
  const takenTasks: Record<string, number> = {};
  let lastFailureMs = 0;

  for (const lease of leases) {
    const end = leaseOutcome(lease);
    const read = readLease(job, lease, end);
    for (const index of read.completed) completed.add(index);
    for (const [index, reason] of read.failed) {
      if (!uncounted.has(reason)) {
        failures.set(index, (failures.get(index) ?? 0) + 1);
        const { epoch } = lease.spec;
        if (epoch > (latest.get(index)?.epoch ?? 0)) latest.set(index, { epoch, reason });
      }
      if (finalFailures.has(reason)) final.set(index, reason);
    }
    if (read.failed.size > 0) lastFailureMs = Math.max(lastFailureMs, read.endMs);
    for (const index of read.held) held.add(index);
    const { providerName, tasks } = lease.spec;
    addTasks(aliveTasks, providerName, Math.min(tasks.parallelism, read.held.length));
    addTasks(takenTasks, providerName, read.held.length + read.completed.length);
  }
  for (const { spec } of intents) {
    const indexes = parseIndexes(spec.indexes);
    for (const index of indexes) held.add(index);
    addTasks(aliveTasks, spec.winner.providerName, Math.min(spec.parallelism, indexes.length));
    addTasks(takenTasks, spec.winner.providerName, indexes.length);
  }
  for (const [index, count] of failures) {
    if (count <= limit || final.has(index)) continue;
    const { reason = '' } = latest.get(index) ?? {};
    final.set(index, tellingEnds.has(reason) ? reason : 'RetryLimitExceeded');
  }
  for (const index of completed) final.delete(index);

  const waiting: number[] = [];
  for (let index = 0; index < total; index += 1) {
    if (!completed.has(index) && !final.has(index) && !held.has(index)) waiting.push(index);
  }
  const most = Math.max(0, ...waiting.map((index) => failures.get(index) ?? 0));
  return {
    completed: [...completed].sort((a, b) => a - b),
    failedForGood: new Map([...final].sort(([a], [b]) => a - b)),
    waiting,
    failures,
    aliveTasks,
    takenTasks,
    ...(most === 0 || lastFailureMs === 0 ? {} : { retryAtMs: lastFailureMs + pauseMs(most) }),
  };
}

type LeaseRead = {
  readonly completed: readonly number[];
  readonly failed: ReadonlyMap<number, string>;
  readonly held: readonly number[];
  /** 0 while it isn't over. */
  readonly endMs: number;
};

function readLease(job: GPUJob, lease: GPULease, outcome: LeaseOutcome): LeaseRead {
  const { state } = outcome;
  const reasonOf = (told: string): string => decisiveReason(job, lease, told);
  const reason = reasonOf(outcome.reason);
  const own = lease.spec.tasks.indexes;
  const indexes = parseIndexes(own);
  if (state === 'Refused' || state === 'Withdrawn') {
    return { completed: [], failed: new Map(), held: [], endMs: 0 };
  }
  const reported = reportedIndexes(lease);
  const completed = indexesWithin(reported.completed, own);
  const done = new Set(completed);
  const listed = lease.status?.tasks ?? [];
  const reasons = new Map(listed.map((task) => [task.index, task.reason]));
  const failed = new Map<number, string>();
  for (const index of indexesWithin(reported.failed, own)) {
    if (!done.has(index)) failed.set(index, reasonOf(reasons.get(index) ?? unlistedReason(listed)));
  }
  const open = indexes.filter((index) => !done.has(index) && !failed.has(index));
  if (state === 'Pending' || state === 'Accepted' || state === 'Running') {
    return { completed, failed, held: open, endMs: 0 };
  }
  // Success of the whole is success of each, also where the list was too long to be written.
  if (state === 'Succeeded') {
    return { completed: [...completed, ...open], failed, held: [], endMs: endOf(lease) };
  }
  const stoppedByUs = lease.spec.desiredState !== 'Running';
  const counts = budgetEnds.has(reason) || (!stoppedByUs && countedEnds.has(reason));
  if (counts) for (const index of open) failed.set(index, reason);
  return { completed, failed, held: [], endMs: endOf(lease) };
}
