import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * A process named so that it can't be confused with a later one: process ids are recycled, a pair of id
 * and start time is not. Everything here that ends a process compares both first.
 */
export type ProcessIdentity = {
  readonly pid: number;
  /** Start time as the system writes it: clock ticks since boot (Linux) or `ps -o lstart` elsewhere. */
  readonly startTime: string;
};

/** Field 22 of /proc/<pid>/stat. The command name (field 2) may hold spaces and parentheses, so count from its last `)`. */
export const startTimeFromStat = (stat: string): string | undefined => {
  const afterName = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  // A zombie holds its id until its parent asks for it, but nothing of it runs any more.
  if (afterName[0] === 'Z' || afterName[0] === 'X') return undefined;
  return afterName[19];
};

/** The start time of a living process, or undefined when no such process runs. */
export const processStartTime = (pid: number): string | undefined => {
  if (existsSync('/proc/self/stat')) {
    try {
      return startTimeFromStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      // No such entry: the process is gone.
      return undefined;
    }
  }
  const listed = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return listed.stdout.trim() || undefined;
};

export const identifyProcess = (pid: number): ProcessIdentity | undefined => {
  const startTime = processStartTime(pid);
  return startTime === undefined ? undefined : { pid, startTime };
};

export const isRunning = (identity: ProcessIdentity): boolean =>
  processStartTime(identity.pid) === identity.startTime;
