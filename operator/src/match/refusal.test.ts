import { describe, expect, test } from '@jest/globals';
import { aCondition, aLease, nowMs } from '../testing/builders.ts';
import { factsOf } from '../testing/placement.ts';
import { decide } from './decide.ts';

const h100 = { name: 'alpha', price: '2.10' };

describe('a provider that refused', () => {
  const refusal = (epoch: number, at: string, reason = 'Draining') =>
    aLease({
      epoch,
      conditions: [aCondition('Accepted', 'False', reason, { lastTransitionTime: at })],
    });

  test('is asked again at the time that the decision names', () => {
    const leases = [refusal(1, '2026-03-01T11:59:30Z')];
    const { retryAtMs } = decide(factsOf({ leases }));
    expect(retryAtMs).toBe(nowMs - 30_000 + 600_000);
    expect(decide(factsOf({ leases, nowMs: retryAtMs! })).placement).toBeDefined();
    expect(decide(factsOf({ leases, nowMs: retryAtMs! - 1 })).placement).toBeUndefined();
  });

  test('is asked later after each refusal in a row, however new its inventory is', () => {
    const leases = [1, 2, 3, 4, 5].map((epoch) => refusal(epoch, '2026-03-01T11:58:30Z'));
    const places = [{ ...h100, observedTime: '2026-03-01T11:59:59Z' }];
    // 5 s, doubled four times, after the last one.
    expect(decide(factsOf({ leases, places, nowMs: nowMs - 90_000 + 79_999 })).placement).toBe(
      undefined,
    );
    expect(
      decide(factsOf({ leases, places, nowMs: nowMs - 90_000 + 80_000 })).placement,
    ).toBeDefined();
  });

  test.each([
    ['Draining', 1, 5],
    ['WorkloadInvalid', 1, 600],
    ['NodesTooSmall', 1, 600],
    ['WorkloadInvalid', 3, 2_400],
    ['TenantNotAllowed', 9, 21_600],
  ])(
    '%s, said %d times, is believed for %d s though the inventory is newer',
    (reason, times, seconds) => {
      const leases = Array.from({ length: times }, (_, at) =>
        refusal(at + 1, '2026-03-01T11:58:30Z', reason),
      );
      const endMs = nowMs - 90_000 + seconds * 1_000;
      const places = [{ ...h100, offer: { validUntilTime: '2026-03-09T00:00:00Z' } }];
      const at = (ms: number) => decide(factsOf({ leases, places, nowMs: ms })).placement;
      expect(at(endMs - 1)).toBeUndefined();
      expect(at(endMs)).toBeDefined();
    },
  );

  test('one that did not answer in time is asked again soon, though its inventory is as it was', () => {
    const leases = [aLease({ desiredState: 'Withdrawn', acceptBy: nowMs / 1_000 - 2 })];
    const { retryAtMs } = decide(factsOf({ leases }));
    expect(retryAtMs).toBe(nowMs - 2_000 + 5_000);
    expect(decide(factsOf({ leases, nowMs: retryAtMs! })).placement).toBeDefined();
  });

  test.each([
    'PodDeleted',
    'EvictedFromNode',
    'NodeLost',
    'DeviceUnhealthy',
    'Fenced',
    'NotFunded',
  ] as const)(
    'one that lost the tasks, or was not paid in time (%s), is asked again soon, though its inventory is as it was',
    (failure) => {
      const lastTransitionTime = '2026-03-01T11:59:58Z';
      const conditions = [
        aCondition('Accepted', 'True', 'Accepted'),
        aCondition('Succeeded', 'False', failure, { lastTransitionTime }),
      ];
      const leases = [aLease({ conditions })];
      const { retryAtMs } = decide(factsOf({ leases }));
      expect(retryAtMs).toBe(nowMs - 2_000 + 5_000);
      expect(decide(factsOf({ leases, nowMs: retryAtMs! })).placement).toBeDefined();
    },
  );

  test('leaves the place to the next one', () => {
    const { placement } = decide(
      factsOf({
        leases: [refusal(1, '2026-03-01T11:59:30Z')],
        places: [h100, { name: 'bravo', price: '3.00' }],
      }),
    );
    expect(placement?.shares[0]?.candidate.provider).toBe('bravo');
    expect(placement?.losers[0]?.reason).toBe('RefusedByProvider');
  });
});
