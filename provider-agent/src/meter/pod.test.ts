import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  allocated,
  aMeteredPod,
  aNodeView,
  at,
  running,
  type Status,
  terminated,
  waiting,
} from '../testing/meterBuilders.ts';
import { billedTimes, gpuMilliseconds } from './billed.ts';
import type { NodeView } from './node.ts';
import { closeRuns, meterPod, type PodObject } from './pod.ts';
import type { ContainerRun } from './segment.ts';

const aPod = (status: Partial<Status> | undefined, gpus = 2) => aMeteredPod(status, { gpus });
const aNode = aNodeView;

type Look = {
  readonly pod: PodObject;
  readonly node: NodeView | undefined;
  readonly now?: number;
};

/** GPU-seconds after each look. */
function gpuSeconds(looks: readonly Look[], reportDelayMs = 2000): number[] {
  let runs: readonly ContainerRun[] = [];
  return looks.map(({ pod, node, now = 1_000_000 }) => {
    runs = meterPod({ pod, node, previous: runs, nowMs: now * 1000, reportDelayMs });
    return Number(gpuMilliseconds(billedTimes(runs), 64)) / 1000;
  });
}

describe('what is billed for a pod (2 GPUs)', () => {
  const cases: readonly [string, readonly Look[], readonly number[]][] = [
    [
      'nothing while the image is pulled and the sandbox is made',
      [
        { pod: aPod(undefined), node: aNode(100) },
        { pod: aPod({ state: waiting('ContainerCreating') }), node: aNode(160) },
      ],
      [0, 0],
    ],
    [
      'a running container up to what its node confirmed, less the time a report may take',
      [
        { pod: aPod({ state: running(100) }), node: aNode(101) },
        { pod: aPod({ state: running(100) }), node: aNode(110.7) },
        { pod: aPod({ state: running(100) }), node: aNode(110.7) },
      ],
      [0, 16, 16],
    ],
    [
      'a finished container exactly from start to finish',
      [
        { pod: aPod({ state: running(100) }), node: aNode(110) },
        { pod: aPod({ state: terminated(100, 113) }), node: aNode(110) },
      ],
      [16, 26],
    ],
    [
      'a finished container that was never seen running (the agent was away)',
      [{ pod: aPod({ state: terminated(100, 113) }), node: aNode(300) }],
      [26],
    ],
    [
      'nothing for a container that could not be started, whose kubelet says 1970 instead of a start',
      [{ pod: aPod({ state: terminated(0, 113) }), node: aNode(120) }],
      [0],
    ],
    [
      'what ran before a restart that could not be started, of which its kubelet says 1970',
      [
        { pod: aPod({ state: running(100), restartCount: 0 }), node: aNode(112) },
        {
          pod: aPod({
            state: waiting('CrashLoopBackOff'),
            lastState: terminated(0, 113),
            restartCount: 1,
          }),
          node: aNode(120),
        },
        {
          pod: aPod({ state: running(130), lastState: terminated(0, 113), restartCount: 2 }),
          node: aNode(142),
        },
      ],
      [20, 20, 40],
    ],
    [
      'a container that finished before what was assumed: its real end counts',
      [
        { pod: aPod({ state: running(100) }), node: aNode(130) },
        { pod: aPod({ state: terminated(100, 120) }), node: aNode(140) },
      ],
      [56, 40],
    ],
    [
      'not the back-off between a crash and the restart',
      [
        { pod: aPod({ state: running(100), restartCount: 0 }), node: aNode(104) },
        {
          pod: aPod({
            state: waiting('CrashLoopBackOff'),
            lastState: terminated(100, 105),
            restartCount: 0,
          }),
          node: aNode(120),
        },
        {
          pod: aPod({ state: running(125), lastState: terminated(100, 105), restartCount: 1 }),
          node: aNode(132),
        },
        {
          pod: aPod({
            state: terminated(125, 140),
            lastState: terminated(100, 105),
            restartCount: 1,
          }),
          node: aNode(142),
        },
      ],
      [4, 10, 20, 40],
    ],
    [
      'both runs when a restart happened within one second',
      [
        {
          pod: aPod({ state: running(100), lastState: terminated(100, 100), restartCount: 1 }),
          node: aNode(112),
        },
      ],
      [20],
    ],
    [
      'not the time in which the node was not Ready, though the container went on',
      [
        { pod: aPod({ state: running(100) }), node: aNode(112) },
        { pod: aPod({ state: running(100) }), node: aNode(112, { ready: false, since: 152 }) },
        { pod: aPod({ state: running(100) }), node: aNode(172, { since: 160 }) },
        { pod: aPod({ state: terminated(100, 180) }), node: aNode(182, { since: 160 }) },
      ],
      [20, 20, 44, 64],
    ],
    [
      'not an end that was reported from an unobserved gap',
      [
        { pod: aPod({ state: running(100) }), node: aNode(112) },
        { pod: aPod({ state: terminated(100, 130) }), node: aNode(172, { since: 150 }) },
      ],
      [20, 20],
    ],
    [
      'a silence of heartbeats that ends before the node was given up',
      [
        { pod: aPod({ state: running(100) }), node: aNode(112) },
        { pod: aPod({ state: running(100) }), node: aNode(112) },
        { pod: aPod({ state: running(100) }), node: aNode(142) },
      ],
      [20, 20, 80],
    ],
    [
      'nothing new when the node is gone',
      [
        { pod: aPod({ state: running(100) }), node: aNode(112) },
        { pod: aPod({ state: running(100) }), node: undefined },
      ],
      [20, 20],
    ],
    [
      'nothing beyond our own clock, and nothing less when it is set back',
      [
        { pod: aPod({ state: running(100) }), node: aNode(112), now: 108 },
        { pod: aPod({ state: running(100) }), node: aNode(122), now: 50 },
        { pod: aPod({ state: running(100) }), node: aNode(122), now: 9_000_000 },
      ],
      [12, 12, 40],
    ],
    [
      'nothing for a container that ended before it started',
      [
        {
          pod: aPod({ state: { terminated: { startedAt: null, finishedAt: at(100) } } }),
          node: aNode(120),
        },
      ],
      [0],
    ],
    [
      'what was confirmed, when the end has no time',
      [
        { pod: aPod({ state: running(100) }), node: aNode(112) },
        {
          pod: aPod({ state: { terminated: { startedAt: at(100), finishedAt: null } } }),
          node: aNode(152),
        },
      ],
      [20, 20],
    ],
  ];
  test.each(cases)('%s', (_, looks, expected) => {
    expect(gpuSeconds(looks)).toEqual(expected);
  });

  test('not a GPU that is unhealthy, nor the interval in which it became so or recovered', () => {
    const withHealth = (...health: string[]) =>
      aPod({
        state: running(100),
        allocatedResourcesStatus: allocated(
          Object.fromEntries(health.map((value, index) => [`GPU-${index}`, value])),
        ),
      });
    expect(
      gpuSeconds([
        { pod: withHealth('Healthy', 'Unknown'), node: aNode(112), now: 113 },
        { pod: withHealth('Healthy', 'Unhealthy'), node: aNode(122), now: 123 },
        { pod: withHealth('Unhealthy', 'Unhealthy'), node: aNode(132), now: 133 },
        { pod: withHealth('Healthy', 'Healthy'), node: aNode(142), now: 143 },
        { pod: withHealth('Healthy', 'Healthy'), node: aNode(152), now: 153 },
      ]),
      // Good again from second 143 at the latest.
    ).toEqual([20, 30, 30, 30, 44]);
  });

  test('what was confirmed stays when the pod is deleted, and nothing is added', () => {
    const look = { previous: [], nowMs: 1e9, reportDelayMs: 0 };
    const runs = closeRuns(
      meterPod({ ...look, pod: aPod({ state: running(100) }), node: aNode(110) }),
    );
    const later = meterPod({
      ...look,
      previous: runs,
      pod: aPod({ state: running(100) }),
      node: aNode(200),
    });
    expect(later).toEqual(runs);
    expect(runs[0]!.segments).toEqual([
      { startMs: 100_000, endMs: 110_000, devices: ['?0', '?1'] },
    ]);
  });

  test('MIG slices count like GPUs', () => {
    const pod = aPod({ state: terminated(100, 110) });
    const mig = {
      ...pod,
      spec: {
        containers: [
          { name: 'task', resources: { limits: { 'nvidia.com/mig-3g.40gb': 1 } } },
          { name: 'helper' },
        ],
      },
    };
    expect(gpuSeconds([{ pod: mig, node: aNode(200) }])).toEqual([10]);
  });
});

describe('properties of the meter', () => {
  // A node that lives through heartbeats, silences and clock changes, and a container that ends somewhere.
  const history = fc.record({
    start: fc.integer({ min: 1, max: 50 }),
    length: fc.integer({ min: 0, max: 300 }),
    gpus: fc.integer({ min: 1, max: 8 }),
    looks: fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 400 }),
        heartbeatAge: fc.integer({ min: 0, max: 60 }),
        ready: fc.boolean(),
        transition: fc.integer({ min: 0, max: 400 }),
        clockError: fc.integer({ min: -100, max: 100 }),
      }),
      { maxLength: 20 },
    ),
  });

  test('the sum never falls, never exceeds the truth, and is at most wall time × GPUs', () => {
    fc.assert(
      fc.property(history, ({ start, length, gpus, looks }) => {
        const end = start + length;
        let runs: readonly ContainerRun[] = [];
        let before = 0n;
        let heartbeat = 0;
        for (const look of [...looks].sort((a, b) => a.at - b.at)) {
          // The node's report is complete up to its heartbeat.
          heartbeat = Math.max(heartbeat, look.at - look.heartbeatAge);
          const state =
            heartbeat >= end
              ? terminated(start, end)
              : heartbeat >= start
                ? running(start)
                : undefined;
          runs = meterPod({
            pod: aPod(state && { state }, gpus),
            node: aNode(heartbeat, {
              ready: look.ready,
              since: Math.min(look.transition, look.at),
            }),
            previous: runs,
            nowMs: (look.at + look.clockError) * 1000,
            reportDelayMs: 0,
          });
          const total = gpuMilliseconds(billedTimes(runs), gpus);
          expect(total).toBeGreaterThanOrEqual(before);
          expect(total).toBeLessThanOrEqual(
            BigInt(Math.max(0, Math.min(heartbeat, end) - start) * gpus * 1000),
          );
          before = total;
        }
      }),
    );
  });
});
