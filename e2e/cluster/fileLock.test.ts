import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { withFileLock } from './fileLock.ts';

let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gridlease-lock-'));
  file = join(dir, 'lock');
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('two never work at the same time', async () => {
  let working = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++working);
    await new Promise((resolve) => setImmediate(resolve));
    working--;
  };
  const options = { timeoutMilliseconds: 10_000 };
  await Promise.all([1, 2, 3].map(() => withFileLock(file, options, work)));
  expect(most).toBe(1);
});

test('the lock of a process that is gone is taken over at once', async () => {
  writeFileSync(file, JSON.stringify({ pid: process.pid, startTime: 'long ago' }));
  await expect(withFileLock(file, { timeoutMilliseconds: 0 }, async () => 1)).resolves.toBe(1);
});

test('it is given back when the work fails', async () => {
  const failing = withFileLock(file, { timeoutMilliseconds: 0 }, async () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(existsSync(file)).toBe(false);
});
