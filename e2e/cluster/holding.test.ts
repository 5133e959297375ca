import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { removeIfStill, tryHold } from './holding.ts';
import { identifyProcess } from './processIdentity.ts';

const self = identifyProcess(process.pid)!;
let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gridlease-holding-'));
  file = join(dir, 'held');
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('what a running process holds is named, and left alone', async () => {
  const other = spawn('sleep', ['60']);
  const identity = identifyProcess(other.pid!)!;
  expect(tryHold(file, identity)).toBeUndefined();
  expect(tryHold(file, self)).toEqual(identity);
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect(tryHold(file, self)).toBeUndefined();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(self);
  expect(readdirSync(dir)).toEqual(['held']);
});

test.each(['', '{"pid":'])('a file that says "%s" is held by nobody', (text) => {
  writeFileSync(file, text);
  expect(tryHold(file, self)).toBeUndefined();
});

test('a file that somebody else has taken over meanwhile stays', () => {
  expect(tryHold(file, self)).toBeUndefined();
  removeIfStill(file, JSON.stringify({ ...self, startTime: 'long ago' }));
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(self);
  removeIfStill(file, JSON.stringify(self));
  removeIfStill(file, JSON.stringify(self));
  expect(readdirSync(dir)).toEqual([]);
});

test('without its folder nothing is held', () => {
  expect(() => tryHold(join(dir, 'none', 'held'), self)).toThrow('ENOENT');
});
