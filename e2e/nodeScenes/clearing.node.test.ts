import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readProcessBook } from '../cluster/processBook.ts';
import { isRunning } from '../cluster/processIdentity.ts';
import { cgroupHierarchies } from '../cluster/realNode/cgroups.ts';
import { bridgeOf, cgroupOf, clearAbandonedNodes, nodesOf } from '../cluster/realNode/register.ts';
import { stopProcesses } from '../cluster/stopProcesses.ts';
import { describeOnRealNode } from './nodeScene.ts';

const PROGRAM = fileURLToPath(new URL('./oneNode.ts', import.meta.url));

describeOnRealNode('what a real node leaves on the machine', () => {
  let dir: string;
  let child: ChildProcess;
  let said = '';

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'gridlease-one-'));
    said = '';
    child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, dir], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout!.on('data', (part: Buffer) => {
        said += part.toString();
        if (said.includes('up\n')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
    });
  }, 120_000);

  afterEach(async () => {
    child.kill('SIGKILL');
    await clearAbandonedNodes();
    await stopProcesses(readProcessBook(dir));
    rmSync(dir, { recursive: true, force: true });
  }, 60_000);

  const ended = () => new Promise((resolve) => child.once('exit', resolve));

  /** What is there of a node beside its folder, by what a person would look for. */
  const traces = (number: number): readonly string[] => {
    const link = spawnSync('ip', ['link', 'show', 'dev', bridgeOf(number)]);
    return [
      ...(link.status === 0 ? [bridgeOf(number)] : []),
      ...cgroupHierarchies()
        .map(({ path }) => join(path, cgroupOf(number)))
        .filter((group) => existsSync(group)),
      ...readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => line.includes(dir)),
      ...readProcessBook(dir)
        .filter(isRunning)
        .map((record) => record.name),
      ...nodesOf(dir).map((node) => `registered: ${node.name}`),
    ];
  };

  test('nothing, once it was disposed', async () => {
    const { number } = nodesOf(dir)[0]!;
    expect(traces(number).length).toBeGreaterThan(3);
    const end = ended();
    child.stdin!.end();
    await end;
    expect(traces(number)).toEqual([]);
  }, 60_000);

  test('nothing, once the next run has cleared what a crashed one left', async () => {
    const { number } = nodesOf(dir)[0]!;
    const end = ended();
    child.kill('SIGKILL');
    await end;
    expect(traces(number)).toContain('crash-real-0-node');
    await clearAbandonedNodes();
    expect(traces(number)).toEqual([]);
  }, 60_000);
});
