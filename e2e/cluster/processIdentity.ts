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

type ProcessStat = {
  readonly state: string;
  readonly startTime: string;
  /** Where the system tells it. */
  readonly threads?: number;
};

/**
 * Fields 3 (state), 20 (threads) and 22 (start time) of /proc/<pid>/stat. The command name, field 2, may hold spaces and
 * parentheses, so they are counted from its last `)`.
 */
export const parseStat = (stat: string): ProcessStat | undefined => {
  const afterName = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  const [state, threads, startTime] = [afterName[0], afterName[17], afterName[19]];
  if (state === undefined || startTime === undefined) return undefined;
  return { state, startTime, threads: Number(threads) };
};

const lookUp = (pid: number): ProcessStat | undefined => {
  if (existsSync('/proc/self/stat')) {
    try {
      return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      // No such entry: the process is gone.
      return undefined;
    }
  }
  const listed = spawnSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const [state, ...startTime] = listed.stdout.trim().split(/\s+/);
  return state ? { state, startTime: startTime.join(' ') } : undefined;
};

/** Who has this id now. A process that ended but wasn't waited for yet (a zombie) still has it. */
export const identifyProcess = (pid: number): ProcessIdentity | undefined => {
  const found = lookUp(pid);
  return found === undefined ? undefined : { pid, startTime: found.startTime };
};

/**
 * True while exactly this process runs. A zombie doesn't: nothing of it is left but its exit code. Unless other threads
 * outlive the first one for a moment: they still hold its sockets.
 */
export const isRunning = (identity: ProcessIdentity): boolean => {
  const found = lookUp(identity.pid);
  if (found?.startTime !== identity.startTime) return false;
  return !/^[ZX]/.test(found.state) || (found.threads ?? 1) > 1;
};
