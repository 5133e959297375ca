import { describe, expect, test } from '@jest/globals';
import { parseQuantity } from './quantity.ts';

describe('a quantity', () => {
  test.each([
    ['1', 10n ** 9n],
    ['100m', 10n ** 8n],
    ['0.1', 10n ** 8n],
    ['1.5Gi', 1536n * 1024n * 1024n * 10n ** 9n],
    ['64Gi', 64n * 1024n ** 3n * 10n ** 9n],
    ['2e3', 2_000n * 10n ** 9n],
    ['1E3', 1_000n * 10n ** 9n],
    ['1E', 10n ** 27n],
    ['5e-1', 5n * 10n ** 8n],
    ['0', 0n],
  ])('%s is read exactly', (text, expected) => {
    expect(parseQuantity(text)).toBe(expected);
  });

  test.each(['', 'x', '-1', '1.', '.5', '1 Gi', '1KiB'])('“%s” is none', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });
});
