import { larger } from '@gridlease/contracts/bigints';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { isCopying } from '@gridlease/crds/uploader';
import type { Hex } from 'viem';
import { rootOf } from './billed.ts';
import { advanceClocks, type LeaseClocks, startClocks } from './clocks.ts';
import type { Confirmations } from './confirmations.ts';
import type { MeterDeps, MeteredPod } from './deps.ts';
import type { ExporterView } from './exporterPage.ts';
import { foldRuns } from './fold.ts';
import type { LookedLease, ShownUsage } from './lookedLease.ts';
import type { MeterMetrics } from './metrics.ts';
import { isVoid, leaseFromRecord, startDeadlineOf } from './onObject.ts';
import { costOf, leaseUsage, type MeteredLease, type NamedRow } from './row.ts';
import { devicesOf, gapsIn, worstProblem } from './runFacts.ts';
import { runsFromLines, runToLines } from './runLines.ts';
import type { ContainerRun } from './segment.ts';
import { createTracker } from './tracker.ts';

/** How often the runs of a lease that goes on are stored; what is lost with a crash is read again from the pods. */
const persistMs = 60_000;
/** What is not billed is stored at once, but not more often than this. */
const persistGapMs = 2_000;
const longestStepMs = 30_000;

/** The meter's view of the accepted leases: pods in, cumulative usage out. */
export function createLeases(
  deps: MeterDeps,
  confirmations: Confirmations,
  exporter: (nodeName: string) => ExporterView | undefined,
  metrics: MeterMetrics,
) {
  const { clock, informers } = deps;
  const tracker = createTracker(deps.reportDelayMs ?? 2_000);
  const clocks = new Map<string, LeaseClocks>();
  const persisted = new Map<string, Persisted>();
  const signed = new Map<Hex, bigint>();
  /** Leases whose last row was signed, which is stored with its statement. */
  const signedLast = new Set<Hex>();
  /** By record as it is in the cache: reading one parses its document, and each is looked at often. */
  const read = new WeakMap<LeaseRecord['spec'], ReadRecord>();
  const readOnce = (record: LeaseRecord): ReadRecord => {
    const { spec } = record;
    const known = read.get(spec);
    if (known !== undefined) return known;
    const fresh = {
      lease: leaseFromRecord(record),
      startDeadlineSeconds: startDeadlineOf(spec.workloadDocument) ?? spec.terms.idleSeconds,
    };
    read.set(spec, fresh);
    return fresh;
  };
  const isStoredFinal = ({ spec }: LeaseRecord): boolean =>
    spec.meter?.final === true || signedLast.has(spec.leaseId);

  const observePod = (leaseUid: string, pod: MeteredPod): void => {
    const record = informers.leaseRecords.get(`${deps.recordNamespace}/${leaseUid}`);
    const nodeName = pod.spec?.nodeName ?? '';
    tracker.observe(leaseUid, pod, {
      node: confirmations.view(pod),
      askedProduct: record?.spec.product,
      nodeProduct: (resourceName) => deps.productOn?.(nodeName, resourceName),
      exporter: exporter(nodeName),
      nowMs: clock.now().getTime(),
    });
  };

  const observeAll = (record: LeaseRecord): readonly MeteredPod[] => {
    const uid = record.metadata.name;
    if (!tracker.isKnown(uid)) {
      tracker.restore(uid, runsFromLines(record.spec.meter?.runs ?? []));
      persisted.set(uid, {
        atMs: clock.monotonicMs(),
        gpuMs: BigInt(record.spec.meter?.gpuMs ?? '0'),
        gaps: gapsIn(tracker.runs(uid)),
      });
    }
    if (record.spec.meter?.final === true) return [];
    const pods = informers.pods.byIndex('leaseUid', uid);
    const uids = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const pod of pods) observePod(uid, pod);
    tracker.close(uid, (podUid) => !uids.has(podUid));
    tracker.fold(uid, (runs) => foldRuns(readOnce(record).lease, runs, clock.now().getTime()));
    return pods;
  };

  const look = (record: LeaseRecord, isObserved: boolean): LookedLease => {
    const uid = record.metadata.name;
    const { lease, startDeadlineSeconds } = readOnce(record);
    const pods = observeAll(record);
    const runs = tracker.runs(uid);
    const usage = leaseUsage(lease, runs);
    const isOpen = runs.some(({ closed }) => !closed) || pods.some(isRunning);
    const isFinal = record.spec.meter?.final === true || (record.spec.state === 'Ended' && !isOpen);
    const isDelivering = runs.some(({ isBilled }) => isBilled) && isObserved;
    const nowMs = clock.monotonicMs();
    const before =
      clocks.get(uid) ??
      startClocks({
        nowMs,
        gpuMs: usage.gpuMs,
        acceptedAgoMs: clock.now().getTime() - Number(lease.acceptedMs),
        startDeadlineSeconds,
      });
    metrics.gpuSeconds.inc(Math.max(0, Number(usage.gpuMs - before.gpuMs)) / 1000);
    const after = advanceClocks(before, {
      nowMs,
      gpuMs: usage.gpuMs,
      isDelivering,
      isObserved,
      holdsGpus: record.spec.state === 'Running' && !pods.some(isCopying),
      maxStepMs: longestStepMs,
    });
    clocks.set(uid, after);
    return {
      record,
      lease,
      runs,
      usage,
      isFinal,
      isVoid: isFinal && isVoid(record, usage.gpuMs),
      isDelivering,
      problem: worstProblem(runs),
      clocks: after,
      startDeadlineSeconds,
    };
  };

  const asStored = (lease: MeteredLease, runs: readonly ContainerRun[]) => ({
    gpuMs: leaseUsage(lease, runs).gpuMs.toString(),
    segmentsRoot: rootOf(lease.leaseId, runs),
    lastObservedMs: clock.now().getTime().toString(),
    runs: runs.flatMap(runToLines),
  });

  /**
   * What the meter says in the end of a lease whose pods have all ended, for whoever writes that they
   * have: one write instead of two. Undefined as long as it has not seen all of it.
   */
  const finalMeter = (leaseUid: string): LeaseRecord['spec']['meter'] => {
    const record = informers.leaseRecords.get(`${deps.recordNamespace}/${leaseUid}`);
    if (record === undefined || record.spec.meter?.final === true) return undefined;
    const pods = observeAll(record);
    const runs = tracker.runs(leaseUid);
    if (runs.some(({ closed }) => !closed) || pods.some(isRunning)) return undefined;
    return { ...asStored(readOnce(record).lease, runs), final: true, folded: false };
  };

  /**
   * Stores what would otherwise be lost, at once when the lease is final. That of tasks that succeeded
   * is not: their pods stay until their last row is signed, and it is stored when that is accepted.
   */
  const persist = async (looked: LookedLease, folded: boolean, signal: AbortSignal) => {
    const { record, lease, runs, usage, isFinal } = looked;
    const { name: uid, resourceVersion } = record.metadata;
    const stored = record.spec.meter;
    const nowMs = clock.monotonicMs();
    const last = persisted.get(uid);
    const sinceMs = nowMs - (last?.atMs ?? nowMs);
    const gaps = gapsIn(runs);
    const isGrown = sinceMs >= persistMs && usage.gpuMs > (last?.gpuMs ?? 0n);
    // A gap that only memory knows would be billed after a crash.
    const isDue = isGrown || (sinceMs >= persistGapMs && gaps !== last?.gaps);
    const isReadable = record.spec.finished?.succeeded === true;
    const isNewlyFinal = isFinal && stored?.final !== true && !isReadable;
    if (!isDue && !isNewlyFinal && !(folded && stored?.folded !== true)) return;
    const meter = { ...asStored(lease, runs), final: isFinal, folded };
    const written = await deps.clients.leaseRecords.mergePatch(
      record.metadata,
      // Of the record as it was read: what another replica has stored since is not taken back.
      { metadata: { uid: record.metadata.uid, resourceVersion }, spec: { meter } },
      { fieldManager: 'gridlease-agent-meter', signal },
    );
    persisted.set(uid, { atMs: nowMs, gpuMs: usage.gpuMs, gaps });
    informers.leaseRecords.observe(written);
  };

  const usageOf = (leaseUid: string): ShownUsage | undefined => {
    const record = informers.leaseRecords.get(`${deps.recordNamespace}/${leaseUid}`);
    if (record === undefined) return undefined;
    const { lease } = readOnce(record);
    const runs = tracker.isKnown(leaseUid)
      ? tracker.runs(leaseUid)
      : runsFromLines(record.spec.meter?.runs ?? []);
    const usage = leaseUsage(lease, runs);
    const delivering = runs.some(({ isBilled }) => isBilled);
    const problem = worstProblem(runs);
    // What was signed is what is paid, even where the truth turned out to be a little less.
    const gpuMs = larger(usage.gpuMs, signed.get(lease.leaseId) ?? 0n);
    return {
      ...usage,
      gpuMs,
      amount: costOf(lease, gpuMs),
      delivering,
      withheld: delivering ? undefined : problem,
      doubt: delivering ? problem : undefined,
      devices: devicesOf(runs),
      final: isStoredFinal(record),
    };
  };

  return {
    look,
    persist,
    finalMeter,
    usageOf,
    /** Whether it is stored, in its record or with a statement, that nothing will be added. */
    isStoredFinal,
    observePod,
    /** Notes the rows that were signed. */
    noteSigned: (rows: readonly NamedRow[]): void => {
      for (const { leaseId, gpuMs, last } of rows) {
        signed.set(leaseId, gpuMs);
        if (last) signedLast.add(leaseId);
      }
    },
    /** Takes in the last state of a pod that was deleted. */
    podDeleted: (leaseUid: string, pod: MeteredPod): void => {
      observePod(leaseUid, pod);
      tracker.close(leaseUid, (podUid) => podUid === pod.metadata.uid);
    },
    setSuspended: (leaseUid: string, isSuspended: boolean): void => {
      const current = clocks.get(leaseUid);
      if (current === undefined || (current.suspendedMs !== undefined) === isSuspended) return;
      clocks.set(leaseUid, { ...current, suspendedMs: isSuspended ? 0 : undefined });
    },
    forget: (leaseUid: string, leaseId: Hex): void => {
      tracker.forget(leaseUid);
      clocks.delete(leaseUid);
      persisted.delete(leaseUid);
      signed.delete(leaseId);
      signedLast.delete(leaseId);
    },
  };
}

export type Leases = ReturnType<typeof createLeases>;

type Persisted = { readonly atMs: number; readonly gpuMs: bigint; readonly gaps: number };

type ReadRecord = { readonly lease: MeteredLease; readonly startDeadlineSeconds: number };

function isRunning(pod: MeteredPod): boolean {
  return (pod.status?.containerStatuses ?? []).some(({ state }) => state?.running !== undefined);
}
