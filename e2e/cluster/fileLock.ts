import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { identifyProcess, isRunning, type ProcessIdentity } from './processIdentity.ts';
import { waitFor } from './waitFor.ts';

const holderOf = (file: string): ProcessIdentity | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    // Gone, or its writer died while writing.
    return undefined;
  }
};

/** Exclusive creation; false when the file is there. */
const tryLock = (file: string, self: string): boolean => {
  try {
    writeFileSync(file, self, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
};

export type LockOptions = {
  readonly timeoutMilliseconds: number;
  /** Called once when another process holds the lock. */
  readonly onWait?: (holder: ProcessIdentity) => void;
  readonly signal?: AbortSignal | undefined;
};

/** Runs `work` while no other process of this machine holds the same file. A dead holder's lock is taken over. */
export const withFileLock = async <T>(
  file: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> => {
  const self = JSON.stringify(identifyProcess(process.pid));
  let toldToWait = false;
  await waitFor(
    () => {
      if (tryLock(file, self)) return true;
      const holder = holderOf(file);
      if (holder === undefined || !isRunning(holder)) {
        rmSync(file, { force: true });
        // At once: who waits for no time at all must still get what nobody holds.
        return tryLock(file, self);
      }
      if (!toldToWait) {
        toldToWait = true;
        options.onWait?.(holder);
      }
      return false;
    },
    {
      what: `the lock ${file}`,
      timeoutMilliseconds: options.timeoutMilliseconds,
      intervalMilliseconds: 200,
      signal: options.signal,
    },
  );
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
};
