import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Processes, RunningProcess } from '../processes.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from '../processIdentity.ts';
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

/** The namespaces of a node: mounts, processes and network of its own. */
export type NodeHost = {
  /** The program's process id on this machine, undefined while it doesn't run. */
  pid(program: NodeProgram): number | undefined;
  readonly runInside: RunInside;
  /** Starts the program, or leaves it running. Returns when it has a process. */
  start(program: NodeProgram): Promise<void>;
  /** Ends the program and keeps it down. Default: SIGTERM, SIGKILL after 5 s. */
  end(program: NodeProgram, signal?: 'SIGKILL'): Promise<void>;
};

/** The namespaces that a process has made which runs init.sh with this folder. */
export const openNodeHost = (
  name: string,
  folder: NodeFolder,
  holder: ProcessIdentity,
  signal?: AbortSignal,
): NodeHost => {
  const pid = (program: NodeProgram): number | undefined => {
    try {
      const inner = Number(readFileSync(folder.file('pids', program), 'utf8'));
      return processesInNamespace(namespaceOfChildren(holder.pid)).get(inner);
    } catch {
      // It has no process now.
      return undefined;
    }
  };
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
  };
};

/** The name in the process book of what holds a node's namespaces. */
export const holderName = (nodeName: string): string => `${nodeName}-node`;

/** Starts an empty node: each program waits in the folder until it is started. Returns the process that holds it. */
export const startNodeHolder = async (options: NodeHostOptions): Promise<RunningProcess> => {
  const { name, folder, processes, signal } = options;
  const holder = processes.start({
    name: holderName(name),
    layer: 2,
    command: 'unshare',
    args: [
      ...['--mount', '--propagation', 'private', '--net', '--pid', '--fork', '--mount-proc'],
      // Whoever kills this process has killed the whole node.
      '--kill-child=SIGKILL',
      ...['bash', INIT, folder.path, join(options.dir, 'logs'), name],
    ],
    env: { PATH: `${options.programFolder}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  const isThere = async () => processesInNamespace(namespaceOfChildren(holder.pid)).has(1);
  await processes.ready(holder, isThere, { signal });
  return holder;
};
