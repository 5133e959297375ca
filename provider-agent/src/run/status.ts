import { formatTokenAmount } from '@gridlease/contracts/amount';
import type { ReasonOf } from '@gridlease/crds/conditionReasons';
import type { GPULease } from '@gridlease/crds/gpulease';
import { formatIndexes } from '@gridlease/crds/indexes';
import { listedFailures } from '@gridlease/crds/taskFailures';
import { getCondition, setCondition, toKubeTime } from '@gridlease/kube/conditions';
import type { Progress } from './decide.ts';
import type { Observation } from './observe.ts';
import type { Obstacle } from './obstacle.ts';
import { isProblem } from './waiting.ts';

/** What the meter has counted for a lease. */
export type LeaseUsage = {
  readonly gpuMs: bigint;
  /** Token smallest units. */
  readonly amount: bigint;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  readonly delivering: boolean;
  /** Why containers run and nothing is billed at this moment; undefined while it is. */
  readonly withheld?:
    | { readonly reason: ReasonOf<'GPULease', 'Delivered'>; readonly message: string }
    | undefined;
  /** What is wrong, or not known, about what is billed; undefined when all is well. */
  readonly doubt?: LeaseUsage['withheld'];
  /** GPUs of the containers that run, as far as anybody names them. */
  readonly devices?: readonly string[];
  /** Nothing will change any more. */
  readonly final: boolean;
};

export type StatusInput = {
  readonly current: GPULeaseStatus | undefined;
  readonly observedGeneration: number | undefined;
  readonly observation: Observation;
  readonly progress: Progress;
  readonly parallelism: number;
  /** Its task is a replica that serves until it is stopped. */
  readonly isService: boolean;
  /** How it ended; undefined while it goes on. */
  readonly finished:
    | {
        readonly succeeded: boolean;
        readonly reason: string;
        readonly message: string;
        readonly time: string;
      }
    | undefined;
  readonly suspended: { readonly message: string } | undefined;
  /** Why tasks can't be created; undefined while they can. */
  readonly obstacle: Obstacle | undefined;
  readonly usage: LeaseUsage | undefined;
  readonly decimals: number;
  readonly now: Date;
};

type GPULeaseStatus = NonNullable<GPULease['status']>;

type ConditionType = 'Provisioned' | 'Delivered' | 'Ready' | 'Succeeded';

/** The status as it should be now. The operator's own conditions and fields are kept as they are. */
export function leaseStatus(input: StatusInput): GPULeaseStatus {
  const { current, observation, progress, finished, usage, now } = input;
  let conditions = current?.conditions ?? [];
  const set = <C extends ConditionType>(
    type: C,
    status: 'True' | 'False' | 'Unknown',
    reason: ReasonOf<'GPULease', C>,
    message: string,
  ): void => {
    const generation = input.observedGeneration;
    const observed = generation === undefined ? {} : { observedGeneration: generation };
    conditions = setCondition(conditions, { type, status, reason, message, ...observed }, now);
  };
  if (finished === undefined) describeRunning(input, set);
  else {
    const provisioned = getCondition(conditions, 'Provisioned');
    describeObstacle(input, set);
    if (provisioned !== undefined || observation.startedMs !== undefined) {
      // What was refused to the end was never provisioned.
      if (provisioned?.status !== 'False' && input.obstacle === undefined) {
        set('Provisioned', 'True', 'Provisioned', 'the tasks were created');
      }
      set('Delivered', 'False', 'Finished', 'the lease has ended');
      set('Ready', 'False', 'Finished', 'the lease has ended');
    }
    const reason = finished.reason as ReasonOf<'GPULease', 'Succeeded'>;
    set('Succeeded', finished.succeeded ? 'True' : 'False', reason, finished.message);
  }
  const failures = listedFailures(observation.failures);
  const devices = usage?.devices ?? observation.devices;
  const startedMs = observation.startedMs ?? usage?.startMs;
  const endedMs = observation.endedMs ?? usage?.endMs;
  return {
    ...current,
    ...(input.observedGeneration === undefined
      ? {}
      : { observedGeneration: input.observedGeneration }),
    conditions,
    active: finished === undefined ? observation.running.size : 0,
    succeeded: progress.completed.length,
    failed: progress.failed.length,
    completedIndexes: formatIndexes(progress.completed),
    failedIndexes: formatIndexes(progress.failed),
    ...(usage === undefined
      ? {}
      : {
          gpuMilliseconds: usage.gpuMs.toString(),
          amount: formatTokenAmount(usage.amount, input.decimals),
        }),
    ...(current?.startTime !== undefined || startedMs === undefined
      ? {}
      : { startTime: toKubeTime(new Date(startedMs)) }),
    ...(finished === undefined || startedMs === undefined
      ? {}
      : { endTime: endedMs === undefined ? finished.time : toKubeTime(new Date(endedMs)) }),
    ...(devices.length === 0 || finished !== undefined ? {} : { devices: devices.slice(0, 640) }),
    ...(failures.length === 0 ? {} : { tasks: failures }),
  };
}

type Set = <C extends ConditionType>(
  type: C,
  status: 'True' | 'False' | 'Unknown',
  reason: ReasonOf<'GPULease', C>,
  message: string,
) => void;

function describeObstacle({ obstacle }: StatusInput, set: Set): boolean {
  if (obstacle === undefined || obstacle.reason === 'Unschedulable') return false;
  set('Provisioned', 'False', obstacle.reason, obstacle.message);
  return true;
}

function describeRunning(input: StatusInput, set: Set): void {
  const { observation, progress, suspended, obstacle, usage } = input;
  const running = observation.running.size;
  const wanted = Math.min(input.parallelism, progress.remaining.length);
  if (!describeObstacle(input, set)) {
    const made = input.isService ? 'Deployment and Service' : 'jobs';
    set('Provisioned', 'True', 'Provisioned', `namespace, policies, ${made} exist`);
  }
  if (suspended !== undefined) {
    set('Delivered', 'False', 'Suspended', suspended.message);
  } else if (usage?.withheld !== undefined) {
    set('Delivered', 'False', usage.withheld.reason, usage.withheld.message);
  } else if (running === 0 && observation.waiting !== undefined && isProblem(observation.waiting)) {
    set('Delivered', 'False', observation.waiting.reason, observation.waiting.message);
  } else if (usage?.doubt !== undefined && running > 0) {
    set('Delivered', 'True', usage.doubt.reason, usage.doubt.message);
  } else if (usage?.delivering || (usage?.gpuMs ?? 0n) > 0n) {
    set('Delivered', 'True', 'Delivered', 'the meter counts');
  } else if (obstacle?.reason === 'Unschedulable') {
    set('Delivered', 'False', obstacle.reason, obstacle.message);
  } else if (observation.waiting !== undefined) {
    set('Delivered', 'False', observation.waiting.reason, observation.waiting.message);
  } else {
    set('Delivered', 'False', 'Waiting', 'no container runs yet');
  }
  if (input.isService) {
    if (observation.ready > 0)
      set('Ready', 'True', 'Ready', 'the replica runs and its check passes');
    else set('Ready', 'False', 'NotReady', running > 0 ? checkFails : 'the replica does not run');
    set('Succeeded', 'Unknown', 'Running', 'a service runs until it is stopped');
    return;
  }
  if (running > 0 && running >= wanted) set('Ready', 'True', 'Ready', `${running} tasks run`);
  else set('Ready', 'False', 'NotReady', `${running} of ${wanted} tasks run`);
  set('Succeeded', 'Unknown', 'Running', `${progress.completed.length} tasks succeeded`);
}

const checkFails = 'the replica runs, its check does not pass';

export type WriteTimes = {
  /** Milliseconds since the last write of this status; infinite when there was none. */
  readonly sinceWriteMs: number;
  /** Milliseconds since the first container was seen running; undefined before. */
  readonly sinceRunningMs: number | undefined;
  /** Milliseconds since the record went to Running. */
  readonly sinceBeginMs: number;
  /** Traffic follows Ready: a change of it can't wait. */
  readonly isService: boolean;
};

/** Shortest time between two writes that only bring counts up to date. */
const progressMs = 15_000;
/** A task that starts at once costs no write for having waited. */
const reportWaitingMs = 10_000;
/** A replica whose check comes and goes is told once a second. */
const readinessMs = 1_000;
/** All tasks that start together are told in one write. */
const gatherMs = 3_000;

/**
 * Milliseconds until `next` is worth a write: 0 now, undefined never as things are. An accepted lease
 * that runs and ends costs the hub three writes; progress is told, but not task by task.
 */
export function writeDueInMs(
  current: GPULeaseStatus | undefined,
  next: GPULeaseStatus,
  times: WriteTimes,
): number | undefined {
  const was = (type: string) => getCondition(current?.conditions, type);
  const will = (type: string) => getCondition(next.conditions, type);
  const changed = (type: string) => was(type)?.status !== will(type)?.status;
  const isEnd = will('Succeeded')?.status !== 'Unknown' && changed('Succeeded');
  if (isEnd) return 0;
  const provisioned = will('Provisioned');
  if (provisioned?.status === 'False' && was('Provisioned')?.reason !== provisioned.reason)
    return 0;
  if (was('Provisioned')?.status === 'False' && provisioned?.status === 'True') {
    return Math.max(0, progressMs - times.sinceWriteMs);
  }
  if (will('Delivered')?.status === 'True' && changed('Delivered')) {
    const isComplete = will('Ready')?.status === 'True';
    return isComplete ? 0 : Math.max(0, gatherMs - (times.sinceRunningMs ?? 0));
  }
  const waiting = will('Delivered');
  if (waiting?.status === 'False' && was('Delivered')?.reason !== waiting.reason) {
    if (was('Delivered')?.status === 'True') return 0;
    return Math.max(0, reportWaitingMs - times.sinceBeginMs, progressMs - times.sinceWriteMs);
  }
  if (times.isService && was('Delivered') !== undefined && changed('Ready')) {
    return Math.max(0, readinessMs - times.sinceWriteMs);
  }
  // What is wrong while it counts, and that it no longer is. Which GPUs it has may be said late.
  if (waiting?.status === 'True' && was('Delivered')?.reason !== waiting.reason) {
    const names = [was('Delivered')?.reason, waiting.reason];
    const leastMs = names.includes('AssignmentUnverified') ? progressMs : readinessMs;
    return Math.max(0, leastMs - times.sinceWriteMs);
  }
  const counts = (status: GPULeaseStatus | undefined) =>
    [status?.active, status?.succeeded, status?.failed, will('Ready')?.status].join('/');
  const isProgress =
    was('Delivered') !== undefined && (counts(current) !== counts(next) || changed('Ready'));
  return isProgress ? Math.max(0, progressMs - times.sinceWriteMs) : undefined;
}

/** True when the hub knows how the lease ended. */
export function isEndStored(status: GPULeaseStatus | undefined): boolean {
  const succeeded = getCondition(status?.conditions, 'Succeeded')?.status;
  return succeeded === 'True' || succeeded === 'False';
}
