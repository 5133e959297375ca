import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytes32 } from '../testing/money.ts';
import { type Payment, searchFurther, startSearch } from './settled.ts';

describe('the payment that covers a lease is', () => {
  const payment = (paid: bigint, block: bigint, logIndex = 0, generation = 1): Payment => ({
    paid,
    generation,
    blockNumber: block,
    logIndex,
    transactionHash: bytes32(Number(block) * 10 + logIndex),
  });

  test('found by walking back from what is claimed, in any order and over several ranges', () => {
    const start = startSearch(100n, [10n, 40n, 100n, 101n]);
    const recent = searchFurther(
      start,
      [payment(5n, 21n, 0, 2), payment(30n, 20n, 1), payment(30n, 20n, 0)],
      1,
    );
    expect([...recent.found].map(([cumulative, { logIndex }]) => [cumulative, logIndex])).toEqual([
      [100n, 1],
    ]);
    expect(recent.missing).toEqual([10n, 40n]);
    const older = searchFurther(recent, [payment(15n, 3n), payment(25n, 9n)], 1);
    expect(older.found.get(40n)?.blockNumber).toBe(9n);
    expect(older.found.get(10n)?.blockNumber).toBe(3n);
    expect(older).toMatchObject({ missing: [], claimedBefore: 0n });
  });

  test('the first whose total reaches it, for any payments', () => {
    const paid = fc.array(fc.bigInt({ min: 1n, max: 50n }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(paid, fc.nat(11), fc.nat(11), (amounts, pick, cut) => {
        const payments = amounts.map((amount, index) => payment(amount, BigInt(index)));
        const totals = amounts.map((_, index) =>
          amounts.slice(0, index + 1).reduce((a, b) => a + b, 0n),
        );
        const wanted = totals[pick % totals.length]!;
        const split = cut % payments.length;
        const half = searchFurther(startSearch(totals.at(-1)!, [wanted]), payments.slice(split), 1);
        const all = searchFurther(half, payments.slice(0, split), 1);
        expect(all.found.get(wanted)?.blockNumber).toBe(BigInt(totals.indexOf(wanted)));
      }),
    );
  });
});
