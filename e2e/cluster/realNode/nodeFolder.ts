import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The programs of a real node, which run side by side in its namespaces. Only the first two are on every node. */
export const NODE_PROGRAMS = ['containerd', 'kubelet', 'devices', 'kube-proxy', 'coredns'] as const;
export type NodeProgram = (typeof NODE_PROGRAMS)[number];

/** Paths in the folder that init.sh works from, see there. */
export type NodeFolder = {
  readonly path: string;
  file(...parts: readonly string[]): string;
  /** Writes a file that only root may read and returns its path. */
  write(name: string, content: string): string;
  program(name: NodeProgram, command: readonly string[]): void;
  /** Whether init.sh is to run this program. */
  allow(name: NodeProgram, isAllowed: boolean): void;
};

export const nodeFolder = (path: string): NodeFolder => {
  const file = (...parts: readonly string[]): string => join(path, ...parts);
  for (const folder of [
    'containerd',
    'kubelet',
    'pod-logs',
    'cni',
    'programs',
    'stopped',
    'pids',
  ]) {
    mkdirSync(file(folder), { recursive: true, mode: 0o700 });
  }
  return {
    path,
    file,
    write: (name, content) => {
      writeFileSync(file(name), content, { mode: 0o600 });
      return file(name);
    },
    program: (name, command) =>
      writeFileSync(file('programs', name), command.map((argument) => `${argument}\0`).join('')),
    allow: (name, isAllowed) =>
      isAllowed
        ? rmSync(file('stopped', name), { force: true })
        : writeFileSync(file('stopped', name), ''),
  };
};
