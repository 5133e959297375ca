import { failureReasons } from '@gridlease/crds/reasons';
import { describe, expect, test } from '@jest/globals';
import { aJob } from '../testing/clusterBuilders.ts';
import { failureOf } from './failure.ts';
import type { TaskPod } from './objects.ts';

/** Statuses as kubelets and controllers of Kubernetes 1.36 write them. */

type Status = NonNullable<TaskPod['status']>;
type Metadata = Partial<TaskPod['metadata']> & { readonly deletionTimestamp?: string };

const aPodWith = (status: Status, metadata: Metadata = {}): TaskPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'train-0', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
  spec: {
    nodeName: 'gpu-a',
    containers: [{ name: 'task', resources: { limits: { memory: '64Gi' } } }],
  },
  status: { phase: 'Failed', startTime: '2026-01-01T00:00:01Z', ...status },
});
const times = { startedAt: '2026-01-01T00:00:05Z', finishedAt: '2026-01-01T00:10:00Z' };
const terminated = (state: { exitCode: number; reason?: string; message?: string }): Status => ({
  containerStatuses: [
    {
      name: 'task',
      restartCount: 0,
      state: { terminated: { reason: 'Error', ...times, ...state } },
    },
  ],
});
const disruption = (reason: string, message: string) => ({
  conditions: [
    { type: 'PodReadyToStartContainers', status: 'False' },
    { type: 'DisruptionTarget', status: 'True', reason, message },
  ],
});
const deletedAt = (deletionTimestamp: string, deletionGracePeriodSeconds: number): Metadata => ({
  deletionTimestamp,
  deletionGracePeriodSeconds,
});
const failedJob = aJob({ index: 3, ended: 'Failed', reason: 'BackoffLimitExceeded' });
const why = (...pods: TaskPod[]) => failureOf(3, failedJob, pods);

describe('how the program ended', () => {
  test.each([
    [1, 'task 3 ended with exit code 1: its output says why'],
    [3, 'task 3 ended with exit code 3: its output says why'],
    [126, 'task 3 ended with exit code 126: its command can’t be executed'],
    [127, 'task 3 ended with exit code 127: its command was not found'],
    [134, 'task 3 ended with exit code 134 (SIGABRT): it aborted'],
    [135, 'exit code 135 (SIGBUS): a bus error: often shared memory ran out'],
    [137, 'exit code 137 (SIGKILL): it was killed, and not for the memory'],
    [139, 'exit code 139 (SIGSEGV): a segmentation fault'],
    [143, 'exit code 143 (SIGTERM): something inside the container or its node'],
    [255, 'task 3 ended with exit code 255: its output says why'],
  ])('exit code %i', (exitCode, message) => {
    expect(why(aPodWith(terminated({ exitCode })))).toMatchObject({
      reason: 'TaskFailed',
      exitCode,
      message: expect.stringContaining(message),
    });
  });

  test('a termination message is passed on', () => {
    const status = terminated({ exitCode: 2, message: 'CUDA error: no device' });
    expect(why(aPodWith(status)).message).toBe(
      'task 3 ended with exit code 2: CUDA error: no device',
    );
  });

  test('a termination message can’t speak to the terminal of who reads it', () => {
    const message = 'disk on fire\n\u001b[2J\u0007gone';
    expect(why(aPodWith(terminated({ exitCode: 9, message }))).message).toBe(
      'task 3 ended with exit code 9: disk on fire\n\uFFFD[2J\uFFFDgone',
    );
  });

  test.each([
    ['its first process', 137],
    ['a child, so that the program gave up', 1],
  ])('memory that ran out in %s says what it had', (_name, exitCode) => {
    expect(why(aPodWith(terminated({ exitCode, reason: 'OOMKilled' })))).toMatchObject({
      reason: 'OutOfMemory',
      exitCode,
      message: expect.stringMatching(
        /more memory than it may \(64Gi\).*workload\.resources\.memory/,
      ),
    });
  });

  test('one that never started says what the runtime said', () => {
    const message =
      'failed to create containerd task: runc create failed: exec: "pyton": executable file not found in $PATH';
    const state = {
      terminated: {
        ...{ exitCode: 128, reason: 'StartError', message },
        ...{ startedAt: '1970-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:06Z' },
      },
    };
    expect(why(aPodWith({ containerStatuses: [{ name: 'task', state }] }))).toMatchObject({
      reason: 'ContainerCannotRun',
      exitCode: 128,
      message: expect.stringContaining('"pyton": executable file not found'),
    });
  });

  test('the newest pod of several counts', () => {
    const first = aPodWith(terminated({ exitCode: 1 }), { name: 'b' });
    const second = aPodWith(terminated({ exitCode: 7 }), {
      ...{ name: 'a', creationTimestamp: '2026-01-01T00:01:00Z' },
    });
    expect(why(second, first).exitCode).toBe(7);
  });

  test('beside another container it is the task’s that counts', () => {
    const [task] = terminated({ exitCode: 9 }).containerStatuses!;
    const [other] = terminated({ exitCode: 0 }).containerStatuses!;
    const statuses = [{ ...other!, name: 'injected' }, task!];
    expect(why(aPodWith({ containerStatuses: statuses })).exitCode).toBe(9);
  });
});

describe('what the task wrote too much', () => {
  test.each([
    [
      'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.',
      'ephemeralStorage',
    ],
    ['Container task exceeded its local ephemeral storage limit "1Gi". ', 'ephemeralStorage'],
    ['Usage of EmptyDir volume "shared-memory" exceeds the limit "64Mi". ', 'sharedMemory'],
  ])('%s', (message, field) => {
    const status = { ...terminated({ exitCode: 137 }), reason: 'Evicted', message };
    expect(why(aPodWith(status))).toMatchObject({
      reason: 'OutOfEphemeralStorage',
      message: expect.stringContaining(`raise workload.resources.${field}`),
    });
  });
});

describe('what the provider did', () => {
  const evicted =
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi.';
  const shutdown = 'Pod was terminated in response to imminent node shutdown.';
  test.each([
    [
      'pressure on the node',
      { reason: 'Evicted', message: evicted, ...disruption('TerminationByKubelet', evicted) },
      'EvictedFromNode',
      'low on resource: memory',
    ],
    [
      'pressure, as a node says that knows no conditions',
      { reason: 'Evicted', message: evicted },
      'EvictedFromNode',
      'low on resource',
    ],
    [
      'a node that shuts down',
      { reason: 'Terminated', message: shutdown, ...disruption('TerminationByKubelet', shutdown) },
      'NodeLost',
      'imminent node shutdown',
    ],
    [
      'a node that lets nothing in while it shuts down',
      { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' },
      'NodeLost',
      'shutting down',
    ],
    [
      'a critical pod that needs its place',
      {
        ...{ reason: 'Preempting', message: 'Preempted in order to admit critical pod' },
        ...disruption(
          'TerminationByKubelet',
          'Pod was preempted by Kubelet to accommodate a critical pod.',
        ),
      },
      'EvictedFromNode',
      'critical pod',
    ],
    [
      'a pod of higher priority',
      {
        ...terminated({ exitCode: 143 }),
        ...disruption(
          'PreemptionByScheduler',
          'default-scheduler: preempting to accommodate a higher priority pod',
        ),
      },
      'EvictedFromNode',
      'higher priority',
    ],
    [
      'a node that is drained',
      {
        ...terminated({ exitCode: 143 }),
        ...disruption('EvictionByEvictionAPI', 'Eviction API: evicting'),
      },
      'EvictedFromNode',
      'Eviction API',
    ],
    [
      'a node that does not answer',
      {
        containerStatuses: [{ name: 'task', state: { running: { startedAt: times.startedAt } } }],
        ...disruption('DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint'),
      },
      'NodeLost',
      'NoExecute taint',
    ],
    [
      'a node that was removed',
      {
        containerStatuses: [{ name: 'task', state: { running: { startedAt: times.startedAt } } }],
        ...disruption('DeletionByPodGC', 'PodGC: node no longer exists'),
      },
      'NodeLost',
      'node no longer exists',
    ],
    [
      'a runtime that has lost its containers',
      {
        containerStatuses: [
          {
            name: 'task',
            state: {
              terminated: {
                ...{
                  exitCode: 137,
                  reason: 'ContainerStatusUnknown',
                  startedAt: null,
                  finishedAt: null,
                },
                message: 'The container could not be located when the pod was terminated',
              },
            },
          },
        ],
      },
      'NodeLost',
      'could not be located',
    ],
    [
      'devices that are gone',
      {
        reason: 'UnexpectedAdmissionError',
        message:
          'Pod was rejected: Allocate failed due to no healthy devices present; cannot allocate unhealthy devices nvidia.com/gpu, which is unexpected',
      },
      'DeviceUnhealthy',
      'no healthy devices present',
    ],
    [
      'a device plugin that is not there',
      {
        reason: 'UnexpectedAdmissionError',
        message: 'Pod was rejected: Allocate failed due to rpc error: connection refused',
      },
      'PodsRefused',
      'UnexpectedAdmissionError: Pod was rejected',
    ],
    [
      'a node that is full after all',
      {
        reason: 'OutOfnvidia.com/gpu',
        message:
          'Node didn’t have enough resource: nvidia.com/gpu, requested: 1, used: 2, capacity: 2',
      },
      'PodsRefused',
      'OutOfnvidia.com/gpu',
    ],
    [
      'labels that changed meanwhile',
      { reason: 'NodeAffinity', message: 'Predicate NodeAffinity failed: node(s) didn’t match' },
      'PodsRefused',
      'NodeAffinity',
    ],
  ] as readonly [string, Status, string, string][])('%s', (_name, status, reason, says) => {
    const failure = why(aPodWith(status));
    expect(failure).toMatchObject({ reason, message: expect.stringContaining(says) });
    expect(failure.message).toMatch(/^task 3 /);
    expect(Object.keys(failureReasons)).toContain(failure.reason);
  });

  test.each([
    ['by somebody while it ran', deletedAt('2026-01-01T00:10:29Z', 30), 'PodDeleted'],
    ['in the second in which it ended', deletedAt('2026-01-01T00:10:30Z', 30), 'PodDeleted'],
    ['after it had failed', deletedAt('2026-01-01T00:20:30Z', 30), 'TaskFailed'],
  ])('a pod deleted %s', (_name, metadata, reason) => {
    expect(why(aPodWith(terminated({ exitCode: 143 }), metadata)).reason).toBe(reason);
  });

  test('a pod of which nothing is left', () => {
    expect(why()).toMatchObject({ reason: 'PodDeleted' });
  });

  test('a pod that was deleted before its container was made', () => {
    const waiting = { waiting: { reason: 'ContainerCreating' } };
    const pod = aPodWith({ containerStatuses: [{ name: 'task', state: waiting }] });
    expect(why(pod)).toMatchObject({ reason: 'PodDeleted' });
  });
});

test('a task whose time is over says which field is its time', () => {
  const job = aJob({ index: 3, ended: 'Failed', reason: 'DeadlineExceeded' });
  for (const pods of [[], [aPodWith(terminated({ exitCode: 143 }))]]) {
    expect(failureOf(3, job, pods)).toMatchObject({
      reason: 'DeadlineExceeded',
      message: expect.stringContaining('raise runtime.maxDurationSeconds'),
    });
  }
});

test.each([
  ['saved its work', terminated({ exitCode: 0 }), 0, 'was stopped with exit code 0:'],
  ['was cut off', terminated({ exitCode: 137 }), 137, 'was stopped with exit code 137 (SIGKILL):'],
  [
    'was not found again',
    terminated({ exitCode: 137, reason: 'ContainerStatusUnknown' }),
    undefined,
    'was stopped:',
  ],
  ['has not ended', {}, undefined, 'was stopped:'],
] as const)('a task whose time is over and that %s', (_, status, exitCode, words) => {
  const job = aJob({ index: 3, ended: 'Failed', reason: 'DeadlineExceeded' });
  for (const pod of [aPodWith(status), aPodWith({ ...status, reason: 'DeadlineExceeded' })]) {
    const failure = failureOf(3, job, [pod]);
    expect(failure.exitCode).toBe(exitCode);
    expect(failure.message).toContain(words);
  }
});

test('a message is never longer than a condition takes', () => {
  const status = terminated({ exitCode: 1, message: 'x'.repeat(4096) });
  expect(why(aPodWith(status)).message).toHaveLength(1024);
});
