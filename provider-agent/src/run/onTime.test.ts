import { describe, expect, test } from '@jest/globals';
import { aJob } from '../testing/clusterBuilders.ts';
import type { TaskPod } from './objects.ts';
import { observeTasks } from './observe.ts';

/** A task that began at 00:05 and may run for twelve seconds; its Job was ended for that at 00:17. */
const expired = aJob({ ended: 'Failed', reason: 'DeadlineExceeded' });
const second = (count: number) => `2026-01-01T00:00:${String(count).padStart(2, '0')}Z`;
const ranUntil = (finished: number, exitCode: number, isDeleted: boolean): TaskPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...aJob().metadata,
    // Told to go at 00:17, with five seconds for it.
    ...(isDeleted ? { deletionTimestamp: second(22), deletionGracePeriodSeconds: 5 } : {}),
  },
  status: {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [
      {
        name: 'task',
        state: {
          terminated: { exitCode, startedAt: second(5), finishedAt: second(finished) },
        },
      },
    ],
  },
});

describe.each([
  ['its pod is still there', false],
  ['its pod was taken away with its Job', true],
])('a task that ended before its time was up, and was heard of later; %s', (_name, isDeleted) => {
  test('has succeeded with exit code 0', () => {
    const seen = observeTasks(1, [expired], [ranUntil(15, 0, isDeleted)]);
    expect(seen).toMatchObject({ succeeded: [0], failures: [], alive: [] });
  });

  test('has failed by itself with another', () => {
    const seen = observeTasks(1, [expired], [ranUntil(15, 3, isDeleted)]);
    expect(seen.failures).toMatchObject([{ reason: 'TaskFailed', exitCode: 3 }]);
  });

  test('the same when its pod is gone since', () => {
    const departed = [ranUntil(15, 0, isDeleted)];
    expect(observeTasks(1, [expired], [], { departed })).toMatchObject({ succeeded: [0] });
  });
});

test.each([
  ['heeds SIGTERM', 17, 0],
  ['saves its work first', 20, 0],
  ['ends with an error then', 18, 143],
])('a task that %s when its time is up has run too long', (_name, finished, exitCode) => {
  const seen = observeTasks(1, [expired], [ranUntil(finished, exitCode, true)]);
  expect(seen).toMatchObject({ succeeded: [], failures: [{ reason: 'DeadlineExceeded' }] });
});
