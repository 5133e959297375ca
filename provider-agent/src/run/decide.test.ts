import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { describe, expect, test } from '@jest/globals';
import { testNowMs } from '../testing/builders.ts';
import { aJob, aPod } from '../testing/clusterBuilders.ts';
import { decideRun, mayStart, type RunInput } from './decide.ts';
import type { TaskJob, TaskPod } from './objects.ts';
import { observeTasks } from './observe.ts';

type State = NonNullable<NonNullable<TaskPod['status']>['containerStatuses']>[number]['state'];

/** A pod of one task, as its kubelet left it. */
const aTaskPod = (
  index: number,
  options: { state?: State; phase?: string; status?: Partial<NonNullable<TaskPod['status']>> } = {},
): TaskPod => {
  const { state, phase = 'Running' } = options;
  const pod = aPod({ name: `pod-${index}`, phase });
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      uid: `pod-${index}`,
      labels: { 'gridlease.dev/index': String(index), 'gridlease.dev/epoch': '1' },
    },
    status: {
      phase,
      ...(state === undefined ? {} : { containerStatuses: [{ name: 'task', state }] }),
      ...options.status,
    },
  } as TaskPod;
};
const running = (index: number, secondsAgo = 10): TaskPod =>
  aTaskPod(index, {
    state: { running: { startedAt: new Date(testNowMs - secondsAgo * 1000).toISOString() } },
  });

const decide = (
  overrides: Partial<RunInput> & {
    readonly jobs?: readonly TaskJob[];
    readonly pods?: readonly TaskPod[];
  } = {},
) =>
  decideRun({
    state: 'Running',
    indexes: [0, 1, 2, 5],
    parallelism: 2,
    reported: { completed: [], failed: [] },
    observation: observeTasks(1, overrides.jobs ?? [], overrides.pods ?? []),
    mayStart: true,
    desired: 'Running',
    gone: false,
    ending: undefined,
    stop: undefined,
    lost: undefined,
    fenced: false,
    fenceSeconds: 60,
    hubHeard: true,
    suspended: false,
    hopelessMs: undefined,
    copyingSeconds: 0,
    maxSeconds: 7200,
    maxDurationSeconds: 3600,
    isService: false,
    firstRunMs: undefined,
    nowMs: testNowMs,
    ...overrides,
  });
const done = (index: number) => aJob({ index, ended: 'Complete' });
const failed = (index: number, reason?: string) =>
  aJob({ index, ended: 'Failed', ...(reason === undefined ? {} : { reason }) });
const alive = (index: number, spec = {}) => aJob({ index, spec });

describe('pods may start', () => {
  const acceptance = { ...({} as LeaseRecord['spec']['acceptance']), signature: '0x01' } as const;
  const accepted = (signature: `0x${string}`, ...types: readonly string[]) => ({
    acceptance: { ...acceptance, signature },
    conditions: types.map((type) => ({
      type,
      status: 'True' as const,
      reason: type,
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })),
  });
  test.each([
    [
      'when the hub stores our answer and our record is funded',
      true,
      accepted('0x01', 'Accepted'),
      true,
    ],
    [
      'not on the word of the hub that it is funded',
      undefined,
      accepted('0x01', 'Accepted', 'Funded'),
      false,
    ],
    ['not before the hub stores an answer', true, undefined, false],
    ['not on an answer that is not ours', true, accepted('0x02', 'Accepted'), false],
    ['not on a signature without the condition', true, accepted('0x01'), false],
  ])('%s', (_name, funded, status, expected) => {
    const record = { acceptance, ...(funded === undefined ? {} : { funded }) };
    expect(mayStart(record, status)).toBe(expected);
  });
});

describe('before a lease runs', () => {
  test.each([
    [
      'waits until the hub stores the acceptance and the money is there',
      { mayStart: false },
      { kind: 'wait' },
    ],
    ['begins as soon as both are so', {}, { kind: 'begin' }],
    ['waits while the hub may place it elsewhere', { hubHeard: false }, { kind: 'wait' }],
    [
      'ends without a pod when it is stopped',
      { desired: 'Stopped' },
      {
        kind: 'end',
        finished: { succeeded: false, reason: 'Stopped' },
      },
    ],
    [
      'ends without a pod when the lease is gone',
      { gone: true, mayStart: false },
      {
        kind: 'end',
        finished: { reason: 'Cancelled' },
      },
    ],
  ] as readonly [string, Partial<RunInput>, object][])('%s', (_name, overrides, expected) => {
    expect(decide({ state: 'Accepted', ...overrides })).toMatchObject(expected);
  });
});

describe('while a lease runs', () => {
  test.each([
    ['starts the first tasks, as many as may run at once', {}, [0, 1]],
    ['starts the next when one has ended', { jobs: [done(0), alive(1)] }, [2]],
    ['starts the next when one has failed', { jobs: [failed(0), alive(1)] }, [2]],
    ['starts nothing while all slots are taken', { jobs: [alive(0), alive(1)] }, []],
    ['starts nothing while it is suspended', { suspended: true }, []],
    ['keeps global indexes', { jobs: [done(0), done(1), done(2)] }, [5]],
    [
      'does not repeat what was reported done, when its Job is gone',
      {
        reported: { completed: [0, 1], failed: [2] },
      },
      [5],
    ],
    [
      'ignores Jobs of another epoch',
      { jobs: [aJob({ index: 0, epoch: 2, ended: 'Complete' })] },
      [0, 1],
    ],
    ['starts nothing new once the hub was not heard for too long', { hubHeard: false }, []],
    ['keeps running while the hub is away', { jobs: [alive(0)], desired: 'Running' }, [1]],
  ] as readonly [string, Parameters<typeof decide>[0], number[]][])(
    '%s',
    (_name, overrides, create) => {
      expect(decide(overrides)).toMatchObject({ kind: 'work', create });
    },
  );

  test('suspends and resumes the Jobs that need it', () => {
    const jobs = [alive(0, { suspend: true }), alive(1)];
    expect(decide({ jobs, suspended: true })).toMatchObject({
      suspend: { to: true, owners: [jobs[1]] },
    });
    expect(decide({ jobs })).toMatchObject({ suspend: { to: false, owners: [jobs[0]] } });
  });

  test('ends a task that has run for as long as it may, and wakes up for the next', () => {
    const jobs = [alive(0), alive(1)];
    const decision = decide({ jobs, pods: [running(0, 3600), running(1, 3590)] });
    expect(decision).toMatchObject({ kind: 'work', expire: [jobs[0]], againInMs: 10_000 });
  });
});

describe('the end of a lease', () => {
  test('is a success when all tasks have succeeded', () => {
    expect(decide({ jobs: [done(0), done(1), done(2), done(5)] })).toEqual({
      kind: 'end',
      finished: { succeeded: true, reason: 'Completed', message: '4 of 4 tasks succeeded' },
    });
  });

  test('waits for pods that still run after their Jobs', () => {
    const jobs = [done(0), done(1), done(2), done(5)];
    expect(decide({ jobs, pods: [running(5)] })).toMatchObject({ kind: 'work', create: [] });
  });

  test('says which task failed and how', () => {
    const pods = [
      aTaskPod(1, { phase: 'Failed', state: { terminated: { exitCode: 3, message: 'no data' } } }),
    ];
    expect(decide({ jobs: [done(0), failed(1), failed(2), done(5)], pods })).toMatchObject({
      kind: 'end',
      finished: {
        succeeded: false,
        reason: 'TaskFailed',
        message: 'task 1 ended with exit code 3: no data, and 1 more of 4 tasks failed',
      },
    });
  });

  test('is never longer in words than a record holds, however much its tasks had to say', () => {
    const said = 'x'.repeat(4096);
    const pods = [
      aTaskPod(1, { phase: 'Failed', state: { terminated: { exitCode: 3, message: said } } }),
    ];
    const decision = decide({ jobs: [done(0), failed(1), failed(2), done(5)], pods });
    const { message } = (decision as { finished: { message: string } }).finished;
    expect(message.length).toBe(1024);
    expect(message).toMatch(/^task 1 ended with exit code 3: x+…, and 1 more of 4 tasks failed$/);
  });

  test.each([
    ['the hub stops it', { desired: 'Stopped' }, 'Stopped'],
    ['the hub withdraws it', { desired: 'Withdrawn' }, 'Withdrawn'],
    ['the lease is confirmed to be gone', { gone: true }, 'Cancelled'],
    [
      'the meter says so',
      { stop: { reason: 'PaymentOverdue', message: 'unpaid' } },
      'PaymentOverdue',
    ],
    ['its time is over', { pods: [running(0, 7200)] }, 'DeadlineExceeded'],
    ['the fence has come down', { fenced: true }, 'Fenced'],
    [
      'the hub has given it up, whatever else it says',
      { fenced: true, desired: 'Stopped', lost: { reason: 'ProviderLost', message: 'silent' } },
      'ProviderLost',
    ],
  ] as readonly [string, Parameters<typeof decide>[0], string][])(
    'takes the pods away first when %s',
    (_name, overrides, reason) => {
      const jobs = [done(0), alive(1)];
      const pods = overrides?.pods ?? [running(1)];
      expect(decide({ jobs, ...overrides, pods })).toMatchObject({
        kind: 'stop',
        cause: { succeeded: false, reason },
        owners: [jobs[1]],
        pods,
      });
      expect(
        decide({
          jobs: [jobs[0]!],
          ...overrides,
          pods: [],
          ending: { succeeded: false, reason: reason as 'Stopped', message: '' },
        }),
      ).toMatchObject({
        kind: 'end',
        finished: { reason },
      });
    },
  );

  test('keeps the first cause, whatever comes later', () => {
    const ending = { succeeded: false, reason: 'PaymentOverdue', message: 'unpaid' } as const;
    expect(decide({ desired: 'Stopped', ending, pods: [running(0)] })).toMatchObject({
      cause: ending,
    });
  });

  test('is a success when the last task ended before the stop arrived', () => {
    const jobs = [done(0), done(1), done(2), done(5)];
    expect(decide({ jobs, desired: 'Stopped' })).toMatchObject({ finished: { succeeded: true } });
  });

  test('an ended lease has no living pods', () => {
    const pods = [running(1)];
    expect(decide({ state: 'Ended', pods, jobs: [alive(1)] })).toMatchObject({
      kind: 'over',
      pods,
    });
  });
});

test('what a task has made may be copied after the time of its lease', () => {
  const copies = { jobs: [alive(0)], pods: [running(0, 7200 + 100)] };
  const late = { reason: 'DeadlineExceeded' };
  expect(decide({ ...copies, copyingSeconds: 600 }).kind).toBe('work');
  expect(decide({ ...copies, copyingSeconds: 100 })).toMatchObject({ kind: 'stop', cause: late });
});

describe('a wait that does not help', () => {
  const badImage = aTaskPod(0, {
    phase: 'Pending',
    state: { waiting: { reason: 'InvalidImageName', message: 'bad' } },
  });
  const jobs = [alive(0), alive(1)];

  test('ends the lease after a minute, with what the node says', () => {
    expect(decide({ jobs, pods: [badImage], hopelessMs: 59_000 }).kind).toBe('work');
    expect(decide({ jobs, pods: [badImage], hopelessMs: 60_000 })).toMatchObject({
      kind: 'stop',
      cause: {
        succeeded: false,
        reason: 'ImageNotFound',
        message: 'task 0: InvalidImageName: bad',
      },
    });
  });

  test('ends nothing while another task runs', () => {
    const pods = [badImage, running(1)];
    expect(decide({ jobs, pods, hopelessMs: 600_000 }).kind).toBe('work');
  });
});

describe('why a task failed or waits', () => {
  test.each([
    [
      'an exit code',
      failed(0),
      { terminated: { exitCode: 1 } },
      { reason: 'TaskFailed', exitCode: 1 },
    ],
    [
      'too much memory',
      failed(0),
      { terminated: { exitCode: 137, reason: 'OOMKilled' } },
      {
        reason: 'OutOfMemory',
      },
    ],
    [
      'a program that does not start',
      failed(0),
      { terminated: { exitCode: 128, reason: 'StartError', message: 'no such file' } },
      {
        reason: 'ContainerCannotRun',
        message: 'task 0 could not be started: no such file',
      },
    ],
    [
      'its time',
      failed(0, 'DeadlineExceeded'),
      { terminated: { exitCode: 137 } },
      {
        reason: 'DeadlineExceeded',
      },
    ],
    ['a pod that somebody deleted', failed(0), undefined, { reason: 'PodDeleted' }],
  ] as const)('%s', (_name, job, state, expected) => {
    const pods = state === undefined ? [] : [aTaskPod(0, { phase: 'Failed', state })];
    expect(observeTasks(1, [job], pods).failures).toEqual([expect.objectContaining(expected)]);
  });

  test('an eviction', () => {
    const pods = [
      aTaskPod(0, { phase: 'Failed', status: { reason: 'Evicted', message: 'low on disk' } }),
    ];
    expect(observeTasks(1, [failed(0)], pods).failures[0]).toMatchObject({
      reason: 'EvictedFromNode',
      message: 'task 0 was evicted: low on disk',
    });
  });

  test.each([
    [
      'no node',
      { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes' }] },
      'Unschedulable',
      '0/3 nodes',
    ],
    [
      'an image that is not there',
      {
        containerStatuses: [
          { name: 't', state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } } },
        ],
      },
      'ImageNotFound',
      'not found',
    ],
    [
      'a container that can’t be made',
      {
        containerStatuses: [
          {
            name: 't',
            state: { waiting: { reason: 'CreateContainerError', message: 'bad mount' } },
          },
        ],
      },
      'ContainerCannotRun',
      'bad mount',
    ],
    [
      'an image on its way',
      { containerStatuses: [{ name: 't', state: { waiting: { reason: 'ContainerCreating' } } }] },
      'PullingImage',
      'being prepared',
    ],
    ['nothing yet', {}, 'Waiting', 'task 0'],
  ])('waiting for %s', (_name, status, reason, says) => {
    const { waiting } = observeTasks(1, [alive(0)], [aTaskPod(0, { phase: 'Pending', status })]);
    expect(waiting).toMatchObject({ reason });
    expect(waiting?.message).toContain(says);
  });
});
