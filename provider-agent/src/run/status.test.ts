import { reasons } from '@gridlease/crds/conditionReasons';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseOutcome } from '@gridlease/crds/leaseState';
import { describe, expect, test } from '@jest/globals';
import { testNowMs } from '../testing/builders.ts';
import { aJob } from '../testing/clusterBuilders.ts';
import { observeTasks } from './observe.ts';
import { leaseStatus, type StatusInput, writeDueInMs } from './status.ts';

type Status = NonNullable<GPULease['status']>;
const now = new Date(testNowMs);
const empty = observeTasks(1, [], []);
const operators = {
  type: 'MeterDisputed',
  status: 'False',
  reason: 'Agreed',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
} as const;
const accepted: Status = {
  conditions: [
    { ...operators, type: 'Accepted', status: 'True', reason: 'Accepted' },
    { ...operators, type: 'Funded', status: 'True', reason: 'Funded' },
    operators,
  ],
  leaseId: `0x${'ab'.repeat(32)}`,
};
const anInput = (overrides: Partial<StatusInput> = {}): StatusInput => ({
  current: accepted,
  observedGeneration: 1,
  observation: empty,
  progress: { completed: [], failed: [], remaining: [0, 1] },
  parallelism: 2,
  isService: false,
  finished: undefined,
  suspended: undefined,
  obstacle: undefined,
  usage: undefined,
  decimals: 6,
  now,
  ...overrides,
});
const both = {
  ...empty,
  running: new Map([
    [0, testNowMs - 1000],
    [1, testNowMs],
  ]),
  startedMs: testNowMs - 1000,
};
const usage = {
  gpuMs: 1_000n,
  amount: 583n,
  startMs: testNowMs - 1000,
  endMs: undefined,
  delivering: true,
  final: false,
};
const running = anInput({ observation: both, usage });
const finished = {
  succeeded: true,
  reason: 'Completed',
  message: 'all',
  time: '2026-01-01T00:01:00Z',
};
const state = (status: Status) =>
  leaseOutcome({ status, spec: { desiredState: 'Running' } } as unknown as GPULease).state;
const reasonsOf = (status: Status) =>
  Object.fromEntries(
    (status.conditions ?? []).map(({ type, status: is, reason }) => [type, `${is}/${reason}`]),
  );

describe('the status of a lease', () => {
  test('runs once the meter counts', () => {
    const status = leaseStatus(running);
    expect(reasonsOf(status)).toMatchObject({
      Provisioned: 'True/Provisioned',
      Delivered: 'True/Delivered',
      Ready: 'True/Ready',
      Succeeded: 'Unknown/Running',
    });
    expect(status).toMatchObject({
      active: 2,
      gpuMilliseconds: '1000',
      amount: '0.000583',
      startTime: '2025-12-31T23:59:59Z',
    });
    expect(state(status)).toBe('Running');
  });

  test('keeps what belongs to the operator and to the accept stage', () => {
    const settlement = {
      amount: '1',
      gpuMilliseconds: '1',
      cumulative: '1',
      transactionHash: `0x${'00'.repeat(32)}`,
      blockNumber: '1',
    } as const;
    const status = leaseStatus(anInput({ current: { ...accepted, settlement } }));
    expect(status.conditions).toEqual(expect.arrayContaining([...accepted.conditions!]));
    expect(status).toMatchObject({ settlement, leaseId: accepted.leaseId });
  });

  test.each([
    [
      'waits with the reason of the task that waits',
      {
        observation: { ...empty, waiting: { reason: 'Unschedulable', message: '0/3 nodes' } },
      },
      { Delivered: 'False/Unschedulable', Ready: 'False/NotReady' },
    ],
    [
      'says that it is suspended',
      { observation: both, usage, suspended: { message: 'unpaid' } },
      {
        Delivered: 'False/Suspended',
      },
    ],
    [
      'says why running containers are not billed',
      {
        observation: both,
        usage: { ...usage, withheld: { reason: 'DeviceUnhealthy', message: 'GPU-1' } },
      },
      { Delivered: 'False/DeviceUnhealthy', Succeeded: 'Unknown/Running' },
    ],
    [
      'says what is not known about running containers that are billed',
      {
        observation: both,
        usage: { ...usage, doubt: { reason: 'AssignmentUnverified', message: 'nobody says' } },
      },
      { Delivered: 'True/AssignmentUnverified', Ready: 'True/Ready' },
    ],
    [
      'that was billed says that its node is gone',
      {
        observation: { ...empty, waiting: { reason: 'NodeLost', message: 'gpu-a' } },
        usage,
      },
      { Delivered: 'False/NodeLost', Ready: 'False/NotReady' },
    ],
    [
      'that was billed goes on between two tasks',
      {
        observation: { ...empty, waiting: { reason: 'PullingImage', message: 'soon' } },
        usage,
      },
      { Delivered: 'True/Delivered', Ready: 'False/NotReady' },
    ],
    [
      'says why its pods are refused',
      { obstacle: { reason: 'QuotaExceeded', message: 'exceeded quota', final: false } },
      { Provisioned: 'False/QuotaExceeded', Delivered: 'False/Waiting' },
    ],
    [
      'says that no node is left',
      { obstacle: { reason: 'Unschedulable', message: 'no node has a H100', final: false } },
      { Provisioned: 'True/Provisioned', Delivered: 'False/Unschedulable' },
    ],
    [
      'was never provisioned when its pods were refused to the end',
      {
        obstacle: { reason: 'PodsRefused', message: 'is invalid', final: true },
        finished: { ...finished, succeeded: false, reason: 'PodsRefused' },
      },
      { Provisioned: 'False/PodsRefused', Succeeded: 'False/PodsRefused' },
    ],
    [
      'counts tasks that do not run',
      { observation: { ...both, running: new Map([[0, testNowMs]]) }, usage },
      {
        Delivered: 'True/Delivered',
        Ready: 'False/NotReady',
      },
    ],
    [
      'succeeds',
      { observation: both, finished },
      {
        Delivered: 'False/Finished',
        Ready: 'False/Finished',
        Succeeded: 'True/Completed',
      },
    ],
    [
      'fails with its reason',
      { finished: { ...finished, succeeded: false, reason: 'Stopped' } },
      {
        Succeeded: 'False/Stopped',
      },
    ],
  ] as readonly [string, Partial<StatusInput>, object][])('%s', (_name, overrides, expected) => {
    const status = leaseStatus(anInput(overrides));
    expect(reasonsOf(status)).toMatchObject(expected);
    for (const { type, reason } of status.conditions ?? []) {
      const known = reasons.GPULease[type as keyof typeof reasons.GPULease];
      expect(Object.keys(known)).toContain(reason);
    }
  });

  test('a lease that never had a pod ends without the conditions of one that ran', () => {
    const status = leaseStatus(
      anInput({ finished: { ...finished, succeeded: false, reason: 'NotFunded' } }),
    );
    expect(reasonsOf(status)).not.toHaveProperty('Provisioned');
    expect(state(status)).toBe('Failed');
  });

  test('lists indexes, failures and times at the end', () => {
    const jobs = [aJob({ index: 0, ended: 'Complete' }), aJob({ index: 1, ended: 'Failed' })];
    const observation = {
      ...observeTasks(1, jobs, []),
      startedMs: testNowMs,
      endedMs: testNowMs + 5000,
    };
    const progress = { completed: [0], failed: [1], remaining: [] };
    expect(leaseStatus(anInput({ observation, progress, finished }))).toMatchObject({
      succeeded: 1,
      failed: 1,
      active: 0,
      completedIndexes: '0',
      failedIndexes: '1',
      tasks: [{ index: 1, reason: 'PodDeleted' }],
      startTime: '2026-01-01T00:00:00Z',
      endTime: '2026-01-01T00:00:05Z',
    });
  });

  test('of more failures than it can list those are left out that no limit counts', () => {
    const failures = Array.from({ length: 100 }, (_, index) => ({
      ...{ index, message: 'm' },
      reason: index < 2 ? ('TaskFailed' as const) : ('DeviceUnhealthy' as const),
    }));
    const tasks = leaseStatus(anInput({ observation: { ...empty, failures } })).tasks!;
    expect(tasks).toHaveLength(64);
    expect(tasks.map(({ index }) => index)).toEqual([
      ...[0, 1],
      ...Array.from({ length: 62 }, (_, at) => 38 + at),
    ]);
  });
});

describe('when the hub is told', () => {
  const times = {
    sinceWriteMs: Number.POSITIVE_INFINITY,
    sinceRunningMs: undefined,
    sinceBeginMs: 0,
    isService: false,
  };
  const waiting = leaseStatus(
    anInput({ observation: { ...empty, waiting: { reason: 'PullingImage', message: 'soon' } } }),
  );
  const runs = leaseStatus(running);
  const refused = leaseStatus(
    anInput({ obstacle: { reason: 'PodsRefused', message: 'is forbidden', final: false } }),
  );
  const half = leaseStatus(
    anInput({ observation: { ...both, running: new Map([[0, testNowMs]]) }, usage }),
  );
  const ended = leaseStatus({ ...running, current: runs, finished });

  test.each([
    ['at once when all tasks run', accepted, runs, times, 0],
    [
      'a little later when some still start',
      accepted,
      half,
      { ...times, sinceRunningMs: 1_000 },
      2_000,
    ],
    ['at the latest after three seconds', accepted, half, { ...times, sinceRunningMs: 3_000 }, 0],
    ['at once when pods are refused', accepted, refused, times, 0],
    ['once of the same refusal', refused, refused, { ...times, sinceWriteMs: 60_000 }, undefined],
    [
      'of pods that are let in after all',
      refused,
      waiting,
      { ...times, sinceWriteMs: 5_000 },
      10_000,
    ],
    ['of waiting only when it lasts', accepted, waiting, { ...times, sinceBeginMs: 4_000 }, 6_000],
    ['of waiting when it has lasted', accepted, waiting, { ...times, sinceBeginMs: 10_000 }, 0],
    ['never of what it knows', runs, runs, { ...times, sinceWriteMs: 60_000 }, undefined],
    [
      'of progress at most every 15 s',
      runs,
      { ...runs, succeeded: 1 },
      { ...times, sinceWriteMs: 5_000 },
      10_000,
    ],
    ['of the end at once', runs, ended, { ...times, sinceWriteMs: 0 }, 0],
    [
      'nothing of an amount that only grows',
      runs,
      { ...runs, amount: '9' },
      { ...times, sinceWriteMs: 60_000 },
      undefined,
    ],
  ] as const)('%s', (_name, current, next, since, expected) => {
    expect(writeDueInMs(current, next, since)).toBe(expected);
  });
});
