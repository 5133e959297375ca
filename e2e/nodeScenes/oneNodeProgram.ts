import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readProcessBook } from '../cluster/processBook.ts';
import {
  namespaceOfChildren,
  processesInNamespace,
} from '../cluster/realNode/namespaceProcesses.ts';
import { NO_SERVICES } from '../cluster/realNode/prepareServices.ts';
import { clearAbandonedNodes, networksOf } from '../cluster/realNode/register.ts';
import { stopProcesses } from '../cluster/stopProcesses.ts';

const PROGRAM = fileURLToPath(new URL('./oneNode.ts', import.meta.url));
/** The node's name in the process book. */
export const ONE_NODE_HOLDER = 'crash-real-0-node';

/** A cluster with one real node, run by a program of its own, beside what else runs. */
export type OneNode = AsyncDisposable & {
  readonly dir: string;
  /** Of its network, see realNode/addresses.ts. */
  readonly network: number;
  /** Ids of the processes in the node, which has no pods. */
  processes(): readonly number[];
  /** Lets the program end the node as a federation does, and returns when it has. */
  end(): Promise<void>;
  /** Kills the program, and so leaves the node lying. */
  crash(): Promise<void>;
};

/** The lines that a command prints. */
export const lines = (command: string, ...args: readonly string[]): readonly string[] =>
  spawnSync(command, args, { encoding: 'utf8' }).stdout.split('\n');

/** `noServices`: a reason why Services shall not work on it. */
export const startOneNode = async ({ noServices = '' } = {}): Promise<OneNode> => {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-one-'));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, [NO_SERVICES]: noServices },
  });
  const ended = once(child, 'exit');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (part: Buffer) => {
      said += part.toString();
      if (said.includes('up\n')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
  });
  return {
    dir,
    network: networksOf(dir)[0]!.number,
    processes: () => {
      const holder = readProcessBook(dir).find(({ name }) => name === ONE_NODE_HOLDER)!;
      return [...processesInNamespace(namespaceOfChildren(holder.pid)).values()];
    },
    end: async () => {
      child.stdin.end();
      await ended;
    },
    crash: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await clearAbandonedNodes();
      await stopProcesses(readProcessBook(dir));
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
