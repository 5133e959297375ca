import type { FailureReason } from '@gridlease/crds/reasons';
import { UPLOADER } from '@gridlease/crds/uploader';
import { describeExit } from './exitCode.ts';
import type { ContainerStatus, TaskPod } from './objects.ts';
import { cut } from './obstacle.ts';
import { taskStatus } from './podState.ts';

/** Why a task that should run does not. */
export type Waiting = {
  readonly reason:
    | 'Waiting'
    | 'PullingImage'
    | 'Unschedulable'
    | 'ImageNotFound'
    | 'ContainerCannotRun'
    | 'CrashLoopBackOff'
    | 'PodsRefused'
    | 'NodeLost';
  readonly message: string;
  /** It is as certain as it can be that waiting does not help. */
  readonly isHopeless?: true;
};

/** Something is wrong, as against something that takes its time. */
export function isProblem({ reason }: Waiting): boolean {
  return reason !== 'Waiting' && reason !== 'PullingImage';
}

/** How a lease ends that has waited for this for too long; undefined when it took its time and no more. */
export function failureOfWait({ reason }: Pick<Waiting, 'reason'>): FailureReason | undefined {
  if (reason === 'Waiting' || reason === 'PullingImage') return undefined;
  return reason === 'CrashLoopBackOff' ? 'TaskFailed' : reason;
}

const pullFailures: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);
/** What a registry says when it has looked: another attempt from here hears the same. */
const registrysNo =
  /not found|manifest unknown|NotFound|name unknown|repository does not exist|pull access denied|insufficient_scope|authorization failed|unauthorized|forbidden|denied/i;

/** What runtimes say of an image without an entrypoint, or the kubelet before it asks them. */
const noCommand = /no command specified/i;

/** Why this pod's task does not run. For pods that live and don't run. */
export function waitingOf(index: number, pod: TaskPod): Waiting {
  const { status } = pod;
  const scheduled = status?.conditions?.find((c) => c.type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    const why = scheduled.message ?? 'no node';
    return { reason: 'Unschedulable', message: cut(`task ${index}: ${why}`) };
  }
  const copying = status?.initContainerStatuses?.find(({ name }) => name === UPLOADER);
  const copyingProblem = copying && problemOf(copying);
  if (copyingProblem !== undefined) {
    // Not the tenant's image: it is the provider's to mend, and counts against nobody else.
    const message = `task ${index}, container ${UPLOADER}: ${copyingProblem.message}`;
    return { ...copyingProblem, reason: 'PodsRefused', message: cut(message) };
  }
  const own = taskStatus(pod);
  const problem = own && problemOf(own);
  if (problem !== undefined) {
    return { ...problem, message: cut(`task ${index}: ${problem.message}`) };
  }
  const reason = own?.state?.waiting?.reason;
  const isPreparing = reason === 'ContainerCreating' || reason === 'PodInitializing';
  if (pod.spec?.nodeName !== undefined && isPreparing) {
    const message = `task ${index}: image and container are being prepared`;
    return { reason: 'PullingImage', message };
  }
  return { reason: 'Waiting', message: `task ${index}: waits for its pod to start` };
}

function problemOf(status: ContainerStatus): Waiting | undefined {
  const { reason, message: said } = status.state?.waiting ?? {};
  if (reason === undefined) return undefined;
  const message = [reason, said].filter(Boolean).join(': ');
  if (pullFailures.has(reason)) {
    // While it pulls again nothing is known; the back-off repeats what the registry answered.
    const isCertain =
      reason === 'InvalidImageName' ||
      reason === 'ErrImageNeverPull' ||
      (reason === 'ImagePullBackOff' && registrysNo.test(said ?? ''));
    return { reason: 'ImageNotFound', message, ...(isCertain && { isHopeless: true }) };
  }
  if (reason.startsWith('Create') || reason === 'RunContainerError') {
    const remedy = noCommand.test(message) ? ': give workload.command, the image has none' : '';
    return { reason: 'ContainerCannotRun', message: message + remedy, isHopeless: true };
  }
  if (reason === 'CrashLoopBackOff') {
    const last = status.lastState?.terminated;
    const ended = last === undefined ? '' : `, last with ${lastEnd(last)}`;
    // It counts starts after the first: the one that is awaited has not begun.
    const times = `it has ended ${(status.restartCount ?? 0) + 1} times${ended}`;
    return {
      reason: 'CrashLoopBackOff',
      message: `${times}; its node waits before the next start`,
    };
  }
  return undefined;
}

function lastEnd(last: { readonly exitCode: number; readonly reason?: string }): string {
  const why = last.reason === 'OOMKilled' ? ', out of memory' : '';
  return `${describeExit(last.exitCode)}${why}`;
}
