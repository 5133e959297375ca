import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  amountFor,
  formatTokenAmount,
  MAX_TOKEN_AMOUNT,
  parseTokenAmount,
  TokenAmountError,
} from './amount.ts';

const price = fc.bigInt(0n, 10n ** 12n);
const time = fc.bigInt(0n, 10n ** 12n);

describe('amountFor', () => {
  test.each([
    ['one GPU for one hour costs the price', 2_100_000n, 3_600_000n, 2_100_000n],
    ['half an hour costs half', 2_100_000n, 1_800_000n, 1_050_000n],
    ['less than one unit costs nothing', 1n, 3_599_999n, 0n],
    ["a fraction is cut in the tenant's favour", 2_100_001n, 1_800_000n, 1_050_000n],
    ['no time costs nothing', 2_100_000n, 0n, 0n],
  ])('%s', (_, pricePerGpuHour, gpuMs, expected) => {
    expect(amountFor(pricePerGpuHour, gpuMs)).toBe(expected);
  });

  test('never falls as time passes, and is within one unit of the exact cost', () => {
    fc.assert(
      fc.property(price, time, time, (rate, before, more) => {
        const amount = amountFor(rate, before);
        expect(amountFor(rate, before + more)).toBeGreaterThanOrEqual(amount);
        const exact = rate * before;
        expect(exact - amount * 3_600_000n).toBeGreaterThanOrEqual(0n);
        expect(exact - amount * 3_600_000n).toBeLessThan(3_600_000n);
      }),
    );
  });

  test('never costs more in parts than at once', () => {
    fc.assert(
      fc.property(price, time, time, (rate, first, second) => {
        const parts = amountFor(rate, first) + amountFor(rate, second);
        expect(parts).toBeLessThanOrEqual(amountFor(rate, first + second));
      }),
    );
  });

  test('refuses a negative time', () => {
    expect(() => amountFor(1n, -1n)).toThrow(RangeError);
  });
});

describe('token amounts', () => {
  test.each([
    ['2.10', 6, 2_100_000n],
    ['0', 6, 0n],
    ['0.000001', 6, 1n],
    ['12', 0, 12n],
    ['1.0000000', 6, 1_000_000n],
    ['79228162514264337593543950335', 0, MAX_TOKEN_AMOUNT],
  ])('%s with %i decimals is %s', (text, decimals, expected) => {
    expect(parseTokenAmount(text, decimals)).toBe(expected);
  });

  test.each([
    ['0.0000001', 6, 'at most 6 decimal places'],
    ['1.5', 0, 'at most 0 decimal places'],
    ['-1', 6, 'zero or more'],
    ['1e3', 6, 'digits with an optional point'],
    ['1,5', 6, 'digits with an optional point'],
    ['01', 6, 'digits with an optional point'],
    ['.5', 6, 'digits with an optional point'],
    ['', 6, 'digits with an optional point'],
    ['79228162514264337593543950336', 0, 'at most 79228162514264337593543950335'],
  ])('%j with %i decimals is refused with a remedy', (text, decimals, remedy) => {
    const parse = () => parseTokenAmount(text, decimals);
    expect(parse).toThrow(TokenAmountError);
    expect(parse).toThrow(remedy);
    expect(parse).toThrow(JSON.stringify(text));
  });

  test('what is written reads back as the same amount', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, MAX_TOKEN_AMOUNT),
        fc.integer({ min: 0, max: 30 }),
        (amount, decimals) => {
          expect(parseTokenAmount(formatTokenAmount(amount, decimals), decimals)).toBe(amount);
        },
      ),
    );
  });

  test.each([
    [2_100_000n, 6, '2.1'],
    [-1n, 6, '-0.000001'],
    [0n, 6, '0'],
    [5n, 0, '5'],
  ])('%s with %i decimals is written %s', (amount, decimals, expected) => {
    expect(formatTokenAmount(amount, decimals)).toBe(expected);
  });
});
