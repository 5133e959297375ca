import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Processes } from '../processes.ts';
import { identifyProcess, isRunning } from '../processIdentity.ts';
import { waitFor } from '../waitFor.ts';
import { type RunInside, runInside } from './inside.ts';
import { namespaceOfChildren, processesInNamespace } from './namespaceProcesses.ts';
import type { NodeFolder, NodeProgram } from './nodeFolder.ts';

/** Prepares the node's view of the file system, and runs its programs. */
const INIT = fileURLToPath(new URL('./init.sh', import.meta.url));

export type NodeHostOptions = {
  readonly name: string;
  readonly folder: NodeFolder;
  /** Folder of the whole federation, for the logs. */
  readonly dir: string;
  /** Where containerd finds its shim. */
  readonly programFolder: string;
  readonly processes: Processes;
  readonly signal?: AbortSignal | undefined;
};

/** The namespaces of a node: mounts and processes of its own, the network of this machine. */
export type NodeHost = {
  /** The program's process id on this machine, undefined while it doesn't run. */
  pid(program: NodeProgram): number | undefined;
  readonly runInside: RunInside;
  /** Starts the program, or leaves it running. Returns when it has a process. */
  start(program: NodeProgram): Promise<void>;
  /** Ends the program and keeps it down. Default: SIGTERM, SIGKILL after 5 s. */
  end(program: NodeProgram, signal?: 'SIGKILL'): Promise<void>;
  /** Ends everything in it. */
  stop(): Promise<void>;
};

/** Starts an empty node: each program waits in the folder until it is started. */
export const startNodeHost = async (options: NodeHostOptions): Promise<NodeHost> => {
  const { name, folder, processes, signal } = options;
  const holder = processes.start({
    name: `${name}-node`,
    layer: 2,
    command: 'unshare',
    args: [
      ...['--mount', '--propagation', 'private', '--pid', '--fork', '--mount-proc'],
      // Whoever kills this process has killed the whole node.
      '--kill-child=SIGKILL',
      ...['bash', INIT, folder.path, join(options.dir, 'logs'), name],
    ],
    env: { PATH: `${options.programFolder}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  const inside = (): ReadonlyMap<number, number> =>
    processesInNamespace(namespaceOfChildren(holder.pid));
  const pid = (program: NodeProgram): number | undefined => {
    try {
      return inside().get(Number(readFileSync(folder.file('pids', program), 'utf8')));
    } catch {
      // It has no process now.
      return undefined;
    }
  };
  await waitFor(() => holder.exit() === undefined && inside().has(1), {
    what: `the namespaces of ${name}`,
    intervalMilliseconds: 20,
    signal,
  });
  return {
    pid,
    runInside: runInside(holder.pid),
    start: async (program) => {
      folder.allow(program, true);
      await waitFor(() => pid(program), { what: `a process of ${name}-${program}`, signal });
    },
    end: async (program, kind) => {
      folder.allow(program, false);
      const running = pid(program);
      const identity = running === undefined ? undefined : identifyProcess(running);
      if (identity === undefined) return;
      const gone = () => !isRunning(identity);
      const what = `the end of ${name}-${program}`;
      if (kind === undefined) {
        process.kill(identity.pid, 'SIGTERM');
        const ended = await waitFor(gone, { what, timeoutMilliseconds: 5_000 }).catch(() => false);
        if (ended) return;
      }
      if (!gone()) process.kill(identity.pid, 'SIGKILL');
      await waitFor(gone, { what, intervalMilliseconds: 10 });
    },
    stop: () => processes.stopOne(holder),
  };
};
