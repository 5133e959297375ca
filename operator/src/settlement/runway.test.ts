import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Claim } from './account.ts';
import { LONGEST_RUNWAY, runwaySeconds } from './runway.ts';

/** Money in a pool and nothing in channels. */
const withFree = (free: bigint, claims: readonly Claim[], delegateLimit = 10n ** 30n) =>
  runwaySeconds({ free, channels: [], delegateLimit, delegateSpent: 0n, claims });

/** A lease of 3,600 an hour: one a second. */
const lasting = (seconds: bigint): Claim => ({ rest: seconds, perHour: 3_600n });
const endless: Claim = { rest: 2n ** 96n - 1n, perHour: 3_600n };

describe('an escrow lasts', () => {
  test.each<readonly [string, bigint, readonly Claim[], number | undefined]>([
    [
      'as long as may be for a short job that is funded exactly',
      80n,
      [lasting(80n)],
      LONGEST_RUNWAY,
    ],
    ['no longer than it can pay for one that is not', 79n, [lasting(80n)], 79],
    ['as long as it pays for one without an end', 3_600n, [endless], 3_600],
    ['not at all when it is empty', 0n, [lasting(10n)], 0],
    ['longer when some of its leases end', 200n, [lasting(50n), endless], 150],
    ['for nothing while nothing runs', 0n, [], undefined],
    ['at most 30 days', 10n ** 12n, [endless], LONGEST_RUNWAY],
  ])('%s', (_, free, claims, seconds) => {
    expect(withFree(free, claims)).toBe(seconds);
  });

  test('no longer than the delegate may move it', () => {
    expect(withFree(1_000n, [lasting(500n)], 100n)).toBe(100);
  });

  test('also from what is reserved, less what vouchers promise', () => {
    const channel = { name: 'ch', claimed: 10n, exposure: 0n, warm: 0n, open: true } as const;
    const channels = [{ ...channel, reserved: 100n, voucher: 40n }];
    const money = { free: 20n, channels, delegateLimit: 1_000n, delegateSpent: 0n };
    expect(runwaySeconds({ ...money, claims: [lasting(80n)] })).toBe(LONGEST_RUNWAY);
    expect(runwaySeconds({ ...money, claims: [lasting(81n)] })).toBe(80);
  });
});

test('whatever the leases, what is at hand pays for them until then and not a second longer', () => {
  const aClaim = fc.record({
    rest: fc.bigInt({ min: 1n, max: 10n ** 12n }),
    perHour: fc.bigInt({ min: 1n, max: 10n ** 9n }),
  });
  const costUntil = (claims: readonly Claim[], seconds: bigint) =>
    claims.reduce((sum, { rest, perHour }) => {
      const cost = (perHour * seconds) / 3_600n;
      return sum + (cost < rest ? cost : rest);
    }, 0n);
  fc.assert(
    fc.property(
      fc.array(aClaim, { minLength: 1, maxLength: 8 }),
      fc.bigInt({ min: 0n, max: 10n ** 12n }),
      (claims, free) => {
        const seconds = withFree(free, claims)!;
        const all = claims.reduce((sum, { rest }) => sum + rest, 0n);
        if (all <= free) return expect(seconds).toBe(LONGEST_RUNWAY);
        expect(costUntil(claims, BigInt(seconds))).toBeLessThanOrEqual(free);
        if (seconds === LONGEST_RUNWAY) return;
        expect(costUntil(claims, BigInt(seconds) + 1n)).toBeGreaterThan(free);
      },
    ),
  );
});
