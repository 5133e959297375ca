import type { FailureReason } from '@gridlease/crds/reasons';
import { fromKubeTime } from '@gridlease/kube/conditions';
import { describeExit, exitHint } from './exitCode.ts';
import type { ConditionView, TaskJob, TaskPod, TerminatedState } from './objects.ts';
import { cut } from './obstacle.ts';
import { stateOf } from './podState.ts';

/** Why one task of a lease failed. */
export type TaskFailure = {
  readonly index: number;
  readonly reason: FailureReason;
  readonly message: string;
  readonly exitCode?: number;
};

type Cause = Omit<TaskFailure, 'index'>;

/**
 * Why a task failed, from the most exact source there is: its cluster's word that it took the pod away,
 * the node's word, the container's end, the Job. Whose doing it was decides whether it counts against
 * batch.retryLimit, so a pod that was taken away never reads as a failure of the program in it.
 */
export function failureOf(index: number, job: TaskJob, pods: readonly TaskPod[]): TaskFailure {
  const cause = causeOf(job, pods.toSorted(byCreation).at(-1));
  return { index, ...cause, message: cut(`task ${index} ${cause.message}`) };
}

function causeOf(job: TaskJob, pod: TaskPod | undefined): Cause {
  const failed = job.status?.conditions?.find((c) => c.type === 'Failed' && c.status === 'True');
  const isOnTime = pod !== undefined && endedBefore(job, pod);
  if (failed?.reason === 'DeadlineExceeded' && !isOnTime) return tooLong(pod);
  if (pod === undefined) {
    const why = failed?.message ?? 'its Job says no more';
    return { reason: 'PodDeleted', message: `failed, and its pod is gone: ${why}` };
  }
  return disruption(pod) ?? nodesWord(pod) ?? containersEnd(pod, failed);
}

/** What a kubelet says that looked for the container and found none: the exit code is its own invention. */
const lostContainer = 'ContainerStatusUnknown';

/** How it ended tells a program that saved its work on SIGTERM from one that was cut off. */
function tooLong(pod: TaskPod | undefined): Cause {
  const terminated = pod && stateOf(pod)?.terminated;
  const exitCode = terminated?.reason === lostContainer ? undefined : terminated?.exitCode;
  const end = exitCode === undefined ? '' : ` with ${describeExit(exitCode)}`;
  return {
    reason: 'DeadlineExceeded',
    message: `ran longer than it may and was stopped${end}: raise runtime.maxDurationSeconds or split the work`,
    ...(exitCode !== undefined && { exitCode }),
  };
}

/** The control plane or the node took the pod away for a cause that is not its own. */
function disruption({ status }: TaskPod): Cause | undefined {
  const target = status?.conditions?.find(
    ({ type, status: is }) => type === 'DisruptionTarget' && is === 'True',
  );
  if (target === undefined) return undefined;
  const why = status?.message ?? target.message ?? 'no reason given';
  const isNodeGone =
    target.reason === 'DeletionByPodGC' ||
    target.reason === 'DeletionByTaintManager' ||
    (target.reason === 'TerminationByKubelet' && isShutdown(status?.reason));
  if (isNodeGone) return { reason: 'NodeLost', message: `lost its node: ${why}` };
  return { reason: 'EvictedFromNode', message: `was evicted (${target.reason}): ${why}` };
}

function isShutdown(reason: string | undefined): boolean {
  return reason === 'Terminated' || reason === 'NodeShutdown' || reason === 'Shutdown';
}

/** What the kubelet says of limits of the pod's own; anything else that evicts is pressure on the node. */
const overOwnLimit =
  /ephemeral local storage usage exceeds|exceeded its local ephemeral storage limit|Usage of EmptyDir volume/;

/** What the kubelet wrote beside the containers: evictions, and pods that it never let start. */
function nodesWord(pod: TaskPod): Cause | undefined {
  const { status } = pod;
  const { reason, message: why = 'no reason given' } = status ?? {};
  if (status?.phase !== 'Failed' || reason === undefined) return undefined;
  if (reason === 'DeadlineExceeded') return tooLong(pod);
  if (reason === 'Evicted') {
    if (!overOwnLimit.test(why)) {
      return { reason: 'EvictedFromNode', message: `was evicted: ${why}` };
    }
    const field = /"shared-memory"/.test(why) ? 'sharedMemory' : 'ephemeralStorage';
    return {
      reason: 'OutOfEphemeralStorage',
      message: `wrote more than it may: ${why.replace(/[.\s]+$/, '')}: raise workload.resources.${field}`,
    };
  }
  if (isShutdown(reason) || reason === 'NodeLost') {
    return { reason: 'NodeLost', message: `lost its node: ${why}` };
  }
  if (reason === 'UnexpectedAdmissionError' && /unhealthy/.test(why)) {
    return { reason: 'DeviceUnhealthy', message: `got no healthy GPU: ${why}` };
  }
  return { reason: 'PodsRefused', message: `was refused by its node: ${reason}: ${why}` };
}

function containersEnd(pod: TaskPod, failed: ConditionView | undefined): Cause {
  const terminated = stateOf(pod)?.terminated;
  if (terminated?.exitCode === undefined) {
    const why = failed?.message ?? 'nothing more is known';
    return { reason: 'PodDeleted', message: `failed, and its container did not end: ${why}` };
  }
  const { exitCode, reason, message: said } = terminated;
  if (reason === lostContainer) {
    const why = said ?? 'its node can’t find it any more';
    return { reason: 'NodeLost', message: `lost its container: ${why}`, exitCode };
  }
  if (reason === 'OOMKilled') {
    const limit = limitOf(pod, 'memory');
    return {
      reason: 'OutOfMemory',
      message: `used more memory than it may${limit} and ended with ${describeExit(exitCode)}: raise workload.resources.memory`,
      exitCode,
    };
  }
  if (reason !== undefined && cannotStart.has(reason)) {
    const why = said ?? describeExit(exitCode);
    return { reason: 'ContainerCannotRun', message: `could not be started: ${why}`, exitCode };
  }
  if (wasDeletedBefore(pod, terminated)) {
    const message = `was deleted by somebody at the provider and ended with ${describeExit(exitCode)}`;
    return { reason: 'PodDeleted', message, exitCode };
  }
  const message = `ended with ${describeExit(exitCode)}: ${said ?? exitHint(exitCode)}`;
  return { reason: 'TaskFailed', message, exitCode };
}

const cannotStart: ReadonlySet<string> = new Set([
  'StartError',
  'ContainerCannotRun',
  'RunContainerError',
  'CreateContainerError',
  'CreateContainerConfigError',
]);

/**
 * Whether its container had ended before its Job was found to fail. A node says so a moment later, and
 * meanwhile the Job of a task whose time is nearly up may have failed for that.
 */
export function endedBefore({ status }: TaskJob, pod: TaskPod): boolean {
  const when = (type: string) =>
    status?.conditions?.find((condition) => condition.type === type)?.lastTransitionTime;
  // That it will fail is said first, then its pods are ended.
  const foundMs = fromKubeTime(when('FailureTarget') ?? when('Failed'));
  const { startedAt, finishedAt } = stateOf(pod)?.terminated ?? {};
  const finishedMs = fromKubeTime(startedAt) && fromKubeTime(finishedAt);
  return foundMs !== undefined && finishedMs !== undefined && finishedMs < foundMs;
}

/** Whether the pod was told to go before its container ended. One that fails and is cleared away was not. */
function wasDeletedBefore({ metadata }: TaskPod, terminated: TerminatedState): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata;
  if (deletionTimestamp === undefined) return false;
  const askedMs = Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  const finishedMs = Date.parse(terminated.finishedAt ?? '');
  // Both are whole seconds: in the same one, the deletion came first as far as anybody can say.
  return Number.isNaN(finishedMs) || finishedMs >= askedMs;
}

function limitOf({ spec }: TaskPod, resource: string): string {
  const limit = spec?.containers?.[0]?.resources?.limits?.[resource];
  return limit === undefined ? '' : ` (${limit})`;
}

function byCreation(a: TaskPod, b: TaskPod): number {
  const timeOf = ({ metadata }: TaskPod) => Date.parse(metadata.creationTimestamp ?? '') || 0;
  return timeOf(a) - timeOf(b);
}
