import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { zeroHash } from 'viem';
import {
  aContainerRun,
  allocated,
  aMeteredPod,
  aNodeView,
  running,
  terminated,
  waiting,
} from '../testing/meterBuilders.ts';
import { rootOf } from './billed.ts';
import { foldAt, foldedUntil, foldRuns } from './fold.ts';
import { leaseUsage } from './row.ts';
import { runsFromLines, runToLines } from './runLines.ts';
import { type ContainerRun, extend } from './segment.ts';
import { createTracker, type Tracker } from './tracker.ts';

const aLease = (gpuCount: number) => ({
  leaseUid: 'lease',
  leaseName: 'lease',
  leaseId: zeroHash,
  gpuCount,
  pricePerGpuHour: 2_100_000n,
  maxAmount: 10n ** 12n,
  acceptedMs: 0n,
});

const names = ['GPU-a', 'GPU-b', 'GPU-c', '?0', '?1'];
const run = fc
  .record({
    pod: fc.constantFrom('one', 'two', 'three'),
    restart: fc.integer({ min: 0, max: 3 }),
    startMs: fc.integer({ min: 0, max: 2_000 }),
    closed: fc.boolean(),
    parts: fc.array(
      fc.record({ ms: fc.integer({ min: 1, max: 500 }), billed: fc.subarray(names) }),
      { maxLength: 8 },
    ),
  })
  .map(({ pod, restart, startMs, closed, parts }) => {
    const source = `${pod}/task/${restart}`;
    const empty = aContainerRun({ source, startMs, segments: [], devices: names, closed });
    return parts.reduce(
      (built: ContainerRun, { ms, billed }) =>
        extend(built, (built.segments.at(-1)?.endMs ?? startMs) + ms, billed),
      empty,
    );
  });
const someRuns = fc.uniqueArray(run, { selector: ({ source }) => source, maxLength: 8 });

describe('folding the past of a lease', () => {
  test('changes nothing of what it costs, wherever it is cut, once or twice, stored or not', () => {
    fc.assert(
      fc.property(
        someRuns,
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 0, max: 6_000 }),
        fc.integer({ min: 0, max: 3_000 }),
        (runs, gpuCount, cutMs, laterMs) => {
          const lease = aLease(gpuCount);
          const before = leaseUsage(lease, runs);
          const endMs = Math.max(before.endMs ?? 0, 1);
          const cut = Math.min(cutMs, endMs - 1);
          const once = foldAt(lease, runs, cut);
          expect(leaseUsage(lease, once)).toEqual(before);
          const stored = runsFromLines(once.flatMap(runToLines));
          expect(leaseUsage(lease, stored)).toEqual(before);
          expect(foldedUntil(stored)).toBe(cut);
          const twice = foldAt(lease, stored, Math.min(cut + laterMs, endMs - 1));
          expect(leaseUsage(lease, twice)).toEqual(before);
          for (const line of twice.flatMap(runToLines)) expect(line.length).toBeLessThan(4_096);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('commits to what was folded', () => {
    const past = (endMs: number) => [
      aContainerRun({ segments: [{ startMs: 0, endMs, devices: ['GPU-a'] }] }),
      aContainerRun({
        source: 'pod/task/1',
        segments: [{ startMs: 100, endMs: 900 - endMs, devices: ['GPU-a'] }],
      }),
    ];
    const [one, other] = [past(50), past(51)].map((runs) => foldAt(aLease(1), runs, 500));
    expect(one?.[0]?.source).toContain(
      rootOf(
        zeroHash,
        past(50).map((each) => foldable(each)),
      ),
    );
    expect(one?.[0]?.source).not.toBe(other?.[0]?.source);
  });

  test('is left for when there is much of it', () => {
    const runs = [
      aContainerRun({ segments: [{ startMs: 0, endMs: 10 ** 7, devices: ['GPU-a'] }] }),
    ];
    expect(foldRuns(aLease(1), runs, 10 ** 8)).toBe(runs);
  });
});

/** The part of a run before the cut of the test above. */
function foldable(one: ContainerRun): ContainerRun {
  const segments = one.segments.map((segment) => ({
    ...segment,
    endMs: Math.min(segment.endMs, 500),
  }));
  return { ...one, segments };
}

describe('what a record holds of a long lease', () => {
  const lease = aLease(2);
  const good = allocated({ 'GPU-a': 'Healthy', 'GPU-b': 'Healthy' });
  const bad = allocated({ 'GPU-a': 'Healthy', 'GPU-b': 'Unhealthy' });
  const surroundings = (second: number) => ({
    node: aNodeView(second),
    askedProduct: undefined,
    nodeProduct: undefined,
    exporter: undefined,
    nowMs: second * 1000,
  });
  const sizeOf = (runs: readonly ContainerRun[]) => runs.flatMap(runToLines).join('\n').length;

  /** The same seen by a tracker that folds, one that doesn't, and one whose agent restarts on the way. */
  function follow(look: (tracker: Tracker, second: number) => void, seconds: number, step: number) {
    const plain = createTracker(2_000);
    const folding = createTracker(2_000);
    let restarting = createTracker(2_000);
    for (const tracker of [plain, folding, restarting]) tracker.restore('lease', []);
    let largest = 0;
    for (let second = 100; second < seconds; second += step) {
      for (const tracker of [plain, folding, restarting]) look(tracker, second);
      for (const tracker of [folding, restarting]) {
        tracker.fold('lease', (runs) => foldRuns(lease, runs, second * 1000));
      }
      largest = Math.max(largest, sizeOf(folding.runs('lease')));
      if (second % 5_000 < step) {
        const stored = restarting.runs('lease').flatMap(runToLines);
        restarting = createTracker(2_000);
        restarting.restore('lease', runsFromLines(stored));
      }
    }
    const usage = (tracker: Tracker) => leaseUsage(lease, tracker.runs('lease'));
    return { plain, folding, largest, usages: [plain, folding, restarting].map(usage) };
  }

  test('stays small while a GPU flaps for two days, and the lease costs the same', () => {
    const { plain, largest, usages } = follow(
      (tracker, second) => {
        const status = {
          state: running(100),
          allocatedResourcesStatus: second % 40 < 20 ? good : bad,
        };
        tracker.observe('lease', aMeteredPod(status), surroundings(second));
      },
      2 * 86_400,
      10,
    );
    expect(sizeOf(plain.runs('lease'))).toBeGreaterThan(100_000);
    expect(largest).toBeLessThan(20_000);
    expect(usages[1]).toEqual(usages[0]);
    expect(usages[0]!.gpuMs).toBeGreaterThan(0n);
  });

  test('stays small while a container crashes all day, and none of its runs counts twice', () => {
    const { plain, largest, usages } = follow(
      (tracker, second) => {
        // Every run takes 20 s of a minute; its pod goes on showing the last one.
        const restartCount = Math.floor((second - 100) / 60);
        const startedAt = 100 + restartCount * 60;
        const status =
          second - startedAt < 20
            ? { state: running(startedAt), restartCount, allocatedResourcesStatus: good }
            : {
                state: waiting('CrashLoopBackOff'),
                lastState: terminated(startedAt, startedAt + 20),
                restartCount,
                allocatedResourcesStatus: good,
              };
        tracker.observe('lease', aMeteredPod(status), surroundings(second));
        // And one that ended long ago is still there.
        const done = { state: terminated(100, 160) };
        tracker.observe('lease', aMeteredPod(done, { uid: 'done' }), surroundings(second));
      },
      86_400,
      20,
    );
    expect(sizeOf(plain.runs('lease'))).toBeGreaterThan(60_000);
    expect(largest).toBeLessThan(50_000);
    expect(usages[1]).toEqual(usages[0]);
    expect(usages[2]).toEqual(usages[0]);
  });
});
