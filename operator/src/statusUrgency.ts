import type { GPUJob } from '@gridlease/crds/gpujob';
import { getCondition } from '@gridlease/kube/conditions';

/** How soon a status must be written, milliseconds. */
export type Urgency = {
  readonly withinMs: number;
  /** The same while few jobs have something to tell, and what those few are counted by. */
  readonly spare?: { readonly withinMs: number; readonly of: 'placements' | 'steps' };
};

/** The usual way of a job: nobody is asked to do anything. Every other reason is somebody's to act on. */
const usualReasons: ReadonlySet<string> = new Set(['Pending', 'Admitted', 'Starting', 'Running']);

const atOnceMs = 30;
const togetherMs = 1_000;
/** What nobody waits for, of thousands that start together. */
const latestMs = 30_000;

/**
 * What a person or a script waits for is written at once: the end, a refusal, why a job waits, that a
 * stop was heard. A placement waits a second for what follows it. That jobs are placed and go their
 * way is told so soon of those that come now and then; of thousands in turn, and most have ended before.
 */
export function statusUrgency(stored: GPUJob, next: GPUJob): Urgency {
  const is = (type: string) => getCondition(next.status?.conditions, type);
  const was = (type: string) => getCondition(stored.status?.conditions, type);
  const isNew = (type: string) =>
    is(type)?.status !== was(type)?.status || is(type)?.reason !== was(type)?.reason;
  const refused = ['Admitted', 'Placed'].some(
    (type) => is(type)?.status === 'False' && isNew(type),
  );
  const succeeded = is('Succeeded');
  const isUnusual = succeeded !== undefined && !usualReasons.has(succeeded.reason);
  const isGoing = next.metadata.deletionTimestamp !== undefined;
  if (refused || isGoing || (isUnusual && isNew('Succeeded'))) return { withinMs: atOnceMs };
  const isRunning = succeeded?.reason === 'Running' && isNew('Succeeded');
  const spareMs = isRunning ? atOnceMs : togetherMs;
  return is('Placed')?.status === 'True' && was('Placed')?.status !== 'True'
    ? { withinMs: latestMs, spare: { withinMs: spareMs, of: 'placements' } }
    : { withinMs: latestMs, spare: { withinMs: spareMs, of: 'steps' } };
}
