import { rmSync } from 'node:fs';
import { tryHold } from './holding.ts';
import { identifyProcess, type ProcessIdentity } from './processIdentity.ts';
import { waitFor } from './waitFor.ts';

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
  const self = identifyProcess(process.pid);
  if (self === undefined) throw new Error('this process can not read its own start time');
  let toldToWait = false;
  await waitFor(
    () => {
      const holder = tryHold(file, self);
      if (holder === undefined) return true;
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
