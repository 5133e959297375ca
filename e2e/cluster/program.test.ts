import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Processes } from './processes.ts';
import { isRunning } from './processIdentity.ts';
import { startProgram } from './program.ts';

let dir: string;
let processes: Processes;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gridlease-program-'));
  processes = new Processes(dir);
});

afterEach(async () => {
  await processes.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** A program that listens where its configuration says, and before that does what `first` says. */
const programFile = (first = ''): string => {
  const file = join(dir, 'main.mjs');
  writeFileSync(
    file,
    `import { readFileSync, existsSync, writeFileSync } from 'node:fs';
     import { createServer } from 'node:http';
     const config = JSON.parse(readFileSync(process.argv[process.argv.indexOf('--config') + 1], 'utf8'));
     ${first}
     createServer((_, answer) => answer.end('ok')).listen(config.listen.port, config.listen.host);`,
  );
  return file;
};

const start = (main: string) =>
  startProgram({ name: 'example', main, dir, processes, config: { colour: 'blue' } });

test('a program gets its configuration, a loopback port and a folder for its state', async () => {
  const program = await start(programFile());
  const config = JSON.parse(readFileSync(join(dir, 'example.json'), 'utf8')) as unknown;
  const port = Number(new URL(program.metricsURL).port);
  expect(config).toEqual({
    colour: 'blue',
    listen: { host: '127.0.0.1', port },
    stateDir: join(dir, 'example-state'),
  });
  expect(program.metricsURL).toBe(`http://127.0.0.1:${port}/metrics`);
  expect(isRunning(program.process)).toBe(true);
});

test('a program that lost its port to another is started again on a new one', async () => {
  const lost = `if (!existsSync('lost')) {
      writeFileSync('lost', String(config.listen.port));
      throw new Error('listen EADDRINUSE: address already in use');
    }`;
  const program = await start(programFile(lost));
  expect(new URL(program.metricsURL).port).not.toBe(readFileSync(join(dir, 'lost'), 'utf8'));
  expect(processes.records()).toHaveLength(1);
});

test('a program that ends at its start is reported with its last words', async () => {
  const failing = start(programFile("throw new Error('no escrow at 0x0 on chain 7');"));
  await expect(failing).rejects.toThrow('no escrow at 0x0 on chain 7');
});
