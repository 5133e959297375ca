import type { NodeView } from './node.ts';
import { closeRuns, meterPod, type PodObject } from './pod.ts';
import type { ContainerRun } from './segment.ts';

/** What all pods of the accepted leases have had of their GPUs; in memory, kept in LeaseRecords. */
export type Tracker = {
  isKnown(leaseUid: string): boolean;
  /** Continues a lease from the runs that its record holds. */
  restore(leaseUid: string, runs: readonly ContainerRun[]): void;
  /** Takes in one pod as it is now. A pod of a lease that isn't known changes nothing. */
  observe(leaseUid: string, pod: PodObject, node: NodeView | undefined, nowMs: number): void;
  /** Closes the runs of pods that are no more. */
  close(leaseUid: string, isGone: (podUid: string) => boolean): void;
  runs(leaseUid: string): readonly ContainerRun[];
  forget(leaseUid: string): void;
};

/** `reportDelayMs`: longest time between a container's end and its node reporting it. */
export function createTracker(reportDelayMs: number): Tracker {
  const leases = new Map<string, Map<string, readonly ContainerRun[]>>();
  return {
    isKnown: (leaseUid) => leases.has(leaseUid),
    restore(leaseUid, runs) {
      leases.set(leaseUid, Map.groupBy(runs, podOf));
    },
    observe(leaseUid, pod, node, nowMs) {
      const pods = leases.get(leaseUid);
      const uid = pod.metadata.uid;
      if (pods === undefined || uid === undefined) return;
      const previous = pods.get(uid) ?? [];
      pods.set(uid, meterPod({ pod, node, previous, nowMs, reportDelayMs }));
    },
    close(leaseUid, isGone) {
      const pods = leases.get(leaseUid);
      for (const [uid, runs] of pods ?? []) {
        if (runs.some(({ closed }) => !closed) && isGone(uid)) pods!.set(uid, closeRuns(runs));
      }
    },
    runs: (leaseUid) => [...(leases.get(leaseUid)?.values() ?? [])].flat(),
    forget: (leaseUid) => leases.delete(leaseUid),
  };
}

function podOf(run: ContainerRun): string {
  return run.source.slice(0, run.source.indexOf('/'));
}
