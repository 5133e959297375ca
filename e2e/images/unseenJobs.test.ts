import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { waitFor } from '../cluster/waitFor.ts';
import { unseenWorkloads } from './unseenJobs.ts';

const main = fileURLToPath(new URL('./unseen/main.mjs', import.meta.url));
const workloads = unseenWorkloads({
  reference: `gridlease.test/unseen@sha256:${'0'.repeat(64)}`,
  namespace: 'team-a',
  accountName: 'team-a',
  products: ['H100'],
  failAfterSeconds: 1,
  slowStartSeconds: 1,
});

type Ended = { readonly code: number | null; readonly log: Buffer };

/** As a plain process, without the walls of a container. */
const start = (args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } => {
  const child = spawn(process.execPath, [main, ...args], { timeout: 60_000, detached: true });
  const parts: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => parts.push(part));
  const ended = new Promise<Ended>((resolve) =>
    // Its last words may come after its end.
    child.once('close', (code) => resolve({ code, log: Buffer.concat(parts) })),
  );
  return { child, ended };
};

const argsOf = (name: string): readonly string[] =>
  workloads.find((workload) => workload.name === name)!.job.spec.workload.args!;

test('no two have a name in common, and each has a mode that exists', () => {
  const names = workloads.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const source = readFileSync(main, 'utf8');
  for (const { job } of workloads) {
    const [mode] = job.spec.workload.args!;
    expect(source).toMatch(new RegExp(`^  '?${mode}'?: `, 'm'));
  }
});

describe('the program does what its table says', () => {
  /** Those that end by themselves, without a limit of a container's. */
  const ending = ['exit-code', 'no-output', 'binary-output', 'shared-memory', 'late-failure'];
  test.each(ending)('%s', async (name) => {
    const workload = workloads.find((one) => one.name === name)!;
    if (!('end' in workload)) throw new Error(`${name} is a service`);
    const { code, log } = await start(argsOf(name)).ended;
    expect(code).toBe(workload.end.exitCode);
    const { log: expected } = workload.end;
    if (expected instanceof RegExp) expect(String(log)).toMatch(expected);
    else expect(log.equals(expected!)).toBe(true);
  });

  test('memory-hog takes what it says', async () => {
    const { code, log } = await start(['memory', '24']).ended;
    expect(code).toBe(0);
    expect(String(log)).toBe('took 8 MiB\ntook 16 MiB\ntook 24 MiB\n');
  });

  test('ignores-sigterm goes on until it is killed', async () => {
    const { child, ended } = start(argsOf('ignores-sigterm'));
    let said = '';
    child.stdout!.on('data', (part) => {
      said += part;
    });
    await waitFor(() => said.includes('runs'), { what: 'the program running' });
    child.kill('SIGTERM');
    await waitFor(() => said.includes('heard SIGTERM, and goes on'), { what: 'SIGTERM heard' });
    expect(child.exitCode).toBeNull();
    child.kill('SIGKILL');
    expect((await ended).code).toBeNull();
  });

  test('an unknown mode is named, with those that exist', async () => {
    const { code, log } = await start(['sing']).ended;
    expect(code).toBe(2);
    expect(String(log)).toContain('no mode "sing": write one of exit, slow-start, silent');
  });
});
