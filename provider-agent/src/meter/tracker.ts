import type { ExporterView } from './exporterPage.ts';
import { foldedPod, foldedUntil } from './fold.ts';
import type { NodeView } from './node.ts';
import { closeRuns, type MeterPodInput, meterPod, type PodObject } from './pod.ts';
import type { ContainerRun } from './segment.ts';

/** What is known about a pod beside itself when it is looked at. */
export type Surroundings = {
  readonly node: NodeView | undefined;
  readonly askedProduct: string | undefined;
  readonly nodeProduct: MeterPodInput['nodeProduct'];
  readonly exporter: ExporterView | undefined;
  /** The agent's wall clock, unix milliseconds. */
  readonly nowMs: number;
};

/** What all pods of the accepted leases have had of their GPUs; in memory, kept in LeaseRecords. */
export type Tracker = {
  isKnown(leaseUid: string): boolean;
  /** Continues a lease from the runs that its record holds. */
  restore(leaseUid: string, runs: readonly ContainerRun[]): void;
  /** Takes in one state of a pod. A pod of a lease that isn't known changes nothing. */
  observe(leaseUid: string, pod: PodObject, surroundings: Surroundings): void;
  /** Closes the runs of pods that are no more. */
  close(leaseUid: string, isGone: (podUid: string) => boolean): void;
  /** Replaces a lease's runs by others that cost the same. */
  fold(leaseUid: string, change: (runs: readonly ContainerRun[]) => readonly ContainerRun[]): void;
  runs(leaseUid: string): readonly ContainerRun[];
  forget(leaseUid: string): void;
};

type TrackedPod = { readonly runs: readonly ContainerRun[]; readonly version: bigint };

/** `reportDelayMs`: longest time between a container's end and its node reporting it. */
export function createTracker(reportDelayMs: number): Tracker {
  const leases = new Map<string, Map<string, TrackedPod>>();
  const runsOf = (leaseUid: string): readonly ContainerRun[] =>
    [...(leases.get(leaseUid)?.values() ?? [])].flatMap(({ runs }) => runs);
  return {
    isKnown: (leaseUid) => leases.has(leaseUid),
    restore(leaseUid, runs) {
      const pods = [...Map.groupBy(runs, podOf)];
      leases.set(leaseUid, new Map(pods.map(([uid, own]) => [uid, { runs: own, version: 0n }])));
    },
    observe(leaseUid, pod, surroundings) {
      const pods = leases.get(leaseUid);
      const uid = pod.metadata.uid;
      if (pods === undefined || uid === undefined) return;
      const { runs: previous, version } = pods.get(uid) ?? { runs: [], version: 0n };
      const own = versionOf(pod);
      const isStale = own !== 0n && own < version;
      const foldedMs = foldedUntil(pods.get(foldedPod)?.runs ?? []);
      const runs = meterPod({ pod, previous, foldedMs, isStale, reportDelayMs, ...surroundings });
      pods.set(uid, { runs, version: isStale ? version : own });
    },
    close(leaseUid, isGone) {
      const pods = leases.get(leaseUid);
      for (const [uid, { runs, version }] of pods ?? []) {
        if (runs.some(({ closed }) => !closed) && isGone(uid)) {
          pods!.set(uid, { runs: closeRuns(runs), version });
        }
      }
    },
    fold(leaseUid, change) {
      const pods = leases.get(leaseUid);
      const before = runsOf(leaseUid);
      const after = change(before);
      if (pods === undefined || after === before) return;
      const own = Map.groupBy(after, podOf);
      // The versions stay: an older state of a pod must not begin anew what is folded.
      for (const uid of new Set([...pods.keys(), ...own.keys()])) {
        pods.set(uid, { runs: own.get(uid) ?? [], version: pods.get(uid)?.version ?? 0n });
      }
    },
    runs: runsOf,
    forget: (leaseUid) => leases.delete(leaseUid),
  };
}

function podOf(run: ContainerRun): string {
  return run.source.slice(0, run.source.indexOf('/'));
}

/** Kubernetes orders the states of an object by number. Without one, the newest is the last seen. */
function versionOf({ metadata }: PodObject): bigint {
  const text = metadata.resourceVersion ?? '';
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
}
