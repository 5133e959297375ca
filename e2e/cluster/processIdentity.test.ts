import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { identifyProcess, isRunning, parseStat } from './processIdentity.ts';

const fields = Array.from({ length: 30 }, (_, index) => String(index + 3));
const stat = (name: string, state = 'S') =>
  `42 (${name}) ${[state, ...fields.slice(1)].join(' ')}\n`;

describe('state, threads and start time in /proc/<pid>/stat', () => {
  test.each([
    ['a plain name', 'node'],
    ['a name with spaces', 'my program'],
    ['a name with parentheses', 'odd) (name'],
  ])('are fields 3, 20 and 22 for %s', (_, name) => {
    expect(parseStat(stat(name))).toEqual({ state: 'S', threads: 20, startTime: '22' });
  });
});

describe('a process identity', () => {
  test('is not that of a later process with the same id', () => {
    const self = identifyProcess(process.pid);
    expect(self && isRunning(self)).toBe(true);
    expect(isRunning({ pid: process.pid, startTime: 'another time' })).toBe(false);
  });

  test('ends with its process', async () => {
    const child = spawn('sleep', ['60']);
    const identity = identifyProcess(child.pid ?? 0);
    expect(identity && isRunning(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(identity && isRunning(identity)).toBe(false);
  });
});
