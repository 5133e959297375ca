import { expect, test } from '@jest/globals';
import { parseUsage, usedBetween } from './processUsage.ts';

test('CPU and memory are read past a name with blanks and parentheses', () => {
  const stat = `12 (a (b) c) S 1 1 1 0 -1 0 0 0 0 0 150 50 ${'0 '.repeat(30)}`;
  const status = 'Name:\ta\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n';
  expect(parseUsage(stat, status)).toEqual({ cpuSeconds: 2, rssMiB: 100, peakRssMiB: 200 });
});

test('a process that was started in between counts from its start', () => {
  const usage = { cpuSeconds: 3, rssMiB: 10, peakRssMiB: 11 };
  const used = usedBetween({ a: { ...usage, cpuSeconds: 1 } }, { a: usage, b: usage });
  expect(used['a']?.cpuSeconds).toBe(2);
  expect(used['b']?.cpuSeconds).toBe(3);
});
