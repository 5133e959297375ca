import { manualClock } from '@gridlease/kube/manualClock';
import { expect, test } from '@jest/globals';
import { createUnclaimed } from './unclaimed.ts';

test('the oldest promise that is not paid grows old while nobody looks, and is forgotten once paid', () => {
  const clock = manualClock(1_000);
  const unclaimed = createUnclaimed(clock);
  expect(unclaimed.oldestMs()).toBe(0);
  expect(unclaimed.note('a', 10n, 0n)).toBe(0);
  clock.advance(5_000);
  unclaimed.note('b', 1n, 0n);
  expect(unclaimed.note('a', 12n, 0n)).toBe(5_000);
  clock.advance(2_000);
  expect(unclaimed.oldestMs()).toBe(7_000);
  unclaimed.note('a', 12n, 12n);
  expect(unclaimed.oldestMs()).toBe(2_000);
  unclaimed.note('b', 1n, 1n);
  expect(unclaimed.oldestMs()).toBe(0);
});

test('a channel that is always a little behind is as old as what it is behind by', () => {
  const clock = manualClock(1_000);
  const unclaimed = createUnclaimed(clock);
  const ages = Array.from({ length: 5_000 }, (_, minute) => {
    clock.advance(60_000);
    return unclaimed.note('a', BigInt(minute + 2), BigInt(minute));
  });
  expect(Math.max(...ages)).toBe(60_000);
});

test('it is never older than what nobody claims, however many vouchers come', () => {
  const clock = manualClock(1_000);
  const unclaimed = createUnclaimed(clock);
  for (let minute = 0; minute < 5_000; minute += 1) {
    expect(unclaimed.note('a', BigInt(minute + 1), 0n)).toBe(minute * 60_000);
    clock.advance(60_000);
  }
});

test('the next generation begins anew, and a channel that is gone is forgotten with what it left', () => {
  const clock = manualClock(1_000);
  const unclaimed = createUnclaimed(clock);
  unclaimed.note('a', 10n, 0n);
  unclaimed.note('b', 10n, 0n);
  clock.advance(5_000);
  expect(unclaimed.note('a', 3n, 0n)).toBe(0);
  unclaimed.keep(['a']);
  expect(unclaimed.oldestMs()).toBe(0);
  unclaimed.keep([]);
  clock.advance(5_000);
  expect(unclaimed.oldestMs()).toBe(0);
});
