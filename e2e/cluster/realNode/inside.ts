import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { waitFor } from '../waitFor.ts';
import { CONTAINERD_SOCKET } from './containerdConfig.ts';
import { namespaceOfChildren, processesInNamespace } from './namespaceProcesses.ts';

/** Runs a command that sees a node's files and network, and returns its output. Throws what it said when it fails. */
export type RunInside = (command: string, args: readonly string[]) => Promise<string>;

/** The process, by its id here, that is the first in the namespaces that the process `holder` has made. */
export const firstProcess = (holder: number): Promise<number> =>
  waitFor(() => processesInNamespace(namespaceOfChildren(holder)).get(1), {
    what: `the first process in the namespaces of process ${holder}`,
    intervalMilliseconds: 20,
  });

/** Of the node whose namespaces the process `holder` has made. */
export const runInside =
  (holder: number): RunInside =>
  async (command, args) => {
    const init = await firstProcess(holder);
    const { stdout } = await promisify(execFile)(
      'nsenter',
      ['--target', String(init), '--mount', '--net', '--', command, ...args],
      { timeout: 120_000, maxBuffer: 2 ** 26 },
    );
    return stdout;
  };

/** containerd's own command line, about the containers and images of the kubelet. */
export const containerdCommand =
  (run: RunInside, ctr: string) =>
  (...args: readonly string[]): Promise<string> =>
    run(ctr, ['--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io', ...args]);

/** Makes an archive runnable under its reference, `name@sha256:…`. Throws, saying what there is, when it isn't in it. */
export const importImage = async (
  ctr: ReturnType<typeof containerdCommand>,
  archivePath: string,
  reference: string,
): Promise<void> => {
  await ctr('images', 'import', '--local', '--all-platforms', archivePath);
  const known = await ctr('images', 'list', '--quiet');
  if (known.split('\n').includes(reference)) return;
  throw new Error(`${archivePath} does not hold ${reference}; there is:\n${known}`);
};
