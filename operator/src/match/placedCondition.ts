import type { ReasonOf } from '@gridlease/crds/conditionReasons';
import type { GPUJob } from '@gridlease/crds/gpujob';
import type { ConditionUpdate } from '@gridlease/kube/conditions';
import { getCondition } from '@gridlease/kube/conditions';
import type { Waiting } from './decide.ts';
import { shortened } from './text.ts';

type PlacedReason = ReasonOf<'GPUJob', 'Placed'>;

type PlacedInput = {
  readonly job: GPUJob;
  /** Why tasks wait; undefined when none does. */
  readonly waiting: Waiting | undefined;
  readonly tasks: number;
  readonly waitingTasks: number;
  /** Providers that hold tasks now, sorted. */
  readonly providers: readonly string[];
};

/** The `Placed` condition of a job that is admitted. */
export function placedCondition(input: PlacedInput): ConditionUpdate {
  const { job, waiting, tasks, waitingTasks, providers } = input;
  const about = { type: 'Placed', observedGeneration: job.metadata.generation ?? 0 };
  const noun = job.spec.service === undefined ? 'task' : 'replica';
  const orDone = job.spec.service === undefined ? ' or done' : '';
  const at = providers.length === 0 ? '' : ` with ${providers.join(', ')}`;
  if (waiting === undefined) {
    const reason: PlacedReason = 'Placed';
    const message = shortened(
      tasks === 1
        ? `its ${noun} is placed${at}${orDone}`
        : `all ${tasks} ${noun}s are placed${at}${orDone}`,
    );
    return { ...about, status: 'True', reason, message };
  }
  const partly = waitingTasks < tasks;
  const why =
    waiting.reason === 'PartlyPlaced' ? waiting.message : `${waiting.reason}: ${waiting.message}`;
  const reason: PlacedReason = partly ? 'PartlyPlaced' : waiting.reason;
  const message = partly
    ? `${tasks - waitingTasks} of ${tasks} ${noun}s are placed${at}${orDone}; the others wait: ${why}`
    : waiting.message;
  return { ...about, status: 'False', reason, message: shortened(message) };
}

/**
 * Milliseconds until a changed condition may be written: at once when its status or reason is new,
 * otherwise `pauseMs` after the last write. Undefined: nothing changed.
 */
export function writeDelay(
  job: GPUJob,
  next: ConditionUpdate,
  options: { readonly lastWriteMs: number; readonly nowMs: number; readonly pauseMs: number },
): number | undefined {
  const known = getCondition(job.status?.conditions, next.type);
  if (known?.status !== next.status || known.reason !== next.reason) return 0;
  const same =
    known.message === next.message && known.observedGeneration === next.observedGeneration;
  if (same) return undefined;
  return Math.max(0, options.lastWriteMs + options.pauseMs - options.nowMs);
}
