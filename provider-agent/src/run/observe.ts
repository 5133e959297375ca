import { LABEL_EPOCH, LABEL_INDEX } from '@gridlease/crds/labels';
import type { FailureReason } from '@gridlease/crds/reasons';
import type { TaskJob, TaskOwner, TaskPod } from './objects.ts';

export type TaskFailure = {
  readonly index: number;
  readonly reason: FailureReason;
  readonly message: string;
  readonly exitCode?: number;
};

/** What the Jobs and pods of one lease say, task by task. */
export type Observation = {
  /** Indexes whose Job or Deployment exists and has not ended. */
  readonly alive: readonly number[];
  /** Of these, the ones with a running container, and since when, in unix milliseconds. */
  readonly running: ReadonlyMap<number, number>;
  /** How many of these do their work: all that run, of a service those whose check passes. */
  readonly ready: number;
  readonly succeeded: readonly number[];
  readonly failures: readonly TaskFailure[];
  /** Pods that may still use GPUs: not succeeded, not failed, whatever their Job says. */
  readonly livePods: readonly TaskPod[];
  /** What makes pods and has not ended. */
  readonly owners: readonly TaskOwner[];
  /** Of these, the ones that should have a pod and have none. */
  readonly podless: readonly TaskOwner[];
  /** Unix milliseconds; undefined before the first container ran. */
  readonly startedMs: number | undefined;
  readonly endedMs: number | undefined;
  /** Why the first task that waits is not running yet. */
  readonly waiting: Waiting | undefined;
  /** GPU UUIDs in use, where the nodes report them. */
  readonly devices: readonly string[];
};

export type Waiting = {
  readonly reason:
    | 'Waiting'
    | 'PullingImage'
    | 'Unschedulable'
    | 'ImageNotFound'
    | 'ContainerCannotRun';
  readonly message: string;
};

/** Reads the state of one lease's tasks. Objects of another epoch or without an index are left out. */
export function observeTasks(
  epoch: number,
  jobs: readonly TaskJob[],
  pods: readonly TaskPod[],
): Observation {
  const ownJobs = jobs.filter((job) => job.metadata.labels?.[LABEL_EPOCH] === String(epoch));
  const podsOf = (job: TaskJob) => pods.filter((pod) => indexOf(pod) === indexOf(job));
  const unfinishedJobs = ownJobs.filter(
    (job) => !jobHas(job, 'Complete') && !jobHas(job, 'Failed'),
  );
  const failed = ownJobs.filter((job) => jobHas(job, 'Failed'));
  const seen = observePods(pods);
  return {
    ...seen,
    alive: unfinishedJobs.map(indexOf).sort((a, b) => a - b),
    ready: seen.running.size,
    succeeded: ownJobs
      .filter((job) => jobHas(job, 'Complete'))
      .map(indexOf)
      .sort((a, b) => a - b),
    failures: failed.sort(byIndex).map((job) => failureOf(job, podsOf(job))),
    owners: unfinishedJobs,
    podless: unfinishedJobs.filter((job) => !job.spec?.suspend && podsOf(job).length === 0),
  };
}

/** What the pods alone say, whoever makes them. */
export function observePods(
  pods: readonly TaskPod[],
): Pick<Observation, 'running' | 'livePods' | 'startedMs' | 'endedMs' | 'waiting' | 'devices'> {
  const livePods = pods.filter(isLive);
  const starts = pods.flatMap((pod) => timesOf(pod).started);
  const ends = pods.flatMap((pod) => timesOf(pod).finished);
  const waitingPods = livePods.filter((pod) => !isRunning(pod));
  return {
    running: new Map(
      livePods.filter(isRunning).map((pod) => [indexOf(pod), Math.min(...timesOf(pod).started)]),
    ),
    livePods,
    startedMs: starts.length === 0 ? undefined : Math.min(...starts),
    endedMs: ends.length === 0 ? undefined : Math.max(...ends),
    waiting: waitingPods.sort(byIndex).map(waitingOf)[0],
    devices: [...new Set(livePods.filter(isRunning).flatMap(devicesOf))].sort().slice(0, 640),
  };
}

function byIndex(a: Pick<TaskPod, 'metadata'>, b: Pick<TaskPod, 'metadata'>): number {
  return indexOf(a) - indexOf(b);
}

export function indexOf(object: { readonly metadata: TaskPod['metadata'] }): number {
  return Number(object.metadata.labels?.[LABEL_INDEX] ?? -1);
}

function jobHas(job: TaskJob, type: string): boolean {
  return job.status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false;
}

function isLive(pod: TaskPod): boolean {
  const phase = pod.status?.phase;
  return phase !== 'Succeeded' && phase !== 'Failed';
}

function isRunning(pod: TaskPod): boolean {
  return pod.status?.containerStatuses?.some((status) => status.state?.running) ?? false;
}

function devicesOf(pod: TaskPod): readonly string[] {
  return (pod.status?.containerStatuses ?? [])
    .flatMap((status) => status.allocatedResourcesStatus ?? [])
    .filter((resource) => resource.name.startsWith('nvidia.com/'))
    .flatMap((resource) => resource.resources.map((device) => device.resourceID.slice(0, 96)));
}

function timesOf(pod: TaskPod): { readonly started: number[]; readonly finished: number[] } {
  const states = (pod.status?.containerStatuses ?? []).map((status) => status.state);
  const parse = (text: string | undefined) => (text === undefined ? [] : [Date.parse(text)]);
  return {
    started: states.flatMap((s) => parse(s?.running?.startedAt ?? s?.terminated?.startedAt)),
    finished: states.flatMap((s) => parse(s?.terminated?.finishedAt)),
  };
}

/** Why a task failed, from the most exact source there is: container, pod, Job. */
function failureOf(job: TaskJob, pods: readonly TaskPod[]): TaskFailure {
  const index = indexOf(job);
  const condition = job.status?.conditions?.find((c) => c.type === 'Failed' && c.status === 'True');
  if (condition?.reason === 'DeadlineExceeded') {
    return { index, reason: 'DeadlineExceeded', message: `task ${index} ran longer than it may` };
  }
  const pod = pods.at(-1);
  const terminated = pod?.status?.containerStatuses?.[0]?.state?.terminated;
  const evicted = pod?.status?.reason === 'Evicted';
  if (evicted) {
    const why = pod.status?.message ?? 'no reason given';
    return { index, reason: 'EvictedFromNode', message: cut(`task ${index} was evicted: ${why}`) };
  }
  if (terminated === undefined) {
    const why = condition?.message ?? 'its pod is gone';
    return { index, reason: 'PodDeleted', message: cut(`task ${index} failed: ${why}`) };
  }
  const { exitCode } = terminated;
  if (terminated.reason === 'OOMKilled') {
    const message = `task ${index} used more memory than workload.resources.memory`;
    return { index, reason: 'OutOfMemory', message, exitCode };
  }
  if (terminated.reason === 'ContainerCannotRun' || terminated.reason === 'StartError') {
    const why = terminated.message ?? `exit code ${exitCode}`;
    return { index, reason: 'ContainerCannotRun', message: cut(`task ${index}: ${why}`), exitCode };
  }
  const said = terminated.message === undefined ? '' : `: ${terminated.message}`;
  const message = cut(`task ${index} ended with exit code ${exitCode}${said}`);
  return { index, reason: 'TaskFailed', message, exitCode };
}

function waitingOf(pod: TaskPod): Waiting {
  const index = indexOf(pod);
  const scheduled = pod.status?.conditions?.find((c) => c.type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    return {
      reason: 'Unschedulable',
      message: cut(`task ${index}: ${scheduled.message ?? 'no node'}`),
    };
  }
  const state = pod.status?.containerStatuses?.[0]?.state?.waiting;
  const why = cut(`task ${index}: ${[state?.reason, state?.message].filter(Boolean).join(': ')}`);
  if (
    state?.reason === 'ErrImagePull' ||
    state?.reason === 'ImagePullBackOff' ||
    state?.reason === 'InvalidImageName'
  ) {
    return { reason: 'ImageNotFound', message: why };
  }
  if (state?.reason?.startsWith('Create') || state?.reason === 'RunContainerError') {
    return { reason: 'ContainerCannotRun', message: why };
  }
  if (pod.spec?.nodeName !== undefined && state?.reason === 'ContainerCreating') {
    return {
      reason: 'PullingImage',
      message: `task ${index}: image and container are being prepared`,
    };
  }
  return { reason: 'Waiting', message: `task ${index}: waits for its pod to start` };
}

function cut(text: string): string {
  return text.length > 1024 ? `${text.slice(0, 1023)}…` : text;
}
