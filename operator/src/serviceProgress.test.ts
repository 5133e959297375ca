import type { GPULease } from '@gridlease/crds/gpulease';
import { describe, expect, test } from '@jest/globals';
import { jobProgress } from './jobProgress.ts';
import { aCondition, aLease, anEndedLease, aReplica, aService } from './testing/builders.ts';

const job = aService(3);
const after = (...leases: readonly GPULease[]) => jobProgress({ job, leases, intents: [] });
const second = 1_000;
const endMs = Date.parse('2026-03-01T11:58:00Z');

/** A replica that ended by itself, after running for so long. */
const failed = (index: number, epoch: number, reason: string, ranMs = 5 * second): GPULease =>
  anEndedLease({
    ...{ job, indexes: String(index), epoch, failure: reason, maxSeconds: 0 },
    status: { startTime: new Date(endMs - ranMs).toISOString() },
  });

describe('the replicas of a service', () => {
  test('all wait at first, and none without replicas', () => {
    expect(after()).toMatchObject({ waiting: [0, 1, 2], completed: [] });
    expect(jobProgress({ job: aService(0), leases: [], intents: [] }).waiting).toEqual([]);
  });

  test('are held by their leases, also by one that is not wanted any more', () => {
    const progress = after(aReplica(0), aReplica(1), aReplica(7, { desiredState: 'Stopped' }));
    expect(progress).toMatchObject({ waiting: [2], aliveTasks: { alpha: 2 } });
  });

  test.each([
    ['refused', aLease({ job, conditions: [aCondition('Accepted', 'False', 'Draining')] })],
    ['withdrawn', aLease({ job, desiredState: 'Withdrawn' })],
    ['scaled down', anEndedLease({ job, failure: 'Stopped', desiredState: 'Stopped' })],
    ['suspended', anEndedLease({ job, failure: 'Suspended', desiredState: 'Stopped' })],
  ])('wait for another lease at once after one that was %s', (_, lease) => {
    const { waiting, failures, notBeforeMs } = after(lease);
    expect(waiting).toEqual([0, 1, 2]);
    expect(failures.size).toBe(0);
    expect(notBeforeMs?.size).toBe(0);
  });

  test.each(['TaskFailed', 'NodeLost', 'ProviderLost', 'ImageNotFound', 'FundsExhausted'])(
    'that ended with %s start again, later each time, and for ever',
    (reason) => {
      const attempts = Array.from({ length: 12 }, (_, at) => failed(1, at + 1, reason));
      const pauses = [1, 2, 3, 12].map((count) => {
        const { waiting, notBeforeMs, failedForGood } = after(...attempts.slice(0, count));
        expect(waiting).toEqual([0, 1, 2]);
        expect(failedForGood.size).toBe(0);
        expect(notBeforeMs?.get(0)).toBeUndefined();
        return (notBeforeMs?.get(1) ?? 0) - endMs;
      });
      expect(pauses).toEqual([2, 4, 8, 300].map((seconds) => seconds * second));
    },
  );

  test('that exit without an error start again as well', () => {
    const lease = anEndedLease({ job, indexes: '1', maxSeconds: 0 });
    expect(after(lease)).toMatchObject({ completed: [], waiting: [0, 1, 2] });
    expect(after(lease).notBeforeMs?.get(1)).toBe(endMs + 2 * second);
  });

  test('that ran well for ten minutes start with the shortest pause', () => {
    const flaky = [1, 2, 3, 4].map((epoch) => failed(0, epoch, 'NodeLost'));
    const good = failed(0, 5, 'NodeLost', 600 * second);
    expect(after(...flaky, good).notBeforeMs?.get(0)).toBe(endMs + 2 * second);
  });

  test('of a lost provider wait, whatever it reports when it comes back', () => {
    const time = new Date(endMs).toISOString();
    const lost = { time, reason: 'ProviderLost' as const, message: 'silent' };
    const lease = aReplica(0, { job, desiredState: 'Stopped', lost });
    const { waiting, notBeforeMs } = after(lease);
    expect(waiting).toEqual([0, 1, 2]);
    expect(notBeforeMs?.get(0)).toBe(endMs + 2 * second);
  });

  test.each(['BudgetExhausted', 'MaxAmountReached'])('end for good with %s', (reason) => {
    const { waiting, failedForGood } = after(failed(2, 1, reason));
    expect(waiting).toEqual([0, 1]);
    expect([...failedForGood]).toEqual([[2, reason]]);
  });

  test('end for good when they ran for as long as their author said', () => {
    const limited = aService(1, { spec: { runtime: { maxDurationSeconds: 60 } } });
    const lease = anEndedLease({ job: limited, failure: 'DeadlineExceeded' });
    const { waiting, failedForGood } = jobProgress({ job: limited, leases: [lease], intents: [] });
    expect(waiting).toEqual([]);
    expect([...failedForGood]).toEqual([[0, 'DeadlineExceeded']]);
  });
});
