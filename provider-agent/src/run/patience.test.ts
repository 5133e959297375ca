import { expect, test } from '@jest/globals';
import type { ContainerStatus, TaskPod } from './objects.ts';
import { observePods } from './observe.ts';
import { createPatience } from './patience.ts';

type State = NonNullable<ContainerStatus['state']>;

const waits = (reason: string): State => ({ waiting: { reason } });
const cantRun = waits('RunContainerError');
const badName = waits('InvalidImageName');
const creating = waits('ContainerCreating');
const runs: State = { running: { startedAt: '2026-01-01T00:00:05Z' } };

/** A pod that its kubelet has known for days. */
const aPodWith = (state: State, uid: string): TaskPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: uid, uid, labels: { 'gridlease.dev/index': '0' } },
  spec: { nodeName: 'gpu-a' },
  status: {
    phase: 'Running',
    startTime: '2025-12-20T00:00:00Z',
    containerStatuses: [{ name: 'task', state }],
  },
});

type Looks = readonly (readonly [second: number, pods: readonly State[], seconds?: number])[];

test.each([
  ['begins when it is seen, however old the pod is', [[0, [cantRun], 0]]],
  [
    'lasts while the problem does',
    [
      [0, [cantRun], 0],
      [30, [cantRun], 30],
      [60, [cantRun], 60],
    ],
  ],
  [
    'is over when its container runs',
    [
      [0, [cantRun], 0],
      [5, [runs]],
      [600, [cantRun], 0],
    ],
  ],
  [
    'is not over while its node tries once more',
    [
      [0, [waits('CreateContainerError')], 0],
      [30, [waits('ErrImagePull')]],
      [61, [waits('CreateContainerError')], 61],
    ],
  ],
  [
    'is as long as that of the last pod',
    [
      [0, [badName, creating]],
      [40, [badName, badName], 0],
      [70, [badName, badName], 30],
    ],
  ],
  ['is none where nothing waits', [[0, []]]],
] as readonly [string, Looks][])('a wait that does not help %s', (_name, looks) => {
  let nowMs = 0;
  const patience = createPatience({ monotonicMs: () => nowMs });
  for (const [second, states, seconds] of looks) {
    nowMs = second * 1000;
    const seen = observePods(states.map((state, index) => aPodWith(state, `pod-${index}`)));
    const expected = seconds === undefined ? undefined : seconds * 1000;
    expect(patience.hopelessMs('lease-1', seen)).toBe(expected);
  }
});

test('what is forgotten begins anew', () => {
  let nowMs = 0;
  const patience = createPatience({ monotonicMs: () => nowMs });
  const seen = observePods([aPodWith(badName, 'pod-0')]);
  patience.hopelessMs('lease-1', seen);
  nowMs = 90_000;
  expect(patience.hopelessMs('lease-1', seen)).toBe(90_000);
  patience.forget('lease-1');
  expect(patience.hopelessMs('lease-1', seen)).toBe(0);
});
