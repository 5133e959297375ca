import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dearestWindow, hourMs, type Spending, windowCosts } from './capWindows.ts';

const minuteMs = 60_000;
const costsOf = (leases: readonly Spending[]) => windowCosts(leases, hourMs).map(String);
const active = (open: bigint, hourly: bigint, billed = 0n): Spending => ({
  ...{ billed, open, hourly, endedAgoMs: 0 },
});
const ended = (billed: bigint, hourly: bigint, minutesAgo: number): Spending => ({
  ...{ billed, open: 0n, hourly, endedAgoMs: minutesAgo * minuteMs },
});

describe('what an hour may cost at most', () => {
  test.each<[string, Spending[], { open: bigint; hourly: bigint }, bigint]>([
    ['a long job: its rate', [], { open: 5_000n, hourly: 60n }, 60n],
    ['a short job: all of it', [], { open: 10n, hourly: 60n }, 10n],
    ['one after the other, both short', [ended(10n, 60n, 5)], { open: 10n, hourly: 60n }, 20n],
    ['the same rate again at once', [ended(5_000n, 59n, 0)], { open: 5_000n, hourly: 59n }, 59n],
    ['beside one that runs', [active(5_000n, 60n, 300n)], { open: 10n, hourly: 60n }, 70n],
    ['an hour after the last one', [ended(10n, 60n, 60)], { open: 10n, hourly: 60n }, 10n],
  ])('%s', (_, leases, added, most) => {
    const { has, more } = dearestWindow(costsOf(leases), [added], hourMs);
    expect(has + more).toBe(most);
  });

  test('never more than the rates allow, nor more than there is', () => {
    const money = fc.bigInt({ min: 0n, max: 10_000n });
    const lease = fc.record({
      ...{ billed: money, open: money, hourly: fc.bigInt({ min: 1n, max: 600n }) },
      endedAgoMs: fc.constant(0),
    });
    fc.assert(
      fc.property(fc.array(lease, { maxLength: 5 }), (leases) => {
        for (const cost of windowCosts(leases, hourMs)) {
          const sum = (of: (one: Spending) => bigint) =>
            leases.reduce((total, one) => total + of(one), 0n);
          expect(cost).toBeLessThanOrEqual(sum(({ hourly }) => hourly));
          expect(cost).toBeLessThanOrEqual(sum(({ billed, open }) => billed + open));
        }
      }),
    );
  });
});
