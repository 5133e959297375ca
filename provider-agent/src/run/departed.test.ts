import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { ChangeHandler } from '@gridlease/kube/informer';
import { expect, test } from '@jest/globals';
import { aJob } from '../testing/clusterBuilders.ts';
import { createDeparted } from './departed.ts';
import type { TaskPod } from './objects.ts';
import { observeTasks } from './observe.ts';

const drained = (leaseUid: string): TaskPod => {
  const { metadata } = aJob({ index: 0 });
  const message = 'Eviction API: evicting';
  const target = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'task-0',
      uid: 'pod',
      deletionTimestamp: '2026-01-01T00:01:00Z',
      labels: { ...metadata.labels, [LABEL_LEASE_UID]: leaseUid },
    },
    status: { phase: 'Failed', conditions: [{ ...target, message }] },
  };
};

const started = (isOver = (_leaseUid: string) => false) => {
  const handlers: ChangeHandler<TaskPod>[] = [];
  const onChange = (handler: ChangeHandler<TaskPod>) => {
    handlers.push(handler);
    return () => undefined;
  };
  const departed = createDeparted({ onChange }, isOver);
  const say = (type: 'updated' | 'deleted', pod: TaskPod) => {
    for (const handler of handlers) handler(pod, pod, { type, initial: false });
  };
  return { departed, say };
};

const failedJob = aJob({ index: 0, ended: 'Failed', reason: 'BackoffLimitExceeded' });
const failuresWith = (pods: readonly TaskPod[]) =>
  observeTasks(1, [failedJob], [], { departed: pods }).failures;

test('a task whose pod was drained failed for that, though its Job says so after the pod is gone', () => {
  const { departed, say } = started();
  expect(failuresWith(departed.of('lease'))).toMatchObject([{ reason: 'PodDeleted' }]);
  say('updated', drained('lease'));
  say('deleted', drained('lease'));
  expect(failuresWith(departed.of('lease'))).toMatchObject([
    {
      reason: 'EvictedFromNode',
      message: 'task 0 was evicted (EvictionByEvictionAPI): Eviction API: evicting',
    },
  ]);
});

test('only pods that were deleted, of leases that go on, are remembered, and not for ever', () => {
  const { departed, say } = started((leaseUid) => leaseUid === 'ended');
  say('updated', drained('lease'));
  say('updated', drained('ended'));
  say('deleted', drained('ended'));
  expect([...departed.of('lease'), ...departed.of('ended')]).toEqual([]);
  for (let count = 0; count < 100; count += 1) {
    say('updated', drained('lease'));
    say('deleted', drained('lease'));
  }
  expect(departed.of('lease')).toHaveLength(64);
  departed.forget('lease');
  expect(departed.of('lease')).toEqual([]);
});

test('one that was told to go and then ended was deleted, whatever time its node wrote last', () => {
  const { departed, say } = started();
  const times = { startedAt: '2026-01-01T00:00:05Z', finishedAt: '2026-01-01T00:00:57Z' };
  const state = { terminated: { exitCode: 137, reason: 'Error', ...times } };
  const { metadata } = drained('lease');
  const pod: TaskPod = {
    ...drained('lease'),
    status: { phase: 'Failed', containerStatuses: [{ name: 'task', state }] },
  };
  const toldAt = (deletionTimestamp: string, deletionGracePeriodSeconds: number): TaskPod => ({
    ...pod,
    metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds },
  });
  say('updated', toldAt('2026-01-01T00:01:00Z', 5));
  say('updated', toldAt('2026-01-01T00:00:58Z', 0));
  say('deleted', toldAt('2026-01-01T00:00:58Z', 0));
  expect(failuresWith(departed.of('lease'))).toMatchObject([
    { reason: 'PodDeleted', exitCode: 137 },
  ]);
});
