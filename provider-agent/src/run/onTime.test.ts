import { describe, expect, test } from '@jest/globals';
import { aJob } from '../testing/clusterBuilders.ts';
import type { TaskPod } from './objects.ts';
import { observeTasks } from './observe.ts';

const second = (count: number) => `2026-01-01T00:00:${String(count).padStart(2, '0')}Z`;
/** A task that began at 00:05 and may run for twelve seconds; its Job was ended for that at 00:17. */
const expired = (type: 'FailureTarget' | 'Failed') => {
  const time = { status: 'True', reason: 'DeadlineExceeded' };
  const first = { type: 'FailureTarget', lastTransitionTime: second(17), ...time };
  const last = { type: 'Failed', lastTransitionTime: second(23), ...time };
  // Older control planes have one condition for both.
  const only = { ...last, lastTransitionTime: second(17) };
  return aJob({ status: { conditions: type === 'Failed' ? [only] : [first, last] } });
};
const ranUntil = (finished: number, exitCode: number): TaskPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  // As its node leaves it: with its own time in place of the one at which it was told to go.
  metadata: { ...aJob().metadata, deletionTimestamp: second(23), deletionGracePeriodSeconds: 0 },
  status: {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [
      {
        name: 'task',
        state: { terminated: { exitCode, startedAt: second(5), finishedAt: second(finished) } },
      },
    ],
  },
});

describe.each(['FailureTarget', 'Failed'] as const)('by the time of %s', (type) => {
  const job = expired(type);

  test('a task that ended well before its time was up has succeeded, also when its pod is gone since', () => {
    const expected = { succeeded: [0], failures: [], alive: [] };
    expect(observeTasks(1, [job], [ranUntil(15, 0)])).toMatchObject(expected);
    expect(observeTasks(1, [job], [], { departed: [ranUntil(15, 0)] })).toMatchObject(expected);
  });

  test('of one whose outputs went with its pod that is told, and not waited for until its lease is over', () => {
    const departed = [ranUntil(15, 0)];
    const at = (count: number) => ({ departed, copiesAtMs: Date.parse(second(23)) + count });
    expect(observeTasks(1, [job], [], at(1_000))).toMatchObject({ alive: [0], failures: [] });
    const { alive, failures } = observeTasks(1, [job], [], at(70_000));
    expect([alive, failures]).toMatchObject([[], [{ reason: 'OutputUploadFailed' }]]);
  });

  test('one that failed before it has failed by itself', () => {
    const { failures } = observeTasks(1, [job], [ranUntil(15, 3)]);
    expect(failures).toMatchObject([{ reason: 'TaskFailed', exitCode: 3 }]);
  });

  test.each([
    ['heeds SIGTERM', 17, 0],
    ['saves its work first', 20, 0],
    ['ends with an error then', 18, 143],
    ['is killed', 22, 137],
  ])('one that %s when its time is up has run too long', (_name, finished, exitCode) => {
    const seen = observeTasks(1, [job], [ranUntil(finished, exitCode)]);
    expect(seen).toMatchObject({ succeeded: [], failures: [{ reason: 'DeadlineExceeded' }] });
  });
});
