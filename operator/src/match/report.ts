import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { formatIndexes } from '@gridlease/crds/indexes';
import { tasksOf } from '@gridlease/crds/jobDefaults';
import { leaseIsActive } from '@gridlease/crds/leaseState';
import { getCondition, setCondition } from '@gridlease/kube/conditions';
import type { ReconcileResult } from '@gridlease/kube/controller';
import type { EventRecorder } from '@gridlease/kube/events';
import type { Decision, Placement } from './decide.ts';
import type { MatchDeps } from './deps.ts';
import type { AccountFacts } from './facts.ts';
import type { Progress } from './gather.ts';
import { askText } from './money.ts';
import { placedCondition, writeDelay } from './placedCondition.ts';
import { counted } from './text.ts';
import type { WaitingJobs } from './waitingJobs.ts';

const shortestPauseMs = 30_000;
/** So that a thousand waiting jobs together are asked, and rewrite a sentence, at most five times a second. */
const pausePerWaitingJobMs = 200;

type Report = {
  readonly job: GPUJob;
  readonly key: string;
  readonly progress: Progress;
  readonly leases: readonly GPULease[];
  readonly decision: Decision;
  readonly signal: AbortSignal;
};

export type PlacedReporter = {
  report(report: Report): Promise<ReconcileResult>;
  forget(key: string): void;
};

/** Says on the job where it stands: a new reason at once, new figures now and then. */
export function placedReporter(
  deps: Pick<MatchDeps, 'writeJobStatus' | 'recorder' | 'clock'>,
  waitingJobs: WaitingJobs,
  ask: (key: string) => void,
): PlacedReporter {
  const leave = (key: string): void => {
    const next = waitingJobs.remove(key);
    if (next !== undefined) ask(next);
  };
  const lastWrites = new Map<string, number>();
  return {
    forget(key) {
      lastWrites.delete(key);
      leave(key);
    },
    async report({ job, key, progress, leases, decision, signal }) {
      const { waiting, retryAtMs } = decision;
      const condition = placedCondition({
        job,
        waiting,
        tasks: tasksOf(job.spec),
        waitingTasks: progress.waiting.length,
        providers: providersOf(leases),
      });
      if (waiting === undefined) leave(key);
      else waitingJobs.add(key, job, waiting.reason, progress.waiting.length);
      const nowMs = deps.clock.now().getTime();
      const pauseMs = Math.max(shortestPauseMs, waitingJobs.size * pausePerWaitingJobMs);
      const lastWriteMs = lastWrites.get(key) ?? 0;
      const delay = writeDelay(job, condition, { lastWriteMs, nowMs, pauseMs });
      if (delay === 0) {
        announceWaiting(deps.recorder, job, condition);
        const mutate = (current: GPUJob) => ({
          ...current.status,
          conditions: setCondition(current.status?.conditions, condition, deps.clock.now()),
        });
        lastWrites.set(key, nowMs);
        await deps.writeJobStatus(job, mutate, signal);
      }
      const pauses = [
        // Behind others that want the same nobody asks it: its sentence must not grow old for ever.
        ...(waiting === undefined ? [] : [2 * pauseMs]),
        ...(delay === undefined || delay === 0 ? [] : [delay]),
        ...(retryAtMs === undefined ? [] : [Math.max(1_000, retryAtMs - nowMs)]),
      ];
      return pauses.length === 0 ? undefined : { requeueAfterMs: Math.min(...pauses) };
    },
  };
}

/** One Event for a decision: who got what, at which price. */
export function announcePlacement(
  recorder: Pick<EventRecorder, 'event'>,
  job: GPUJob,
  placement: Placement,
  account: AccountFacts,
): void {
  const shares = placement.shares.map(
    ({ candidate, indexes, parallelism }) =>
      `${counted(indexes.length, job.spec.service === undefined ? 'task' : 'replica')} (${formatIndexes(indexes).slice(0, 64)}) on ${parallelism * job.spec.gpu.count} ${candidate.product} of ${candidate.provider} at ${askText(candidate.price, account)}`,
  );
  recorder.event(job, {
    type: 'Normal',
    reason: 'Placed',
    action: 'Match',
    note: shares.join('; '),
  });
}

function announceWaiting(
  recorder: Pick<EventRecorder, 'event'>,
  job: GPUJob,
  next: { readonly status: string; readonly reason: string; readonly message: string },
): void {
  const known = getCondition(job.status?.conditions, 'Placed');
  if (next.status === 'True' || known?.reason === next.reason) return;
  recorder.event(job, {
    type: 'Warning',
    reason: next.reason,
    action: 'Match',
    note: next.message,
  });
}

function providersOf(leases: readonly GPULease[]): readonly string[] {
  const names = leases.filter(leaseIsActive).map(({ spec }) => spec.providerName);
  return [...new Set(names)].sort();
}
