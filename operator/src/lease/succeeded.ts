import type { ReasonOf } from '@gridlease/crds/conditionReasons';
import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { formatIndexes } from '@gridlease/crds/indexes';
import { completionsOf, tasksOf } from '@gridlease/crds/jobDefaults';
import { leaseIsActive, leaseOutcome } from '@gridlease/crds/leaseState';
import { getCondition, setCondition } from '@gridlease/kube/conditions';
import type { Condition } from '@gridlease/kube/object';

/** What the lease stage needs of a job's progress; computed outside, from the job's leases. */
export type Progress = {
  readonly completed: readonly number[];
  readonly failedForGood: ReadonlyMap<number, string>;
  readonly waiting: readonly number[];
  readonly failures: ReadonlyMap<number, number>;
  readonly aliveTasks: Readonly<Record<string, number>>;
  readonly retryAtMs?: number;
};

export type Succeeded = {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: ReasonOf<'GPUJob', 'Succeeded'>;
  readonly message: string;
};

type Input = {
  readonly job: GPUJob;
  readonly leases: readonly GPULease[];
  readonly progress: Progress;
};

/** True once the job succeeded or failed for good; it stays so, whatever its leases say later. */
export function isOver(job: GPUJob): boolean {
  const end = getCondition(job.status?.conditions, 'Succeeded')?.status;
  return end === 'True' || end === 'False';
}

/** The `Succeeded` condition: how the job ended, or what it waits for. */
export function succeededOf(input: Input): Succeeded {
  const { job, leases, progress } = input;
  const known = getCondition(job.status?.conditions, 'Succeeded');
  if (known !== undefined && isOver(job)) return known as Succeeded;
  const active = leases.filter(leaseIsActive);
  const total = completionsOf(job.spec);
  const ended = progress.completed.length + progress.failedForGood.size;
  if (total > 0 && active.length === 0 && ended === total) return endOf(input, total);
  if (active.length > 0) return activity(input, active, total);
  return whyIdle(input);
}

function endOf({ job, leases, progress }: Input, total: number): Succeeded {
  const failed = progress.failedForGood;
  if (failed.size === 0) {
    const reason = 'Completed';
    return {
      status: 'True',
      reason,
      message: total === 1 ? 'its task succeeded' : `all ${total} tasks succeeded`,
    };
  }
  const reasons = new Set(failed.values());
  const reason = reasons.has('BudgetExhausted')
    ? 'BudgetExhausted'
    : reasons.has('MaxAmountReached')
      ? job.spec.budget.maxTotal === undefined
        ? 'MaxAmountReached'
        : 'BudgetExhausted'
      : reasons.size === 1
        ? ([...reasons][0] as Succeeded['reason'])
        : 'RetryLimitExceeded';
  const indexes = formatIndexes(failed.keys());
  const shown = indexes.length > 128 ? `${indexes.slice(0, 127)}…` : indexes;
  const message = `${failed.size} of ${total} tasks failed for good (${shown})${lastFailure(leases)}`;
  return { status: 'False', reason, message };
}

/** The newest failure that an agent told about: what a person looks for first. */
function lastFailure(leases: readonly GPULease[]): string {
  const newest = [...leases].sort((a, b) => b.spec.epoch - a.spec.epoch);
  for (const lease of newest) {
    const task = lease.status?.tasks?.at(-1);
    if (task !== undefined) {
      return `; last: task ${task.index} at ${lease.spec.providerName}: ${task.reason}: ${task.message}`;
    }
    const { state, reason, message } = leaseOutcome(lease);
    if (state === 'Failed') return `; last: ${lease.spec.providerName}: ${reason}: ${message}`;
  }
  return '';
}

function activity({ job, progress }: Input, active: readonly GPULease[], total: number): Succeeded {
  const unwanted = job.spec.suspend || job.metadata.deletionTimestamp !== undefined;
  if (unwanted) return stopping(active);
  const done = `${progress.completed.length} of ${total} tasks done`;
  const rest = progress.waiting.length === 0 ? '' : `, ${progress.waiting.length} wait`;
  const isRunning = (lease: GPULease): boolean => leaseOutcome(lease).state === 'Running';
  const starting = active.filter((lease) => !isRunning(lease));
  const running = active.filter(isRunning);
  if (running.length > 0) {
    const stuck = listed(starting.filter((lease) => obstacleOf(lease) !== undefined));
    const message = `${done}${rest}, runs with ${placesOf(running)}${stuck === '' ? '' : `; ${stuck}`}`;
    return { status: 'Unknown', reason: 'Running', message };
  }
  return { status: 'Unknown', reason: 'Starting', message: `${done}${rest}; ${listed(starting)}` };
}

/** The job is not wanted any more, and these leases have yet to end. */
export function stopping(active: readonly GPULease[]): Succeeded {
  const message = `waits until the pods at ${placesOf(active)} are gone`;
  return { status: 'Unknown', reason: 'Stopping', message };
}

/** The providers of these leases: "alpha, bravo". */
export function placesOf(leases: readonly GPULease[]): string {
  return [...new Set(leases.map(({ spec }) => spec.providerName))].sort().join(', ');
}

function listed(leases: readonly GPULease[]): string {
  return stepsOf(leases).join('; ');
}

/** What some of these leases wait for: "alpha: PullingImage: …". */
export function stepsOf(leases: readonly GPULease[]): readonly string[] {
  const steps = leases.map((lease) => `${lease.spec.providerName}: ${stepOf(lease)}`);
  return [...new Set(steps)].sort().slice(0, 4);
}

/** What a starting lease waits for, in the agent's words; what it has behind it is no answer. */
function stepOf(lease: GPULease): string {
  const obstacle = obstacleOf(lease);
  if (obstacle !== undefined) return `${obstacle.reason}: ${obstacle.message}`;
  return lease.status?.acceptance === undefined ? 'asked' : 'accepted, the containers start';
}

/** The first condition on the way to running that isn't True. */
function obstacleOf({ status }: GPULease): Condition | undefined {
  return ['Accepted', 'Funded', 'Provisioned', 'Delivered', 'Ready']
    .map((type) => getCondition(status?.conditions, type))
    .find((condition) => condition !== undefined && condition.status !== 'True');
}

/** Why no lease exists. */
export function whyIdle({ job, progress }: Pick<Input, 'job' | 'progress'>): Succeeded {
  const admitted = getCondition(job.status?.conditions, 'Admitted');
  if (job.spec.suspend) {
    return { status: 'Unknown', reason: 'Suspended', message: 'spec.suspend is true' };
  }
  if (admitted === undefined) {
    return { status: 'Unknown', reason: 'Pending', message: 'not looked at yet' };
  }
  if (admitted.status !== 'True') return copied(admitted);
  const retry = Math.max(0, ...progress.waiting.map((index) => progress.failures.get(index) ?? 0));
  if (retry > 0) {
    const noun = job.spec.service === undefined ? 'tasks' : 'replicas';
    const message = `${progress.waiting.length} ${noun} start again after a failure`;
    return { status: 'Unknown', reason: 'Starting', message };
  }
  const placed = getCondition(job.status?.conditions, 'Placed');
  if (placed === undefined || placed.status === 'True') {
    return { status: 'Unknown', reason: 'Admitted', message: 'looks for a place' };
  }
  return copied(placed);
}

/**
 * The job with `Succeeded` brought in line with what was just written beside it. While nothing runs it
 * repeats `Admitted` or `Placed`; said in the same write, a waiting job costs no second one.
 */
export function followWaiting(before: GPUJob, written: GPUJob, now: Date): GPUJob {
  const tasks = written.status?.tasks ?? `0/${tasksOf(written.spec)}`;
  const after = { ...written, status: { ...written.status, tasks } };
  const known = getCondition(before.status?.conditions, 'Succeeded');
  const said = ['Admitted', 'Placed'].map((type) => getCondition(before.status?.conditions, type));
  const repeats = known?.status === 'Unknown' && said.some((one) => one?.reason === known.reason);
  if (known !== undefined && !repeats) return after;
  const conditions = after.status?.conditions;
  const source = ['Admitted', 'Placed']
    .map((type) => getCondition(conditions, type))
    .find((one) => one?.status === 'False');
  if (source === undefined || source.reason === 'PartlyPlaced') return after;
  const observedGeneration = after.metadata.generation ?? 0;
  const next = { type: 'Succeeded', ...copied(source), observedGeneration };
  return { ...after, status: { ...after.status, conditions: setCondition(conditions, next, now) } };
}

function copied({
  reason,
  message,
}: {
  readonly reason: string;
  readonly message: string;
}): Succeeded {
  return { status: 'Unknown', reason: reason as Succeeded['reason'], message };
}
