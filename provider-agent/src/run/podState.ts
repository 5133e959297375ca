import { fromKubeTime } from '@gridlease/kube/conditions';
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
 * Whether the task's container wrote a log that its node can give: none before it was started, one that
 * may still grow, or one that is complete.
 */
export function lastLog(pod: TaskPod): 'growing' | 'ended' | undefined {
  const { state, lastState } = taskStatus(pod) ?? {};
  if (state?.running !== undefined) return 'growing';
  const ended = state?.terminated ?? lastState?.terminated;
  return fromKubeTime(ended?.startedAt) === undefined ? undefined : 'ended';
}

/** How often that container was started again: each start has a log of its own. */
export function restartsOf(pod: TaskPod): number {
  return taskStatus(pod)?.restartCount ?? 0;
}
