import type { GPULease } from '@gridlease/crds/gpulease';
import { parseIndexes } from '@gridlease/crds/indexes';
import { leaseIsActive, leaseOutcome } from '@gridlease/crds/leaseState';
import type { JobProgress, ProgressInput } from './jobProgress.ts';
import { addTasks, endOf, finalReasonOf, pauseMs } from './leaseEnds.ts';

/** A replica that ran for so long starts again with the shortest pause, whatever happened before. */
const goodRunMs = 600_000;

/**
 * Where every replica of a service stands, from its leases alone. Nothing is ever completed: a replica
 * whose lease has ended, for whatever cause, waits for another one, later and later while it doesn't
 * hold. Only a limit that the tenant set (its own duration, the budget) ends it for good.
 */
export function serviceProgress({ job, leases, intents }: ProgressInput): JobProgress {
  const replicas = job.spec.service?.replicas ?? 0;
  const held = new Set<number>();
  const ended = new Map<number, GPULease[]>();
  const aliveTasks: Record<string, number> = {};
  const takenTasks: Record<string, number> = {};
  const hold = (provider: string, indexes: readonly number[]): void => {
    for (const index of indexes) held.add(index);
    // One that was scaled away takes nobody's part of the spread while it ends.
    const wanted = indexes.filter((index) => index < replicas).length;
    addTasks(aliveTasks, provider, wanted);
    addTasks(takenTasks, provider, wanted);
  };
  for (const lease of leases) {
    const indexes = parseIndexes(lease.spec.tasks.indexes);
    const { state } = leaseOutcome(lease);
    if (leaseIsActive(lease)) hold(lease.spec.providerName, indexes);
    // Those never ran; match spares the provider that said no.
    else if (state !== 'Refused' && state !== 'Withdrawn') {
      for (const index of indexes) ended.set(index, [...(ended.get(index) ?? []), lease]);
    }
  }
  for (const { spec } of intents) hold(spec.winner.providerName, parseIndexes(spec.indexes));

  const failures = new Map<number, number>();
  const failedForGood = new Map<number, string>();
  const notBeforeMs = new Map<number, number>();
  const waiting: number[] = [];
  for (let index = 0; index < replicas; index += 1) {
    if (held.has(index)) continue;
    const newestFirst = (ended.get(index) ?? []).sort((a, b) => b.spec.epoch - a.spec.epoch);
    const newest = newestFirst[0];
    const final = newest === undefined ? undefined : finalReasonOf(job, newest);
    if (final !== undefined) {
      failedForGood.set(index, final);
      continue;
    }
    waiting.push(index);
    const failed = failuresInARow(newestFirst);
    if (newest === undefined || failed === 0) continue;
    failures.set(index, failed);
    notBeforeMs.set(index, endOf(newest) + pauseMs(failed));
  }
  return {
    ...{ completed: [], failedForGood, waiting, failures, aliveTasks, takenTasks, notBeforeMs },
  };
}

/** Ends that nobody asked for, since the replica last ran for a good while. */
function failuresInARow(newestFirst: readonly GPULease[]): number {
  let failed = 0;
  for (const lease of newestFirst) {
    const { spec, status } = lease;
    if (spec.desiredState !== 'Running' && spec.lost === undefined) break;
    failed += 1;
    const startMs = Date.parse(status?.startTime ?? '');
    if (endOf(lease) - startMs >= goodRunMs) break;
  }
  return failed;
}
