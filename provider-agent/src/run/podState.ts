import type { ContainerStatus, TaskPod } from './objects.ts';

/** The status of the container that does the task's work; a pod has no other one of ours beside it. */
export function taskStatus({ status }: TaskPod): ContainerStatus | undefined {
  const statuses = status?.containerStatuses ?? [];
  return statuses.find(({ name }) => name === 'task') ?? statuses[0];
}

/** What that container does at this moment. */
export function stateOf(pod: TaskPod): ContainerStatus['state'] {
  return taskStatus(pod)?.state;
}

/**
 * A time that a kubelet wrote, unix milliseconds; undefined when it is none. A container that was never
 * started carries the first second of 1970, one that the node has lost carries null.
 */
export function timeOf(text: string | null | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms;
}

/**
 * Whether the task's container wrote a log that its node can give: none before it was started, one that
 * may still grow, or one that is complete.
 */
export function lastLog(pod: TaskPod): 'growing' | 'ended' | undefined {
  const { state, lastState } = taskStatus(pod) ?? {};
  if (state?.running !== undefined) return 'growing';
  const ended = state?.terminated ?? lastState?.terminated;
  return timeOf(ended?.startedAt) === undefined ? undefined : 'ended';
}

/** How often that container was started again: each start has a log of its own. */
export function restartsOf(pod: TaskPod): number {
  return taskStatus(pod)?.restartCount ?? 0;
}
