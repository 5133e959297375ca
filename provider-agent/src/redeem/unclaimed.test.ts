import { manualClock } from '@gridlease/kube/manualClock';
import { expect, test } from '@jest/globals';
import { createUnclaimed } from './unclaimed.ts';

test('the oldest promise that is not paid grows old while nobody looks, and is forgotten once paid', () => {
  const clock = manualClock(1_000);
  const unclaimed = createUnclaimed(clock);
  expect(unclaimed.oldestMs()).toBe(0);
  expect(unclaimed.note('a', true)).toBe(0);
  clock.advance(5_000);
  unclaimed.note('b', true);
  expect(unclaimed.note('a', true)).toBe(5_000);
  clock.advance(2_000);
  expect(unclaimed.oldestMs()).toBe(7_000);
  unclaimed.note('a', false);
  expect(unclaimed.oldestMs()).toBe(2_000);
  unclaimed.note('b', false);
  expect(unclaimed.oldestMs()).toBe(0);
});
