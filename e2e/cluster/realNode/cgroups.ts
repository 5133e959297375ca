import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../waitFor.ts';

export type CgroupHierarchy = {
  readonly path: string;
  /** 'unified' for version 2, else the controllers of this hierarchy of version 1. */
  readonly controllers: 'unified' | readonly string[];
};

/** What /proc/self/mountinfo says: `… <mount point> … - <type> <source> <options>`. */
export const parseHierarchies = (mountinfo: string): readonly CgroupHierarchy[] =>
  mountinfo.split('\n').flatMap((line): CgroupHierarchy[] => {
    const [before, after] = line.split(' - ');
    const path = before?.split(' ')[4];
    const [type, , options] = after?.split(' ') ?? [];
    if (path === undefined) return [];
    if (type === 'cgroup2') return [{ path, controllers: 'unified' }];
    if (type !== 'cgroup') return [];
    return [{ path, controllers: (options ?? '').split(',').filter((name) => name !== 'rw') }];
  });

export const cgroupHierarchies = (): readonly CgroupHierarchy[] =>
  parseHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'));

/** Makes the group in every hierarchy, ready to hold processes. */
export const makeCgroup = (name: string): void => {
  for (const { path, controllers } of cgroupHierarchies()) {
    const group = join(path, name);
    mkdirSync(group, { recursive: true });
    if (controllers === 'unified' || !controllers.includes('cpuset')) continue;
    // A new group of version 1 has no processors and no memory nodes, and takes no process without.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      writeFileSync(join(group, file), readFileSync(join(path, file)));
    }
  }
};

/** The groups at the top of every hierarchy, each once. */
export const cgroupNames = (): readonly string[] => {
  const names = cgroupHierarchies().flatMap(({ path }) =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name),
  );
  return [...new Set(names)];
};

const removeTree = (group: string): void => {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(group, entry.name));
  }
  rmdirSync(group);
};

/** Removes the group with all below it from every hierarchy; what ran in it must have ended. */
export const removeCgroup = async (name: string): Promise<void> => {
  for (const { path } of cgroupHierarchies()) {
    const group = join(path, name);
    await waitFor(
      () => {
        // Busy for a moment after its last process was killed.
        if (existsSync(group)) removeTree(group);
        return true;
      },
      { what: `the end of the control group ${group}`, timeoutMilliseconds: 10_000 },
    );
  }
};

/** The processes in a group and below it, with their command lines. */
export const processesInCgroup = (
  name: string,
): readonly { readonly pid: number; readonly command: string }[] =>
  readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      if (!readFileSync(`/proc/${entry}/cgroup`, 'utf8').includes(`:/${name}/`)) return [];
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return [{ pid: Number(entry), command }];
    } catch {
      // Ended while it was looked at.
      return [];
    }
  });
