import { describe, expect, test } from '@jest/globals';
import { aCondition, aJob, aLease, anEndedLease } from '../testing/builders.ts';
import { interruptionReasons, jobState, lossOf, wasteReasons } from './decide.ts';

describe('the state of a job', () => {
  const succeeded = (status: 'True' | 'False' | 'Unknown', reason: string) => ({
    status: { conditions: [aCondition('Succeeded', status, reason)] },
  });
  test.each<[string, Parameters<typeof aJob>[0]]>([
    ['waiting', { status: { conditions: [] } }],
    ['waiting', succeeded('Unknown', 'NoOffers')],
    ['waiting', succeeded('Unknown', 'Admitted')],
    ['starting', succeeded('Unknown', 'Starting')],
    ['running', succeeded('Unknown', 'Running')],
    ['running', succeeded('Unknown', 'PartlyServing')],
    ['running', succeeded('Unknown', 'Stopping')],
    ['suspended', { spec: { suspend: true }, ...succeeded('Unknown', 'Stopping') }],
    ['succeeded', succeeded('True', 'Completed')],
    ['failed', succeeded('False', 'TaskFailed')],
    ['failed', { spec: { suspend: true }, ...succeeded('False', 'TaskFailed') }],
  ])('is %s', (state, job) => {
    expect(jobState(aJob(job))).toBe(state);
  });
});

describe('a lease that failed', () => {
  const status = { startTime: '2026-03-01T11:50:00Z', gpuMilliseconds: '60000' };
  const half = { total: 4, completed: 2 };
  test.each([
    ['by its provider', 'NodeLost', { reason: 'NodeLost', interrupted: true, gpuSeconds: 30 }],
    [
      'by its money',
      'PaymentOverdue',
      { reason: 'PaymentOverdue', interrupted: true, gpuSeconds: 30 },
    ],
    ['by itself', 'TaskFailed', { reason: 'TaskFailed', interrupted: false, gpuSeconds: 30 }],
    ['because a person wanted it', 'Cancelled', undefined],
  ])('%s', (_, failure, loss) => {
    expect(lossOf(anEndedLease({ failure, status }), half)).toEqual(loss);
  });

  test('is no loss when it never ran, has not ended or did all of its tasks', () => {
    expect(lossOf(anEndedLease({ failure: 'NodeLost' }), half)).toBeUndefined();
    expect(lossOf(aLease({ status }), half)).toBeUndefined();
    expect(lossOf(anEndedLease({ status }), half)).toBeUndefined();
    const all = lossOf(anEndedLease({ failure: 'NodeLost', status }), { total: 2, completed: 2 });
    expect(all?.gpuSeconds).toBe(0);
  });

  test('is counted under reasons that nobody asked for', () => {
    expect(wasteReasons).not.toContain('Suspended');
    expect(interruptionReasons).not.toContain('OutOfMemory');
    expect(interruptionReasons).toEqual(
      expect.arrayContaining(['Fenced', 'ProviderLost', 'EvictedFromNode']),
    );
  });
});
