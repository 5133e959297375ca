import { reasons } from '@gridlease/crds/conditionReasons';
import { describe, expect, test } from '@jest/globals';
import type { ContainerStatus, TaskPod } from './objects.ts';
import { isAbandoned, observePods } from './observe.ts';
import { failureOfWait, waitingOf } from './waiting.ts';

/** Pods that don't run, as kubelets and schedulers of Kubernetes 1.36 write them. */

const startTime = '2026-01-01T00:00:01Z';
const aPodWith = (status: TaskPod['status'], nodeName: string | undefined = 'gpu-a'): TaskPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'train-2', labels: { 'gridlease.dev/index': '2' } },
  spec: nodeName === undefined ? {} : { nodeName },
  status: { phase: 'Pending', startTime, ...status },
});
const waits = (reason: string, message?: string, more: Partial<ContainerStatus> = {}) => ({
  containerStatuses: [
    { name: 'task', state: { waiting: { reason, ...(message && { message }) } }, ...more },
  ],
});
const image = 'registry.example/train@sha256:0';
const notFound = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
const denied = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
const noRoute = `failed to do request: Head "https://registry.example/v2/": dial tcp: lookup registry.example: no such host`;

test.each([
  [
    'no node with a free GPU',
    {
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
        },
      ],
    },
    'Unschedulable',
    'Insufficient nvidia.com/gpu',
    undefined,
  ],
  [
    'an image that is being pulled',
    waits('ContainerCreating'),
    'PullingImage',
    'being prepared',
    undefined,
  ],
  ['a sidecar before it', waits('PodInitializing'), 'PullingImage', 'being prepared', undefined],
  [
    'an image not found, first answer',
    waits('ErrImagePull', notFound),
    'ImageNotFound',
    'not found',
    undefined,
  ],
  [
    'an image not found, in the pause',
    waits('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${notFound}`),
    'ImageNotFound',
    'not found',
    true,
  ],
  [
    'an image that needs credentials',
    waits('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${denied}`),
    'ImageNotFound',
    'authorization failed',
    true,
  ],
  [
    'a registry that does not answer',
    waits('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${noRoute}`),
    'ImageNotFound',
    'no such host',
    undefined,
  ],
  [
    'a name that is none',
    waits(
      'InvalidImageName',
      'Failed to apply default image tag "Train@sha256:0": couldn’t parse image name: repository name must be lowercase',
    ),
    'ImageNotFound',
    'must be lowercase',
    true,
  ],
  [
    'an image without a command',
    waits('CreateContainerError', 'failed to generate container spec: no command specified'),
    'ContainerCannotRun',
    'no command specified: give workload.command, the image has none',
    true,
  ],
  [
    'a configuration that fails',
    waits(
      'CreateContainerConfigError',
      'services have not yet been read at least once, cannot construct envvars',
    ),
    'ContainerCannotRun',
    'services have not yet been read',
    true,
  ],
  [
    'a program that can’t be run',
    waits('RunContainerError', 'exec format error'),
    'ContainerCannotRun',
    'exec format error',
    true,
  ],
  [
    'a container that ends again and again',
    waits('CrashLoopBackOff', 'back-off 40s restarting failed container=task', {
      restartCount: 4,
      lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    }),
    'CrashLoopBackOff',
    'it has ended 5 times, last with exit code 137 (SIGKILL), out of memory',
    undefined,
  ],
  [
    'an uploader that can’t be pulled: its provider’s',
    {
      initContainerStatuses: [
        { name: 'outputs', state: { waiting: { reason: 'ErrImagePull', message: notFound } } },
      ],
      ...waits('PodInitializing'),
    },
    'PodsRefused',
    'task 2, container outputs: ErrImagePull',
    undefined,
  ],
  [
    'an uploader that can’t be started: its provider’s',
    {
      initContainerStatuses: [
        {
          name: 'outputs',
          state: { waiting: { reason: 'RunContainerError', message: 'no exec' } },
        },
      ],
      ...waits('PodInitializing'),
    },
    'PodsRefused',
    'task 2, container outputs: RunContainerError: no exec',
    true,
  ],
  ['a kubelet that has not looked yet', {}, 'Waiting', 'waits for its pod', undefined],
] as readonly [string, TaskPod['status'], string, string, true | undefined][])(
  'waits for %s',
  (_name, status, reason, says, isHopeless) => {
    const waiting = waitingOf(2, aPodWith(status));
    expect(waiting).toMatchObject({ reason, message: expect.stringContaining(says) });
    expect(waiting.message).toMatch(/^task 2/);
    expect(waiting.isHopeless).toBe(isHopeless);
    expect(Object.keys(reasons.GPULease.Delivered)).toContain(reason);
    const end = failureOfWait(waiting);
    if (end !== undefined) expect(Object.keys(reasons.GPULease.Succeeded)).toContain(end);
  },
);

describe('of several pods', () => {
  const good = aPodWith(waits('ContainerCreating'));
  const bad = aPodWith(waits('InvalidImageName', 'must be lowercase'));

  test('the one with a problem is told', () => {
    expect(observePods([good, bad]).waiting).toEqual({
      reason: 'ImageNotFound',
      message: 'task 2: InvalidImageName: must be lowercase',
      isHopeless: true,
    });
  });
});

describe('a node that does not report', () => {
  const startedAt = '2026-01-01T00:00:05Z';
  const runs = aPodWith({
    phase: 'Running',
    containerStatuses: [{ name: 'task', state: { running: { startedAt } } }],
  });

  test.each([
    ['NotReady', 'its node gpu-a is not ready'],
    ['Gone', 'its node gpu-a does not exist any more'],
  ] as const)('%s: its pods are not said to run', (state, says) => {
    const seen = observePods([runs], () => state);
    expect(seen.running.size).toBe(0);
    expect(seen.stranded).toEqual([runs]);
    expect(seen.livePods).toEqual([runs]);
    expect(seen.waiting).toEqual({ reason: 'NodeLost', message: `task 2: ${says}` });
  });

  test.each(['Ready', undefined] as const)('%s: they run', (state) => {
    const seen = observePods([runs], () => state);
    expect(seen.running).toEqual(new Map([[2, Date.parse(startedAt)]]));
    expect(seen.stranded).toEqual([]);
  });

  test.each([
    ['is not told to go', undefined, false],
    ['has its grace', '2026-01-01T00:01:00Z', false],
    ['was to be gone half a minute ago', '2026-01-01T00:00:30Z', true],
  ])('a pod there that %s', (_name, deletionTimestamp, expected) => {
    const metadata = { ...runs.metadata, ...(deletionTimestamp && { deletionTimestamp }) };
    const nowMs = Date.parse('2026-01-01T00:01:00Z');
    expect(isAbandoned({ ...runs, metadata }, nowMs)).toBe(expected);
  });
});

test('a start that never was is no start', () => {
  const never = { exitCode: 128, reason: 'StartError', startedAt: '1970-01-01T00:00:00Z' };
  const lost = {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    startedAt: null,
    finishedAt: null,
  };
  for (const terminated of [never, lost]) {
    const pod = aPodWith({
      phase: 'Failed',
      containerStatuses: [{ name: 'task', state: { terminated } }],
    });
    expect(observePods([pod])).toMatchObject({ startedMs: undefined, endedMs: undefined });
  }
});
