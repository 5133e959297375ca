import { describe, expect, test } from '@jest/globals';
import { zeroHash } from 'viem';
import {
  allocated,
  aMeteredPod,
  aNodeView,
  running,
  type Status,
  terminated,
  waiting,
} from '../testing/meterBuilders.ts';
import { deviceSegments } from './billed.ts';
import type { ExporterView } from './exporterPage.ts';
import type { NodeView } from './node.ts';
import { type LeaseUsage, leaseUsage } from './row.ts';
import { createTracker } from './tracker.ts';

/** One state of the lease's pod and its node, and what the lease has cost once it was seen. */
type Step = {
  readonly status: Partial<Status> | undefined;
  readonly node: NodeView | undefined;
  /** The agent's clock, seconds. Default: one second after the node was last confirmed. */
  readonly now?: number;
  readonly product?: string;
  readonly exporter?: ExporterView;
  /** GPU-milliseconds. */
  readonly gpuMs: bigint;
  readonly problem?: string | undefined;
};

const lease = {
  leaseUid: 'lease',
  leaseName: 'lease',
  leaseId: zeroHash,
  gpuCount: 2,
  // 2.10 a GPU-hour in units of a millionth: 7 for 12 ms.
  pricePerGpuHour: 2_100_000n,
  maxAmount: 10n ** 12n,
  acceptedMs: 0n,
};

function follow(steps: readonly Step[]) {
  const tracker = createTracker(2_000);
  tracker.restore('lease', []);
  const seen = steps.map(({ status, node, now, product, exporter }) => {
    tracker.observe('lease', aMeteredPod(status), {
      node,
      askedProduct: 'H100-80GB-HBM3',
      nodeProduct: () => product ?? 'H100-80GB-HBM3',
      exporter,
      nowMs: (now ?? (node?.confirmedMs ?? 0) / 1000 + 1) * 1000,
    });
    const runs = tracker.runs('lease');
    const problem = runs.map((run) => run.problem?.reason).find((reason) => reason !== undefined);
    return { ...leaseUsage(lease, runs), problem };
  });
  return { seen, runs: tracker.runs('lease') };
}

const both = allocated({ 'GPU-a': 'Healthy', 'GPU-b': 'Healthy' });
const oneBad = allocated({ 'GPU-a': 'Healthy', 'GPU-b': 'Unhealthy' });
const allBad = allocated({ 'GPU-a': 'Unhealthy', 'GPU-b': 'Unhealthy' });
const on = (devices: typeof both, startedAt = 100): Partial<Status> => ({
  state: running(startedAt),
  allocatedResourcesStatus: devices,
});
const over = (finishedAt: number, devices = both): Partial<Status> => ({
  state: terminated(100, finishedAt),
  allocatedResourcesStatus: devices,
});
const notReady = (confirmed: number, since: number) =>
  aNodeView(confirmed, { ready: false, since });

const histories: Readonly<Record<string, readonly Step[]>> = {
  'a probe that never passes: containers run, so they are billed': [
    { status: { ...on(both), ...{ ready: false } }, node: aNodeView(100), gpuMs: 0n },
    { status: { ...on(both), ...{ ready: false } }, node: aNodeView(400), gpuMs: 596_000n },
    { status: { ...over(640), ...{ ready: false } }, node: aNodeView(640), gpuMs: 1_080_000n },
  ],
  'an exit with 1 after nine minutes: billed to the crash': [
    { status: on(both), node: aNodeView(640), gpuMs: 1_076_000n },
    { status: over(640), node: aNodeView(640), gpuMs: 1_080_000n },
    { status: over(640), node: aNodeView(900), gpuMs: 1_080_000n },
  ],
  'a slow pull: nothing until the container runs': [
    { status: undefined, node: aNodeView(50), gpuMs: 0n },
    { status: { state: waiting('ContainerCreating') }, node: aNodeView(350), gpuMs: 0n },
    { status: { state: waiting('ImagePullBackOff') }, node: aNodeView(700), gpuMs: 0n },
    { status: on(both, 1_000), node: aNodeView(1_010), gpuMs: 16_000n },
    {
      status: { state: terminated(1_000, 1_060), allocatedResourcesStatus: both },
      node: aNodeView(1_060),
      gpuMs: 120_000n,
    },
  ],
  'a crash loop: the spans in which it ran': [
    { status: { ...on(both), restartCount: 0 }, node: aNodeView(101), gpuMs: 0n },
    {
      status: {
        state: waiting('CrashLoopBackOff'),
        lastState: terminated(100, 103),
        restartCount: 0,
      },
      node: aNodeView(110),
      gpuMs: 6_000n,
    },
    {
      status: { ...on(both, 113), lastState: terminated(100, 103), restartCount: 1 },
      node: aNodeView(114),
      gpuMs: 6_000n,
    },
    {
      status: {
        state: waiting('CrashLoopBackOff'),
        lastState: terminated(113, 115),
        restartCount: 1,
      },
      node: aNodeView(120),
      gpuMs: 10_000n,
    },
    {
      status: { state: terminated(135, 136), lastState: terminated(113, 115), restartCount: 2 },
      node: aNodeView(140),
      gpuMs: 12_000n,
    },
  ],
  'one of two GPUs unhealthy for ten seconds: that one is not billed meanwhile': [
    { status: on(both), node: aNodeView(120), gpuMs: 36_000n },
    // Since the last confirmed moment, second 118, it may have been bad.
    {
      status: on(oneBad),
      node: aNodeView(120),
      now: 124,
      gpuMs: 36_000n,
      problem: 'DeviceUnhealthy',
    },
    { status: on(oneBad), node: aNodeView(130), gpuMs: 46_000n, problem: 'DeviceUnhealthy' },
    // Good again at second 134 at the latest: 6 s of one, then both.
    { status: on(both), node: aNodeView(130), now: 134, gpuMs: 46_000n },
    { status: on(both), node: aNodeView(142), gpuMs: 46_000n + 6_000n + 12_000n },
    { status: over(160), node: aNodeView(160), gpuMs: 104_000n },
  ],
  'both GPUs unhealthy between two confirmations of the node: not billed for what is only found out later':
    [
      { status: on(both), node: aNodeView(120), gpuMs: 36_000n },
      {
        status: on(allBad),
        node: aNodeView(120),
        now: 121,
        gpuMs: 36_000n,
        problem: 'DeviceUnhealthy',
      },
      { status: on(both), node: aNodeView(120), now: 127, gpuMs: 36_000n },
      // 118 to 127 is not billed, 127 to 138 is.
      { status: on(both), node: aNodeView(140), gpuMs: 58_000n },
      { status: over(160), node: aNodeView(160), gpuMs: 102_000n },
    ],
  'a GPU that stays unhealthy to the end': [
    { status: on(both), node: aNodeView(120), gpuMs: 36_000n },
    { status: on(allBad), node: aNodeView(130), gpuMs: 36_000n, problem: 'DeviceUnhealthy' },
    { status: over(180, allBad), node: aNodeView(190), gpuMs: 36_000n },
  ],
  'another product than asked for: nothing, from the first look': [
    {
      status: on(both),
      node: aNodeView(130),
      product: 'L40S',
      gpuMs: 0n,
      problem: 'AssignmentMismatch',
    },
    { status: over(160), node: aNodeView(160), product: 'L40S', gpuMs: 0n },
  ],
  'a product that is put right on the way: from then on': [
    {
      status: on(both),
      node: aNodeView(130),
      product: 'L40S',
      gpuMs: 0n,
      problem: 'AssignmentMismatch',
    },
    { status: on(both), node: aNodeView(140), now: 141, gpuMs: 0n },
    { status: over(160), node: aNodeView(160), gpuMs: 38_000n },
  ],
  'a kubelet that is silent until the node is given up: nothing from its last word to its return': [
    { status: on(both), node: aNodeView(120), gpuMs: 36_000n },
    { status: on(both), node: notReady(120, 165), gpuMs: 36_000n, problem: 'NodeLost' },
    { status: on(both), node: aNodeView(210, { since: 200 }), gpuMs: 36_000n + 4_000n + 16_000n },
    { status: over(240), node: aNodeView(240, { since: 200 }), gpuMs: 120_000n },
  ],
  'a kubelet that says itself that the node is not Ready: nothing from then to its return': [
    { status: on(both), node: aNodeView(120), gpuMs: 36_000n },
    { status: on(both), node: notReady(140, 130), gpuMs: 56_000n, problem: 'NodeLost' },
    { status: on(both), node: aNodeView(170, { since: 150 }), gpuMs: 60_000n + 36_000n },
    { status: over(180), node: aNodeView(180, { since: 150 }), gpuMs: 120_000n },
  ],
  'an outage that nobody saw: nothing up to the return': [
    { status: on(both), node: aNodeView(120), gpuMs: 36_000n },
    { status: on(both), node: aNodeView(300, { since: 250 }), gpuMs: 36_000n + 96_000n },
    { status: over(310), node: aNodeView(310, { since: 250 }), gpuMs: 36_000n + 120_000n },
  ],
  'a container that ended while its node was away: to the node’s last word': [
    { status: on(both), node: aNodeView(120), gpuMs: 36_000n },
    { status: on(both), node: notReady(125, 165), gpuMs: 46_000n, problem: 'NodeLost' },
    { status: over(150), node: aNodeView(210, { since: 200 }), gpuMs: 50_000n },
  ],
  'a node that is deleted: nothing more': [
    { status: on(both), node: aNodeView(120), gpuMs: 36_000n },
    { status: on(both), node: undefined, now: 500, gpuMs: 36_000n, problem: 'NodeLost' },
  ],
  'GPUs that nobody names: billed, and said': [
    {
      status: { state: running(100) },
      node: aNodeView(120),
      gpuMs: 36_000n,
      problem: 'AssignmentUnverified',
    },
    { status: { state: terminated(100, 130) }, node: aNodeView(130), gpuMs: 60_000n },
  ],
};

describe('what a history of a pod and its node costs (2 GPUs at 2.10 an hour)', () => {
  test.each(Object.entries(histories))('%s', (_name, steps) => {
    const { seen } = follow(steps);
    const figures = (one: LeaseUsage & { readonly problem: string | undefined }) => ({
      gpuMs: one.gpuMs,
      amount: one.amount,
      problem: one.problem,
    });
    expect(seen.map(figures)).toEqual(
      steps.map(({ gpuMs, problem }) => ({ gpuMs, amount: (gpuMs * 7n) / 12n, problem })),
    );
  });

  test.each(Object.entries(histories))(
    'and the same when each state is seen twice: %s',
    (_n, steps) => {
      const twice = steps.flatMap((step) => [step, step]);
      expect(follow(twice).seen.at(-1)).toEqual(follow(steps).seen.at(-1));
    },
  );

  test.each(Object.entries(histories))('and its signed segments add up to it: %s', (_n, steps) => {
    const { seen, runs } = follow(steps);
    const total = deviceSegments(zeroHash, runs).reduce(
      (sum, { startMs, endMs }) => sum + endMs - startMs,
      0n,
    );
    expect(total).toBe(seen.at(-1)!.gpuMs);
  });
});

test('a container whose GPUs are named late has had them from its start', () => {
  const { runs } = follow([
    { status: { state: running(100) }, node: aNodeView(120), gpuMs: 0n },
    { status: on(both), node: aNodeView(130), gpuMs: 0n },
    { status: { state: terminated(100, 140) }, node: aNodeView(140), gpuMs: 0n },
  ]);
  expect(runs[0]?.segments).toEqual([
    { startMs: 100_000, endMs: 140_000, devices: ['GPU-a', 'GPU-b'] },
  ]);
});
