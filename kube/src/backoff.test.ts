import { describe, expect, test } from '@jest/globals';
import { backoffMs, createBackoff } from './backoff.ts';

describe('backoff', () => {
  test('grows to its maximum and no further, and jitter only shortens it', () => {
    const options = { baseMs: 800, maxMs: 30_000 };
    expect([0, 1, 5, 6, 2_000].map((n) => backoffMs(n, options))).toEqual([
      800, 1_600, 25_600, 30_000, 30_000,
    ]);
    expect(backoffMs(0, { ...options, jitter: 0.5, random: () => 0.5 })).toBe(600);
  });

  test('starts over after a success', () => {
    const backoff = createBackoff({ baseMs: 1, maxMs: 10 });
    expect([backoff.next(), backoff.next()]).toEqual([1, 2]);
    backoff.reset();
    expect(backoff.next()).toBe(1);
  });
});
