import { describe, expect, test } from '@jest/globals';
import { aWorkloadDocument, testNowMs } from '../testing/builders.ts';
import { aJob } from '../testing/clusterBuilders.ts';
import type { ContainerStatus, TaskPod } from './objects.ts';
import { observeTasks } from './observe.ts';
import { outputParts } from './outputs.ts';

type State = NonNullable<ContainerStatus['state']>;

const labels = { 'gridlease.dev/index': '0', 'gridlease.dev/epoch': '1' };
const aPodWith = (phase: string, uploader: State | undefined): TaskPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'render-0', labels },
  status: {
    phase,
    containerStatuses: [{ name: 'task', state: { terminated: { exitCode: 0 } } }],
    initContainerStatuses: [{ name: 'outputs', ...(uploader && { state: uploader }) }],
  },
});
const completedAgo = (seconds: number) => {
  const completionTime = new Date(testNowMs - seconds * 1000).toISOString();
  const conditions = [{ type: 'Complete', status: 'True' }];
  return aJob({ status: { completionTime, conditions } });
};
const ended = (exitCode: number, message?: string, reason = 'Error'): State => ({
  terminated: { exitCode, reason, ...(message && { message }) },
});

describe('a task whose outputs are kept', () => {
  test('has succeeded once they are copied', () => {
    const pods = [aPodWith('Succeeded', ended(0, undefined, 'Completed'))];
    const seen = observeTasks(1, [completedAgo(1)], pods, { copiesAtMs: testNowMs });
    expect(seen).toMatchObject({ succeeded: [0], failures: [], alive: [] });
  });

  test.each([
    ['what the uploader said', ended(1, 'no such bucket\n'), 'no such bucket'],
    ['its exit code', ended(2), 'exit code 2'],
    ['that its time was too short', ended(137), 'longer than failover.graceSeconds'],
    ['its exit code, where memory ran out', ended(137, undefined, 'OOMKilled'), 'exit code 137'],
    ['that it never ran', undefined, 'it never ran'],
  ])('has failed when they are not, with %s', (_name, state, says) => {
    const pods = [aPodWith('Succeeded', state)];
    const seen = observeTasks(1, [completedAgo(1)], pods, { copiesAtMs: testNowMs });
    expect(seen).toMatchObject({ succeeded: [], alive: [] });
    expect(seen.failures).toEqual([
      { index: 0, reason: 'OutputUploadFailed', message: expect.stringContaining(says) },
    ]);
  });

  test.each([
    ['not seen yet', []],
    ['seen as it was before', [aPodWith('Running', { running: {} })]],
  ])('is not judged by a pod that is %s', (_name, pods) => {
    const seen = observeTasks(1, [completedAgo(1)], pods, { copiesAtMs: testNowMs });
    expect(seen).toMatchObject({ succeeded: [], failures: [], alive: [0] });
  });

  test('has failed when its pod is gone and nobody can say', () => {
    const seen = observeTasks(1, [completedAgo(61)], [], { copiesAtMs: testNowMs });
    expect(seen.failures).toMatchObject([{ reason: 'OutputUploadFailed' }]);
  });
});

describe('what its pod has besides', () => {
  const env = [
    { name: 'AWS_ENDPOINT_URL', value: 'http://store' },
    { name: 'LR', value: '1' },
  ];
  const outputs = [
    { path: '/frames', uri: 's3://bucket/frames' },
    { path: '/logs', uri: 's3://bucket/logs' },
  ];

  test('is nothing without outputs', () => {
    const none = { mounts: [], volumes: [], initContainers: [] };
    expect(outputParts(aWorkloadDocument(), undefined)).toEqual(none);
  });

  test('is an uploader that can read the folders, and knows how to reach the store', () => {
    const parts = outputParts(aWorkloadDocument({ outputs, env }), 'uploader@sha256:0');
    expect(parts.mounts).toHaveLength(2);
    expect(parts.volumes).toHaveLength(2);
    expect(parts.initContainers).toMatchObject([
      {
        name: 'outputs',
        image: 'uploader@sha256:0',
        restartPolicy: 'Always',
        env: [{ name: 'GRIDLEASE_OUTPUTS' }, { name: 'AWS_ENDPOINT_URL', value: 'http://store' }],
        volumeMounts: [{ readOnly: true }, { readOnly: true }],
      },
    ]);
    expect(JSON.stringify(parts.initContainers)).not.toContain('LR');
  });
});
