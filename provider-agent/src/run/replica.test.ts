import { describe, expect, test } from '@jest/globals';
import { testNowMs } from '../testing/builders.ts';
import { aJob, aPod } from '../testing/clusterBuilders.ts';
import { decideRun, type RunInput } from './decide.ts';
import type { ReplicaDeployment, TaskPod } from './objects.ts';
import { observeReplica } from './observeReplica.ts';

type Options = Partial<RunInput> & {
  readonly owners?: readonly ReplicaDeployment[];
  readonly pods?: readonly TaskPod[];
};

const index = 3;
const quiet: RunInput = {
  state: 'Running',
  indexes: [index],
  parallelism: 1,
  isService: true,
  reported: { completed: [], failed: [] },
  observation: observeReplica(1, [], []),
  mayStart: true,
  desired: 'Running',
  gone: false,
  ending: undefined,
  stop: undefined,
  lost: undefined,
  fenced: false,
  fenceSeconds: 0,
  hubHeard: true,
  suspended: false,
  hopelessMs: undefined,
  copyingSeconds: 0,
  maxSeconds: 0,
  maxDurationSeconds: undefined,
  firstRunMs: undefined,
  nowMs: testNowMs,
};

const aReplica = (replicas: number): ReplicaDeployment => ({
  ...aJob({ index }),
  kind: 'Deployment',
  spec: { replicas },
});

/** The pod of the replica, as its kubelet left it. */
const aReplicaPod = (status: TaskPod['status']): TaskPod => {
  const pod = aPod({ name: 'pod' });
  const labels = { 'gridlease.dev/index': String(index), 'gridlease.dev/epoch': '1' };
  return { ...pod, metadata: { ...pod.metadata, labels }, status: { phase: 'Running', ...status } };
};
const running = (secondsAgo: number, more: TaskPod['status'] = {}): TaskPod => {
  const startedAt = new Date(testNowMs - secondsAgo * 1000).toISOString();
  const containerStatuses = [{ name: 'task', state: { running: { startedAt } } }];
  return aReplicaPod({ containerStatuses, ...more });
};
const ended = aReplicaPod({
  containerStatuses: [{ name: 'task', state: { terminated: { exitCode: 0 } } }],
});
const withReady = (status: string) => running(10, { conditions: [{ type: 'Ready', status }] });

describe('a replica of a service', () => {
  const served = (overrides: Options) =>
    decideRun({
      ...quiet,
      observation: observeReplica(1, overrides.owners ?? [], overrides.pods ?? []),
      ...overrides,
    });
  test.each([
    ['is started', {}, { kind: 'work', create: [3] }],
    ['is started once', { owners: [aReplica(1)] }, { kind: 'work', create: [] }],
    [
      'goes on when its program ends, however it ends',
      { owners: [aReplica(1)], pods: [ended] },
      { kind: 'work', create: [], expire: [] },
    ],
    [
      'is scaled to nothing while it is not paid',
      { owners: [aReplica(1)], suspended: true },
      { kind: 'work', suspend: { to: true, owners: [aReplica(1)] } },
    ],
    [
      'comes back when it is',
      { owners: [aReplica(0)] },
      { kind: 'work', suspend: { to: false, owners: [aReplica(0)] } },
    ],
    [
      'has no end by itself',
      { owners: [aReplica(1)], pods: [running(31_536_000)] },
      { kind: 'work', againInMs: undefined },
    ],
    [
      'ends when the time that was asked for is over, also in a pod that was replaced',
      {
        owners: [aReplica(1)],
        pods: [running(10)],
        maxSeconds: 1_000,
        maxDurationSeconds: 100,
        firstRunMs: testNowMs - 100_000,
      },
      { kind: 'stop', cause: { reason: 'DeadlineExceeded' }, owners: [aReplica(1)] },
    ],
    [
      'is taken away when the hub stops it',
      { owners: [aReplica(1)], pods: [running(10)], desired: 'Stopped' },
      { kind: 'stop', cause: { reason: 'Stopped' }, owners: [aReplica(1)], pods: [running(10)] },
    ],
    [
      'is over when nothing of it is left',
      { desired: 'Stopped' },
      { kind: 'end', finished: { succeeded: false, reason: 'Stopped' } },
    ],
  ] as readonly [string, Parameters<typeof served>[0], object][])(
    '%s',
    (_name, overrides, expected) => {
      expect(served(overrides)).toMatchObject(expected);
    },
  );

  test.each([
    ['no pod', [], 0, 1],
    ['a pod whose check fails', [withReady('False')], 0, 0],
    ['a pod whose check passes', [withReady('True')], 1, 0],
    ['a pod that was evicted', [aReplicaPod({ phase: 'Failed' })], 0, 1],
  ])('with %s', (_name, pods, ready, podless) => {
    const seen = observeReplica(1, [aReplica(1)], pods);
    expect([seen.ready, seen.podless.length]).toEqual([ready, podless]);
    expect(observeReplica(1, [aReplica(0)], []).podless).toEqual([]);
  });
});
