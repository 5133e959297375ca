import { LABEL_EPOCH, LABEL_INDEX } from '@gridlease/crds/labels';
import { fromKubeTime } from '@gridlease/kube/conditions';
import { endedBefore, failureOf, type TaskFailure } from './failure.ts';
import type { TaskJob, TaskOwner, TaskPod } from './objects.ts';
import { uploadOf } from './outputs.ts';
import { isProblem, type Waiting, waitingOf } from './waiting.ts';

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
  /** Of these, the ones whose node does not report: what they do is not known. */
  readonly stranded: readonly TaskPod[];
  /** What makes pods and has not ended. */
  readonly owners: readonly TaskOwner[];
  /** Of these, the ones that should have a pod and have none. */
  readonly podless: readonly TaskOwner[];
  /** Unix milliseconds; undefined before the first container ran. */
  readonly startedMs: number | undefined;
  readonly endedMs: number | undefined;
  /** Why the first task that waits is not running yet. */
  readonly waiting: Waiting | undefined;
  /** Why each living pod does not run that doesn't, by its UID. */
  readonly waits: ReadonlyMap<string, Waiting>;
  /** GPU UUIDs in use, where the nodes report them. */
  readonly devices: readonly string[];
};

/** The state of a node by its name; undefined when the nodes are not known. */
export type NodeStates = (name: string) => 'Ready' | 'NotReady' | 'Gone' | undefined;

/** What is known of tasks beside their Jobs and pods. */
type Surroundings = {
  readonly nodeState?: NodeStates;
  /** Of a job whose outputs are kept: the time, in unix milliseconds. */
  readonly copiesAtMs?: number | undefined;
  /** Pods that were deleted, as they were then. */
  readonly departed?: readonly TaskPod[];
};

/** Reads the state of one lease's tasks. Objects of another epoch or without an index are left out. */
export function observeTasks(
  epoch: number,
  jobs: readonly TaskJob[],
  pods: readonly TaskPod[],
  { nodeState, copiesAtMs, departed = [] }: Surroundings = {},
): Observation {
  const ownJobs = jobs.filter((job) => job.metadata.labels?.[LABEL_EPOCH] === String(epoch));
  const known = [...departed, ...pods];
  const podsOf = (job: TaskJob, among = pods) =>
    among.filter((pod) => indexOf(pod) === indexOf(job));
  const unfinishedJobs = ownJobs.filter(
    (job) => !jobHas(job, 'Complete') && !jobHas(job, 'Failed'),
  );
  const hasSucceeded = (job: TaskJob) =>
    jobHas(job, 'Complete') ||
    (jobHas(job, 'Failed') && podsOf(job, known).some((pod) => succeededOnTime(job, pod)));
  const complete = ownJobs.filter(hasSucceeded).sort(byIndex);
  const failed = ownJobs.filter((job) => jobHas(job, 'Failed') && !complete.includes(job));
  const uploads = complete.map((job) =>
    copiesAtMs === undefined ? 'done' : uploadOf(indexOf(job), job, podsOf(job), copiesAtMs),
  );
  const copying = complete.filter((_, position) => uploads[position] === 'pending');
  const seen = observePods(pods, nodeState);
  return {
    ...seen,
    alive: [...unfinishedJobs, ...copying].map(indexOf).sort((a, b) => a - b),
    ready: seen.running.size,
    succeeded: complete.filter((_, position) => uploads[position] === 'done').map(indexOf),
    failures: [
      ...failed.map((job) => failureOf(indexOf(job), job, podsOf(job, known))),
      ...uploads.filter((upload) => typeof upload === 'object'),
    ].sort((a, b) => a.index - b.index),
    owners: unfinishedJobs,
    podless: unfinishedJobs.filter((job) => !job.spec?.suspend && podsOf(job).length === 0),
  };
}

/** What the pods alone say, whoever makes them. */
export function observePods(
  pods: readonly TaskPod[],
  nodeState: NodeStates = () => undefined,
): Pick<
  Observation,
  'running' | 'livePods' | 'stranded' | 'startedMs' | 'endedMs' | 'waiting' | 'waits' | 'devices'
> {
  const livePods = pods.filter(isLive).sort(byIndex);
  const starts = pods.flatMap((pod) => timesOf(pod).started);
  const ends = pods.flatMap((pod) => timesOf(pod).finished);
  const stranded = livePods.filter((pod) => isStranded(pod, nodeState));
  const runningPods = livePods.filter((pod) => isRunning(pod) && !stranded.includes(pod));
  const waits = livePods
    .filter((pod) => !runningPods.includes(pod))
    .map((pod): readonly [string, Waiting] => [
      pod.metadata.uid ?? pod.metadata.name,
      stranded.includes(pod) ? withoutNode(pod, nodeState) : waitingOf(indexOf(pod), pod),
    ]);
  return {
    running: new Map(
      runningPods.map((pod) => [indexOf(pod), Math.min(...timesOf(pod).started)] as const),
    ),
    livePods,
    stranded,
    startedMs: starts.length === 0 ? undefined : Math.min(...starts),
    endedMs: ends.length === 0 ? undefined : Math.max(...ends),
    waiting: mostTelling(waits.map(([, wait]) => wait)),
    waits: new Map(waits),
    devices: [...new Set(runningPods.flatMap(devicesOf))].sort().slice(0, 640),
  };
}

/** A problem before what takes its time. */
function mostTelling(waits: readonly Waiting[]): Waiting | undefined {
  return waits.find(isProblem) ?? waits[0];
}

/** Nobody can say what its containers do: its node does not report. */
function isStranded({ spec }: TaskPod, nodeState: NodeStates): boolean {
  const state = spec?.nodeName === undefined ? undefined : nodeState(spec.nodeName);
  return state === 'NotReady' || state === 'Gone';
}

/** After its own grace a kubelet that lives has said what became of the pod long ago. */
const confirmationMs = 30_000;

/**
 * Whether a pod on a node that does not report may be taken for gone: it was told to go, and had its
 * grace and more. Its node may still run it; the cluster can no longer reach it there.
 */
export function isAbandoned({ metadata }: TaskPod, nowMs: number): boolean {
  const goneByMs = Date.parse(metadata.deletionTimestamp ?? '');
  return !Number.isNaN(goneByMs) && nowMs - goneByMs >= confirmationMs;
}

function withoutNode(pod: TaskPod, nodeState: NodeStates): Waiting {
  const name = pod.spec?.nodeName ?? '';
  const state = nodeState(name) === 'Gone' ? 'does not exist any more' : 'is not ready';
  return { reason: 'NodeLost', message: `task ${indexOf(pod)}: its node ${name} ${state}` };
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

/** Whatever its Job says: there was no need to end it. */
function succeededOnTime(job: TaskJob, pod: TaskPod): boolean {
  return pod.status?.phase === 'Succeeded' && endedBefore(job, pod);
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
  const parse = (text: string | null | undefined) => fromKubeTime(text) ?? [];
  return {
    started: states.flatMap((s) => parse(s?.running?.startedAt ?? s?.terminated?.startedAt)),
    finished: states.flatMap((s) => parse(s?.terminated?.finishedAt)),
  };
}
