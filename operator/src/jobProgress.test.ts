import type { GPULease } from '@gridlease/crds/gpulease';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type JobProgress, jobProgress } from './jobProgress.ts';
import { aCondition, aJob, aLease, anEndedLease, runningConditions } from './testing/builders.ts';

const job = aJob({ spec: { batch: { completions: 4, parallelism: 2, retryLimit: 1 } } });
const after = (...leases: readonly GPULease[]): JobProgress =>
  jobProgress({ job, leases, intents: [] });
const failing = (reason: string) => ({
  failedIndexes: '1',
  tasks: [{ index: 1, reason, message: 'it failed' }],
});

describe('the indexes of a job', () => {
  test('all wait at first', () => {
    expect(after()).toMatchObject({ completed: [], waiting: [0, 1, 2, 3], aliveTasks: {} });
  });

  test('are held by a lease that nobody has answered yet', () => {
    const progress = after(aLease({ job, indexes: '0-2', parallelism: 2 }));
    expect(progress).toMatchObject({ waiting: [3], aliveTasks: { alpha: 2 } });
  });

  test.each([
    ['refused', aLease({ job, conditions: [aCondition('Accepted', 'False', 'Draining')] })],
    ['withdrawn', aLease({ job, desiredState: 'Withdrawn' })],
    ['stopped by the hub', anEndedLease({ job, failure: 'Suspended', desiredState: 'Stopped' })],
    ['lost with its provider', anEndedLease({ job, failure: 'ProviderLost' })],
    ['refused for its meter', anEndedLease({ job, failure: 'RowRefused' })],
  ])('wait again, uncounted, after a lease that was %s', (_, lease) => {
    const progress = after(lease);
    expect(progress.waiting).toEqual([0, 1, 2, 3]);
    expect(progress.failures.size).toBe(0);
    expect(progress.retryAtMs).toBeUndefined();
  });

  test('that a running lease reports as failed may start again at once', () => {
    const lease = aLease({
      job,
      indexes: '0-1',
      parallelism: 2,
      status: failing('TaskFailed'),
      conditions: runningConditions,
    });
    expect(after(lease)).toMatchObject({ waiting: [1, 2, 3], aliveTasks: { alpha: 1 } });
  });

  test.each([
    ['that are not its own', '0-3', [0, 1]],
    ['in a form that nobody can read', '1-0', []],
    ['in larger numbers than there are', '0-99999999999', []],
  ])('are what a provider says of its own: not %s', (_, told, own) => {
    const lease = (status: object) =>
      aLease({ job, indexes: '0-1', conditions: runningConditions, status });
    expect(after(lease({ completedIndexes: told })).completed).toEqual(own);
    expect([...after(lease({ failedIndexes: told })).failures.keys()]).toEqual(own);
  });

  test.each([
    ['do not count when a provider lost more of them than it can list', 'DeviceUnhealthy', 0],
    ['count when a program failed in more of them than can be listed', 'TaskFailed', 100],
  ])('%s', (_, reason, counted) => {
    const large = aJob({ spec: { batch: { completions: 100, parallelism: 8, retryLimit: 0 } } });
    const tasks = Array.from({ length: 64 }, (_task, at) => ({
      ...{ index: 36 + at, reason, message: 'm' },
    }));
    const lease = aLease({
      ...{ job: large, indexes: '0-99', conditions: runningConditions },
      status: { failedIndexes: '0-99', tasks },
    });
    const progress = jobProgress({ job: large, leases: [lease], intents: [] });
    expect(progress.failures.size).toBe(counted);
    expect(progress.failedForGood.size).toBe(counted);
  });

  test.each([
    ['DeadlineExceeded', 'that may cost its full time', 50_400_000n],
    ['BudgetExhausted', 'that the budget has clipped', 50_399_999n],
  ])('fail with %s when a lease %s has cost all of it', (reason, _, maxAmount) => {
    const one = aJob();
    const whole = anEndedLease({ job: one, failure: 'BudgetExhausted', maxAmount });
    const task = aLease({
      job: one,
      maxAmount,
      status: {
        failedIndexes: '0',
        tasks: [{ index: 0, reason: 'BudgetExhausted', message: 'm' }],
      },
      conditions: runningConditions,
    });
    for (const lease of [whole, task]) {
      const { failedForGood } = jobProgress({ job: one, leases: [lease], intents: [] });
      expect([...failedForGood]).toEqual([[0, reason]]);
    }
  });

  test('count for the provider that completed or holds them, in all its leases', () => {
    const done = anEndedLease({
      job,
      indexes: '0-1',
      parallelism: 2,
      failure: 'TaskFailed',
      status: { completedIndexes: '0', failedIndexes: '1' },
    });
    const here = aLease({ job, epoch: 2, indexes: '2' });
    const there = aLease({ job, epoch: 3, provider: 'bravo', indexes: '1,3' });
    expect(after(done, here, there).takenTasks).toEqual({ alpha: 2, bravo: 2 });
  });

  test('fail for good after one attempt more than batch.retryLimit', () => {
    const attempt = (epoch: number) =>
      anEndedLease({
        job,
        epoch,
        indexes: '1',
        failure: 'TaskFailed',
        status: failing('TaskFailed'),
      });
    expect(after(attempt(1)).waiting).toContain(1);
    const progress = after(attempt(1), attempt(2));
    expect(progress.waiting).not.toContain(1);
    expect(progress.failedForGood).toEqual(new Map([[1, 'RetryLimitExceeded']]));
  });

  test.each([
    ['OutOfMemory', 'OutOfMemory'],
    ['ImageNotFound', 'ImageNotFound'],
    ['TaskFailed', 'RetryLimitExceeded'],
  ])('of which the last attempt ended with %s fail for good with %s', (last, reason) => {
    const attempt = (epoch: number, why: string) =>
      anEndedLease({ job, epoch, indexes: '1', failure: why, status: failing(why) });
    const leases = [attempt(2, last), attempt(1, 'TaskFailed')];
    expect([...after(...leases).failedForGood]).toEqual([[1, reason]]);
  });

  test('wait longer before each further attempt', () => {
    const attempt = (epoch: number) =>
      anEndedLease({
        job,
        epoch,
        indexes: '1',
        failure: 'TaskFailed',
        status: failing('TaskFailed'),
      });
    const endedMs = Date.parse('2026-03-01T11:58:00Z');
    expect(after(attempt(1)).retryAtMs).toBe(endedMs + 2_000);
    const patient = aJob({ spec: { batch: { completions: 2, retryLimit: 9 } } });
    const leases = [1, 2, 3].map(attempt);
    expect(jobProgress({ job: patient, leases, intents: [] }).retryAtMs).toBe(endedMs + 8_000);
  });

  test.each([
    'NodeLost',
    'DeviceUnhealthy',
    'PodDeleted',
    'EvictedFromNode',
    'PodsRefused',
    'Fenced',
  ])('are not charged with what the provider did: %s', (reason) => {
    const lease = anEndedLease({ job, indexes: '1', failure: reason, status: failing(reason) });
    expect(after(lease).failures.size).toBe(0);
    expect(after(lease).waiting).toContain(1);
  });

  test.each([
    ['a task took too long', 'TaskFailed', failing('DeadlineExceeded')],
    ['the lease used up its part of the budget', 'MaxAmountReached', {}],
  ])('are not tried again when %s', (_, failure, status) => {
    const lease = anEndedLease({ job, indexes: '1', failure, status });
    expect(after(lease).failedForGood.has(1)).toBe(true);
  });

  test('count the end of a lease whose containers never ran', () => {
    const lease = anEndedLease({ job, indexes: '0-1', failure: 'StartDeadlineExceeded' });
    expect(after(lease).failures).toEqual(
      new Map([
        [0, 1],
        [1, 1],
      ]),
    );
  });

  test('stay done when the lease that did them is deleted', () => {
    const later = aJob({
      spec: { batch: { completions: 4 } },
      status: { completedIndexes: '0-1' },
    });
    expect(jobProgress({ job: later, leases: [], intents: [] }).waiting).toEqual([2, 3]);
  });

  test('are each in exactly one place, whatever the leases say', () => {
    const someLease = fc
      .record({
        epoch: fc.integer({ min: 1, max: 9 }),
        done: fc.subarray([0, 1, 2, 3]),
        failed: fc.subarray([0, 1, 2, 3]),
        end: fc.constantFrom(undefined, 'Completed', 'TaskFailed', 'NodeLost', 'Suspended'),
      })
      .map(({ epoch, done, failed, end }) => {
        const status = {
          completedIndexes: done.join(','),
          failedIndexes: failed.filter((index) => !done.includes(index)).join(','),
        };
        if (end === undefined) {
          return aLease({ job, epoch, indexes: '0-3', status, conditions: runningConditions });
        }
        return anEndedLease({
          job,
          epoch,
          indexes: '0-3',
          status,
          ...(end === 'Completed' ? {} : { failure: end }),
        });
      });
    fc.assert(
      fc.property(fc.array(someLease, { maxLength: 4 }), (leases) => {
        const { completed, failedForGood, waiting } = after(...leases);
        const all = [...completed, ...failedForGood.keys(), ...waiting];
        expect(new Set(all).size).toBe(all.length);
        const alive = Object.values(after(...leases).aliveTasks).reduce((a, b) => a + b, 0);
        if (alive === 0) expect(all.length).toBe(4);
      }),
    );
  });
});
