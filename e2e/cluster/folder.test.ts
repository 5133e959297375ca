import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { environmentPath } from './environment.ts';
import {
  discardFailed,
  endedPrograms,
  folderState,
  removeFederation,
  withFolder,
} from './folder.ts';
import { Processes } from './processes.ts';
import { waitFor } from './waitFor.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gridlease-folder-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a folder with something else in it is not touched', async () => {
  writeFileSync(join(dir, 'thesis.txt'), 'years of work');
  expect(folderState(dir)).toBe('foreign');
  await expect(removeFederation(dir)).rejects.toThrow('not a federation');
  expect(existsSync(join(dir, 'thesis.txt'))).toBe(true);
});

test('what is left of a federation is cleared with its processes', async () => {
  new Processes(dir).start({ name: 'left', layer: 1, command: 'sleep', args: ['60'] });
  expect(folderState(dir)).toBe('broken');
  await expect(removeFederation(dir)).resolves.toBe(1);
  expect(folderState(dir)).toBe('empty');
});

test('a federation that lost a program keeps its data until it is told to go', async () => {
  const processes = new Processes(dir);
  processes.start({ name: 'hub-apiserver', layer: 1, command: 'sleep', args: ['60'] });
  const agent = processes.start({ name: 'alpha-agent', layer: 3, command: 'sleep', args: ['60'] });
  writeFileSync(environmentPath(dir), '{}');
  expect(folderState(dir)).toBe('up');
  process.kill(agent.pid, 'SIGKILL');
  await waitFor(() => agent.exit() !== undefined, { what: 'the end of the agent' });
  expect(folderState(dir)).toBe('partial');
  expect(endedPrograms(dir)).toMatchObject([{ name: 'alpha-agent' }]);
  await expect(removeFederation(dir)).resolves.toBe(1);
});

test('the logs of a start that failed stay, and do not hinder the next', async () => {
  new Processes(dir).start({ name: 'left', layer: 1, command: 'sleep', args: ['60'] });
  await discardFailed(dir, { keepLogs: true });
  expect(readdirSync(dir)).toEqual(['logs']);
  expect(folderState(dir)).toBe('broken');
});

test('a second verb in the same folder is told who is at it', async () => {
  await withFolder(dir, async () => {
    await expect(withFolder(dir, async () => 1)).rejects.toThrow(`process ${process.pid}`);
  });
});
