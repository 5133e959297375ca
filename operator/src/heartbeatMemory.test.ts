import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@gridlease/kube/log';
import { afterAll, expect, test } from '@jest/globals';
import { heartbeatFile, machineUptime } from './heartbeatMemory.ts';

const folder = mkdtempSync(join(tmpdir(), 'gridlease-heartbeats-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function aMachine(bootId = 'boot-1', startMs = 1_000_000) {
  let nowMs = startMs;
  return {
    bootId,
    ms: () => nowMs,
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
}

const open = (name: string, machine: ReturnType<typeof aMachine> | undefined) =>
  heartbeatFile({ path: join(folder, name, 'heartbeats.json'), log: silentLogger, machine });
const ages = (ageMs: number) => () => new Map([['alpha', { renewTime: 'R', ageMs }]]);

test('a later run on the same boot remembers, and the time between counts', async () => {
  const machine = aMachine();
  const first = open('same', machine);
  expect([...first.recall()]).toEqual([]);
  first.note(ages(2_000));
  await first.written;
  machine.advance(30_000);
  expect([...open('same', machine).recall()]).toEqual([
    ['alpha', { renewTime: 'R', ageMs: 32_000 }],
  ]);
});

test('on another boot nothing is remembered', async () => {
  const first = open('boot', aMachine());
  first.note(ages(0));
  await first.written;
  expect([...open('boot', aMachine('boot-2')).recall()]).toEqual([]);
  // A clock that runs backwards tells nothing either.
  expect([...open('boot', aMachine('boot-1', 10)).recall()]).toEqual([]);
});

test('it is stored at most every 5 s', async () => {
  const machine = aMachine();
  const file = open('often', machine);
  const stored = () => readFileSync(join(folder, 'often', 'heartbeats.json'), 'utf8');
  file.note(ages(0));
  await file.written;
  const before = stored();
  machine.advance(4_999);
  file.note(ages(1));
  await file.written;
  expect(stored()).toBe(before);
  machine.advance(1);
  file.note(ages(1));
  await file.written;
  expect(stored()).not.toBe(before);
});

test.each([
  ['cut short', '{"bootId":"boot-1","heartb'],
  ['of another shape', '{"bootId":"boot-1","heartbeats":{"alpha":7}}'],
])('a file that is %s is the same as none', async (name, text) => {
  const machine = aMachine();
  const file = open(name, machine);
  file.note(ages(0));
  await file.written;
  writeFileSync(join(folder, name, 'heartbeats.json'), text);
  expect([...open(name, machine).recall()]).toEqual([]);
});

test('a machine that does not tell its boots apart remembers nothing; this one does', async () => {
  const here = machineUptime();
  if (process.platform === 'linux') expect(here?.bootId).toMatch(/^[0-9a-f-]{36}$/);
  expect((here?.ms() ?? 1) > 0).toBe(true);
});
