import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readProcessBook } from './processBook.ts';
import { lostItsPort, Processes, startEnded } from './processes.ts';
import { identifyProcess, isRunning } from './processIdentity.ts';
import { stopProcesses } from './stopProcesses.ts';
import { waitFor } from './waitFor.ts';

let dir: string;
let processes: Processes;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gridlease-processes-'));
  processes = new Processes(dir);
});

afterEach(async () => {
  await processes.stop();
  rmSync(dir, { recursive: true, force: true });
});

const shell = (script: string, name = 'program') =>
  processes.start({ name, layer: 2, command: 'sh', args: ['-c', script] });

describe('a started program', () => {
  test('is written down before anything else, so that another program can end exactly it', async () => {
    const program = shell('sleep 60');
    const [record] = readProcessBook(dir);
    expect(record).toEqual({
      name: 'program',
      layer: 2,
      pid: program.pid,
      startTime: program.startTime,
      start: { command: 'sh', args: ['-c', 'sleep 60'] },
    });
    await stopProcesses(readProcessBook(dir));
    expect(isRunning(program)).toBe(false);
  });

  test('ends with everything it started', async () => {
    const program = shell('sleep 61 & echo $! > child; wait');
    const child = await waitFor(
      () => {
        const found = identifyProcess(Number(readFileSync(join(dir, 'child'), 'utf8')));
        return found !== undefined && isRunning(found) && found;
      },
      { what: 'the child written down and running' },
    );
    await processes.stop();
    expect(isRunning(program)).toBe(false);
    // Not `kill 0`: an ended orphan that nobody has asked for yet still has its id.
    // The whole group was signalled at once; who of it is gone first is the machine's to say.
    await waitFor(() => !isRunning(child), { what: 'the end of the child' });
  });

  test('is killed when it does not heed SIGTERM', async () => {
    const program = shell("trap '' TERM; echo ready; while :; do sleep 1; done");
    await waitFor(() => readFileSync(program.logFile, 'utf8').includes('ready'), {
      what: 'the trap set',
    });
    await processes.stop();
    expect(isRunning(program)).toBe(false);
  });

  test('that ends instead of becoming ready is reported with the end of its log', async () => {
    const program = shell('echo listen tcp 127.0.0.1:1: bind: address already in use; exit 3');
    const failure: unknown = await processes.ready(program, async () => false).catch((e) => e);
    expect(failure).toMatchObject({ name: 'ProcessExitedError' });
    expect(String(failure)).toContain('ended with 3');
    expect(lostItsPort(failure)).toBe(true);
    expect(readProcessBook(dir)).toEqual([]);
  });
});

test('a process that only has the id of a recorded one is left alone', async () => {
  const program = shell('sleep 60');
  await stopProcesses([{ ...program, startTime: 'another time' }]);
  expect(isRunning(program)).toBe(true);
});

describe('a program that is killed', () => {
  test('leaves the book, is no deserter, and starts again as it was', async () => {
    const before = shell('echo started; sleep 60');
    await processes.kill('program');
    expect(isRunning(before)).toBe(false);
    expect(readProcessBook(dir)).toEqual([]);
    expect(processes.deserters()).toEqual([]);
    const after = processes.startAgain('program');
    expect(isRunning(after)).toBe(true);
    expect(readProcessBook(dir)).toMatchObject([{ name: 'program', pid: after.pid }]);
  });

  test('by nobody is named as a deserter until it is started again', async () => {
    shell('exit 3');
    await waitFor(() => processes.deserters().length > 0, { what: 'the program noticed' });
    expect(processes.deserters()).toEqual([{ name: 'program', exit: '3' }]);
    processes.startAgain('program');
    expect(readProcessBook(dir)).toHaveLength(1);
  });
});

test('a program that ended can be started again by who has only the folder', async () => {
  const other = shell('sleep 62', 'other');
  const before = shell('sleep 63');
  process.kill(-before.pid, 'SIGKILL');
  await waitFor(() => !isRunning(before), { what: 'its end' });
  const record = readProcessBook(dir).find(({ name }) => name === 'program')!;
  const after = startEnded(dir, record);
  try {
    expect(isRunning(after)).toBe(true);
    const book = readProcessBook(dir).map(({ name, pid, start }) => [name, pid, start.args[1]]);
    expect(book).toEqual([
      ['other', other.pid, 'sleep 62'],
      ['program', after.pid, 'sleep 63'],
    ]);
  } finally {
    await stopProcesses([after]);
  }
});

test('after everything was ended nothing is started any more', async () => {
  await processes.stop();
  expect(() => shell('sleep 60')).toThrow('everything is being ended');
});

test('waiting ends at once when its signal aborts', async () => {
  const program = shell('sleep 60');
  const controller = new AbortController();
  const waiting = processes.ready(program, async () => false, { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
