import type { GPULease } from '@gridlease/crds/gpulease';
import { subtract, union } from '@gridlease/crds/indexes';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { FailureReason } from '@gridlease/crds/reasons';
import { isTrue } from '@gridlease/kube/conditions';
import type { TaskOwner, TaskPod } from './objects.ts';
import { indexOf, type Observation } from './observe.ts';
import { cut } from './obstacle.ts';
import { failureOfWait } from './waiting.ts';

/** Why a lease ends before its tasks are done. */
export type Cause = { readonly reason: FailureReason; readonly message: string };

export type Finished = {
  readonly succeeded: boolean;
  readonly reason: FailureReason | 'Completed';
  readonly message: string;
};

/**
 * Whether pods may exist: the hub has stored our very answer, so that no withdrawal can have come
 * first, and our own look at the chain found the money. The hub's word that it is funded counts for
 * nothing: a hub could write it by itself.
 */
export function mayStart(
  record: Pick<LeaseRecord['spec'], 'acceptance' | 'funded'>,
  status: GPULease['status'],
): boolean {
  const isStored = status?.acceptance?.signature === record.acceptance.signature;
  return isStored && isTrue(status?.conditions, 'Accepted') && record.funded === true;
}

export type RunInput = {
  readonly state: 'Accepted' | 'Running' | 'Ended';
  /** Global indexes of the lease's tasks, ascending. */
  readonly indexes: readonly number[];
  readonly parallelism: number;
  /** What the hub was told before: survives the removal of a finished Job. */
  readonly reported: { readonly completed: readonly number[]; readonly failed: readonly number[] };
  readonly observation: Observation;
  /** See `mayStart`: only then may pods exist. */
  readonly mayStart: boolean;
  readonly desired: 'Running' | 'Stopped' | 'Withdrawn';
  /** The lease is gone from the hub: two complete lists said so, and the grace is over. */
  readonly gone: boolean;
  /** The cause that was stored when stopping began; later ones don't replace it. */
  readonly ending: Finished | undefined;
  /** The hub has given the lease up: another one may run its tasks. */
  readonly lost: Cause | undefined;
  /** A replica of the agent has decided that the hub was not reached for too long. */
  readonly fenced: boolean;
  readonly fenceSeconds: number;
  /** False once the hub was not heard for fenceSeconds: what is not started yet stays so. */
  readonly hubHeard: boolean;
  /** What the meter asks for. */
  readonly stop: Cause | undefined;
  readonly suspended: boolean;
  /** For how long all its pods that wait have been seen to do so in vain; undefined when one may not. */
  readonly hopelessMs: number | undefined;
  /** Longest life of the lease from its first container, seconds; 0 for no limit. */
  readonly maxSeconds: number;
  /** How long outputs may be copied after that, seconds; 0 without any. */
  readonly copyingSeconds: number;
  /** Longest running time of one task, seconds; undefined for none. */
  readonly maxDurationSeconds: number | undefined;
  /** Its tasks never end by themselves. */
  readonly isService: boolean;
  /** When the meter saw the first container, unix milliseconds: survives the pod that it was in. */
  readonly firstRunMs: number | undefined;
  readonly nowMs: number;
};

export type RunDecision =
  /** Nothing may happen yet. */
  | { readonly kind: 'wait' }
  /** Record that pods may exist from now on; then decide again. */
  | { readonly kind: 'begin' }
  | {
      readonly kind: 'work';
      /** Tasks to start. */
      readonly create: readonly number[];
      /** What has to be suspended, or to go on. */
      readonly suspend: { readonly owners: readonly TaskOwner[]; readonly to: boolean };
      /** Jobs whose task has used up its time. */
      readonly expire: readonly TaskOwner[];
      readonly againInMs: number | undefined;
    }
  /** Remember the cause, take the pods away, and look again until they are gone. */
  | {
      readonly kind: 'stop';
      readonly cause: Finished;
      readonly owners: readonly TaskOwner[];
      readonly pods: readonly TaskPod[];
    }
  /** All pods are gone or have ended: record it. */
  | { readonly kind: 'end'; readonly finished: Finished }
  /** The lease is over; whatever of it still runs is removed. */
  | {
      readonly kind: 'over';
      readonly owners: readonly TaskOwner[];
      readonly pods: readonly TaskPod[];
    };

/**
 * What to do for one lease, from its record and what exists. Runs from the record: the hub's view only
 * adds a wish to stop, so a hub that is away changes nothing.
 */
export function decideRun(input: RunInput): RunDecision {
  const { observation } = input;
  if (input.state === 'Ended') {
    return { kind: 'over', owners: observation.owners, pods: observation.livePods };
  }
  const progress = progressOf(input);
  const isDone = progress.remaining.length === 0;
  if (isDone && observation.livePods.length === 0) {
    return { kind: 'end', finished: resultOf(input, progress) };
  }
  const cause = isDone ? undefined : causeOf(input);
  if (cause !== undefined) {
    const isQuiet = observation.livePods.length === 0 && observation.owners.length === 0;
    if (isQuiet) return { kind: 'end', finished: cause };
    return { kind: 'stop', cause, owners: observation.owners, pods: observation.livePods };
  }
  if (input.state === 'Accepted') {
    return { kind: input.mayStart && input.hubHeard ? 'begin' : 'wait' };
  }
  return work(input, progress);
}

export type Progress = {
  readonly completed: readonly number[];
  readonly failed: readonly number[];
  readonly remaining: readonly number[];
};

/** Which tasks are done, from what is seen and what was reported before. */
export function progressOf(
  input: Pick<RunInput, 'indexes' | 'reported' | 'observation'>,
): Progress {
  const { observation, reported, indexes } = input;
  const own = new Set(indexes);
  const ours = (list: readonly number[]) => list.filter((index) => own.has(index));
  const completed = ours(union(observation.succeeded, reported.completed));
  const failures = observation.failures.map((failure) => failure.index);
  const failed = subtract(ours(union(failures, reported.failed)), completed);
  return { completed, failed, remaining: subtract(indexes, [...completed, ...failed]) };
}

function work(input: RunInput, progress: Progress): RunDecision {
  const { observation, suspended, nowMs } = input;
  const slots = Math.max(0, input.parallelism - observation.alive.length);
  const startable = subtract(progress.remaining, observation.alive);
  const { isService, maxDurationSeconds = Number.POSITIVE_INFINITY } = input;
  const deadlines = new Map(
    // A replica has no time of its own: its lease is over with it.
    isService
      ? []
      : [...observation.running].map(([index, ms]) => [index, ms + maxDurationSeconds * 1000]),
  );
  const expired = observation.owners.filter(
    (owner) => (deadlines.get(indexOf(owner)) ?? Number.POSITIVE_INFINITY) <= nowMs,
  );
  const next = Math.min(...[...deadlines.values()].filter((at) => at > nowMs), endOfLease(input));
  return {
    kind: 'work',
    create: suspended || !input.hubHeard ? [] : startable.slice(0, slots),
    suspend: {
      owners: observation.owners.filter((owner) => isSuspended(owner) !== suspended),
      to: suspended,
    },
    expire: expired,
    againInMs: Number.isFinite(next) ? Math.max(1000, next - nowMs) : undefined,
  };
}

function isSuspended({ spec }: TaskOwner): boolean {
  return spec?.suspend ?? spec?.replicas === 0;
}

function causeOf(input: RunInput): Finished | undefined {
  if (input.ending !== undefined) return input.ending;
  const failure = (reason: FailureReason, message: string) => ({
    succeeded: false,
    reason,
    message,
  });
  if (input.lost !== undefined) return { succeeded: false, ...input.lost };
  if (input.fenced) {
    return failure(
      'Fenced',
      `for ${input.fenceSeconds} s the hub was not reached, or did not confirm the lease after such a pause`,
    );
  }
  if (input.desired === 'Withdrawn') return failure('Withdrawn', 'the hub took the lease back');
  if (input.desired === 'Stopped') return failure('Stopped', 'the hub stopped the lease');
  if (input.gone) return failure('Cancelled', 'the lease does not exist at the hub any more');
  if (input.stop !== undefined) return { succeeded: false, ...input.stop };
  const hopeless = hopelessWait(input);
  if (hopeless !== undefined) return { succeeded: false, ...hopeless };
  if (input.nowMs < endOfLease(input)) return undefined;
  return failure(
    'DeadlineExceeded',
    `the lease ran longer than its ${longestSeconds(input)} s: raise runtime.maxDurationSeconds`,
  );
}

/** An image that may be pushed a moment later, and a registry that is not asked in vain only once. */
const longestHopelessMs = 60_000;

/** Nothing runs, and nothing ever will: held GPUs would only be missing elsewhere until the deadline. */
function hopelessWait({ observation, hopelessMs = 0 }: RunInput): Cause | undefined {
  const { waiting, running } = observation;
  if (waiting === undefined || running.size > 0 || hopelessMs < longestHopelessMs) return undefined;
  const reason = failureOfWait(waiting);
  return reason && { reason, message: waiting.message };
}

function endOfLease(input: RunInput): number {
  const starts = [input.observation.startedMs, input.firstRunMs].filter((ms) => ms !== undefined);
  return Math.min(...starts) + (longestSeconds(input) + input.copyingSeconds) * 1000;
}

/** Of a service without an end, infinite. */
function longestSeconds({ maxSeconds, isService, maxDurationSeconds }: RunInput): number {
  const ofTerms = maxSeconds === 0 ? Number.POSITIVE_INFINITY : maxSeconds;
  return isService ? Math.min(ofTerms, maxDurationSeconds ?? ofTerms) : ofTerms;
}

function resultOf(input: RunInput, progress: Progress): Finished {
  const total = input.indexes.length;
  if (progress.failed.length === 0) {
    return {
      succeeded: true,
      reason: 'Completed',
      message: `${total} of ${total} tasks succeeded`,
    };
  }
  const first = input.observation.failures[0];
  const others = progress.failed.length - 1;
  const message = first?.message ?? `task ${progress.failed[0]} failed`;
  return {
    succeeded: false,
    reason: first?.reason ?? 'TaskFailed',
    message: others === 0 ? message : cut(message, `, and ${others} more of ${total} tasks failed`),
  };
}
