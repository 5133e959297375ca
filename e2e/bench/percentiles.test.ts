import { expect, test } from '@jest/globals';
import { percentiles } from './percentiles.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => count - index);

test.each([
  [[7], { p50: 7, p95: 7, p99: 7, max: 7 }],
  [[3, 1], { p50: 1, p95: 3, p99: 3, max: 3 }],
  [upTo(100), { p50: 50, p95: 95, p99: 99, max: 100 }],
  [upTo(20), { p50: 10, p95: 19, p99: 20, max: 20 }],
])('%j has these percentiles, by nearest rank', (values, expected) => {
  expect(percentiles(values)).toEqual(expected);
});

test('of nothing there are none', () => {
  expect(() => percentiles([])).toThrow('nothing');
});
