import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { parseOperatorConfig, readOperatorConfig, recoveryLimits } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'gridlease-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('only the folder for its state must be given', () => {
  expect(parseOperatorConfig({ stateDir: '/var/lib/gridlease' }, 'test')).toMatchObject({
    namespace: 'gridlease-system',
    listen: { host: '127.0.0.1', port: 0 },
    hubEpoch: '1',
    voucherIntervalSeconds: 60,
    acceptSeconds: 30,
  });
});

test.each([
  [{}, /stateDir: /],
  [{ stateDir: '/s', graceSecond: 5 }, /Unrecognized key.*graceSecond/],
  [{ stateDir: '/s', hubEpoch: 1 }, /hubEpoch: .*string/],
  [
    { stateDir: '/s', hubEpoch: '0' },
    /hubEpoch: must be a decimal string of a whole number from 1/,
  ],
  [{ stateDir: '/s', listen: { port: 99_999 } }, /listen\.port: /],
  [{ stateDir: '/s', acceptSeconds: 0.5 }, /acceptSeconds: /],
  [{ stateDir: '/s', replaceSeconds: 89 }, /replaceSeconds: must be at least fenceSeconds \+ /],
  [{ stateDir: '/s', fenceSeconds: 71 }, /replaceSeconds: must be at least fenceSeconds \+ /],
  [{ stateDir: '/s', unreachableSeconds: 100 }, /replaceSeconds: .* more than unreachableSeconds/],
])('%j is refused, and the field is named', (value, message) => {
  expect(() => parseOperatorConfig(value, 'c.json')).toThrow(message);
});

test('a task is replaced 40 s after its fence, and never within the time that the pods need to end', () => {
  expect(recoveryLimits(parseOperatorConfig({ stateDir: '/s' }, 'test'))).toEqual({
    unreachableMs: 40_000,
    afterFenceMs: 40_000,
    usualFenceMs: 60_000,
    heardWithinMs: 900_000,
  });
});

test('a file that is missing, or no JSON, is named', () => {
  expect(() => readOperatorConfig(join(folder, 'none.json'))).toThrow(/none\.json can't be read/);
  const path = join(folder, 'broken.json');
  writeFileSync(path, '{');
  expect(() => readOperatorConfig(path)).toThrow(/broken\.json is not JSON/);
});
