import type { GPULease } from '@gridlease/crds/gpulease';
import type { createApplier } from './apply.ts';
import type { RunInput } from './decide.ts';
import type { RunDeps } from './deps.ts';
import type { TaskOwner } from './objects.ts';
import { isAbandoned } from './observe.ts';
import { isTold } from './report.ts';
import type { RunningLease } from './runningLease.ts';

/** When the meter or the hub has not said its last word: a look without a cause. */
const lookAgainMs = 30_000;
/** Finished pods stay until their logs are kept, which takes seconds, or until that is given up. */
const logsAgainMs = 1_000;

/** Takes away what leases leave behind, and no sooner than it may. */
export function createCleaner(deps: RunDeps, applier: ReturnType<typeof createApplier>) {
  const { informers, clock, logs } = deps;
  const cleaned = new Set<string>();
  return {
    /** Whether nothing is left of an ended lease. */
    isClean: (uid: string): boolean => cleaned.has(uid),
    forget: (uid: string): void => void cleaned.delete(uid),

    /** A node that is gone confirms nothing: its pods would hold their lease for ever. */
    async forgetLost({ observation, nowMs }: RunInput, signal: AbortSignal): Promise<void> {
      const pods = observation.stranded.filter((pod) => isAbandoned(pod, nowMs));
      await deps.remove({ pods }, { gracePeriodSeconds: 0, signal });
    },

    /**
     * Finished Jobs stay for who wants to read them, until the hub knows the end and time is over.
     * Returns in how many milliseconds to ask again; undefined when nothing is to be awaited.
     */
    async cleanUp(
      lease: RunningLease,
      hubLease: GPULease | undefined,
      gone: boolean,
      signal: AbortSignal,
    ): Promise<number | undefined> {
      const { record, uid } = lease;
      const isKnown = gone || isTold(hubLease);
      if (cleaned.has(uid) || !isKnown || record.spec.finished === undefined) return undefined;
      const isMetered = record.spec.meter?.final === true || deps.usage(uid)?.final === true;
      const endedMs = Date.parse(record.spec.finished.time);
      const pods = informers.pods.byIndex('leaseUid', uid);
      // A replica leaves no pod to read, but a Service that would keep the next job's out by the quota.
      const isEmpty = lease.document.service !== undefined && pods.length === 0;
      const leftMs = endedMs + deps.podRetentionSeconds * 1000 - clock.now().getTime();
      if (leftMs > 0 && !isEmpty) return leftMs;
      if (!isMetered && pods.length > 0) return lookAgainMs;
      if (!logs.isDone(uid, pods)) return logsAgainMs;
      const owners = [informers.jobs, informers.deployments].flatMap(
        (informer): readonly TaskOwner[] => informer.byIndex('leaseUid', uid),
      );
      const isLast = !informers.records
        .list(deps.recordNamespace)
        .some(({ spec }) => spec.jobRef.uid === record.spec.jobRef.uid && spec.state !== 'Ended');
      await applier.clean(lease, owners, isLast, signal);
      cleaned.add(uid);
      return undefined;
    },
  };
}
