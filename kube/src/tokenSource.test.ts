import { describe, expect, test } from '@jest/globals';
import { renewalDelayMs, tokenLife } from './tokenSource.ts';

describe('a token', () => {
  const claims = (value: unknown) =>
    `e30.${Buffer.from(JSON.stringify(value)).toString('base64url')}.sig`;
  const hour = { issuedAtMs: 0, expiresAtMs: 3_600_000 };

  test('is read for its life, and nothing else is taken for one', () => {
    expect(tokenLife(claims({ iat: 0, exp: 3600 }))).toEqual(hour);
    for (const token of ['', 'static', 'a.b.c', claims({ exp: 'soon' })]) {
      expect(tokenLife(token)).toBeUndefined();
    }
  });

  test.each([
    ['at 70 % at the earliest', 0, 0, 2_520_000],
    ['before 80 %', 0, 0.999, 2_879_640],
    ['at once when that is past', 3_000_000, 0.5, 0],
  ])('is renewed %s', (_, now, random, wanted) => {
    expect(renewalDelayMs(hour, now, random)).toBeCloseTo(wanted);
  });

  test('of unknown life is renewed at once', () => expect(renewalDelayMs(undefined, 0, 0)).toBe(0));
});
