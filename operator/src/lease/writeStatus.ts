import type { GPUJob } from '@gridlease/crds/gpujob';
import type { Clock } from '@gridlease/kube/clock';
import { getCondition, setCondition, toKubeTime } from '@gridlease/kube/conditions';
import { sameJson } from '@gridlease/kube/json';
import type { Succeeded } from './succeeded.ts';
import type { Summary } from './summary.ts';

type Status = NonNullable<GPUJob['status']>;

/** The job's status with what the lease stage writes; the other fields stay as they are. */
export function withProgress(
  current: GPUJob,
  made: { readonly summary: Summary; readonly succeeded: Succeeded },
  clock: Clock,
): Status {
  const { summary, succeeded } = made;
  const observedGeneration = current.metadata.generation ?? 0;
  const now = clock.now();
  const completionTime = current.status?.completionTime ?? toKubeTime(now);
  // Before the first lease all figures are zero: not worth a write of their own.
  const isNew = summary.leases?.length === 0 && current.status?.leases === undefined;
  return {
    ...current.status,
    ...(isNew ? beforeFirstLease(summary) : summary),
    ...(succeeded.status === 'Unknown' ? {} : { completionTime }),
    conditions: setCondition(
      current.status?.conditions,
      { type: 'Succeeded', ...succeeded, observedGeneration },
      now,
    ),
  };
}

function beforeFirstLease({ tasks, replicas, readyReplicas, selector }: Summary): Partial<Status> {
  if (selector === undefined) return { tasks };
  return { tasks, replicas, readyReplicas, selector };
}

/** How soon a change deserves a write; milliseconds since the last one. */
export const writePauses = { urgent: 0, tasks: 2_000, steps: 5_000, figures: 30_000 } as const;

/**
 * How long a new status must wait after the last write; undefined when it says nothing new. A person
 * waits for the state; the figures of a thousand running jobs can be half a minute old.
 */
export function pauseBefore(job: GPUJob, next: Status): number | undefined {
  const known: Status = job.status ?? {};
  if (sameJson(withoutTimes(known), withoutTimes(next))) return undefined;
  const before = getCondition(known.conditions, 'Succeeded');
  const after = getCondition(next.conditions, 'Succeeded');
  const isNewState = before?.status !== after?.status || before?.reason !== after?.reason;
  const isNewLease = known.leases?.length !== next.leases?.length;
  if (isNewState || isNewLease) return writePauses.urgent;
  const sameTasks = known.tasks === next.tasks && known.failed === next.failed;
  if (!sameTasks) return writePauses.tasks;
  return before?.message === after?.message ? writePauses.figures : writePauses.steps;
}

function withoutTimes(status: Status): unknown {
  const conditions = (status.conditions ?? []).map(({ lastTransitionTime: _, ...rest }) => rest);
  return { ...status, conditions };
}
