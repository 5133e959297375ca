import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readProcessBook } from '../cluster/processBook.ts';
import { isRunning } from '../cluster/processIdentity.ts';
import { bridgeOf, isCgroupOf } from '../cluster/realNode/addresses.ts';
import { cgroupNames } from '../cluster/realNode/cgroups.ts';
import {
  namespaceOfChildren,
  processesInNamespace,
} from '../cluster/realNode/namespaceProcesses.ts';
import { clearAbandonedNodes, networksOf } from '../cluster/realNode/register.ts';
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

  const lines = (command: string, ...args: readonly string[]): readonly string[] =>
    spawnSync(command, args, { encoding: 'utf8' }).stdout.split('\n');
  /** The network namespaces of all processes on the machine. */
  const networkNamespaces = (): ReadonlySet<string> =>
    new Set(
      readdirSync('/proc').flatMap((entry) => {
        if (!/^\d+$/.test(entry)) return [];
        try {
          return [readlinkSync(`/proc/${entry}/ns/net`)];
        } catch {
          // Ended while it was looked at.
          return [];
        }
      }),
    );
  /** Of the node's processes, and of its pods if it had some. */
  const ownNamespaces = (): readonly string[] => {
    const holder = readProcessBook(dir).find(({ name }) => name === 'crash-real-0-node')!;
    const inside = new Set(processesInNamespace(namespaceOfChildren(holder.pid)).values());
    return [...inside].map((pid) => readlinkSync(`/proc/${pid}/ns/net`));
  };

  /** What is there of a network and its nodes beside their folder, by what a person would look for. */
  const traces = (number: number): readonly string[] => [
    // The bridge itself, and this machine's ends of the pairs that lead into the nodes.
    ...lines('ip', '-oneline', 'link').filter((line) => line.includes(bridgeOf(number))),
    ...lines('ip', 'route').filter((line) => line.includes(bridgeOf(number))),
    ...cgroupNames().filter((name) => isCgroupOf(number, name)),
    ...readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(dir)),
    ...readProcessBook(dir)
      .filter(isRunning)
      .map((record) => record.name),
    ...networksOf(dir).map((network) => `registered: ${network.number}`),
  ];

  test('nothing, once it was disposed', async () => {
    const { number } = networksOf(dir)[0]!;
    expect(traces(number).length).toBeGreaterThan(6);
    const own = ownNamespaces();
    expect(own.length).toBeGreaterThan(0);
    const end = ended();
    child.stdin!.end();
    await end;
    expect(traces(number)).toEqual([]);
    const left = networkNamespaces();
    expect(own.filter((namespace) => left.has(namespace))).toEqual([]);
  }, 60_000);

  test('nothing, once the next run has cleared what a crashed one left', async () => {
    const { number } = networksOf(dir)[0]!;
    const own = ownNamespaces();
    const end = ended();
    child.kill('SIGKILL');
    await end;
    expect(traces(number)).toContain('crash-real-0-node');
    await clearAbandonedNodes();
    expect(traces(number)).toEqual([]);
    const left = networkNamespaces();
    expect(own.filter((namespace) => left.has(namespace))).toEqual([]);
  }, 60_000);
});
