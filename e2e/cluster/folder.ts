import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readEnvironment } from './environment.ts';
import { withFileLock } from './fileLock.ts';
import { type ProcessRecord, readProcessBook } from './processBook.ts';
import { isRunning } from './processIdentity.ts';
import { clearNodesOf } from './realNode/register.ts';
import { stopProcesses } from './stopProcesses.ts';
import { GiveUpError } from './waitFor.ts';

/** What a federation's folder is at the moment. */
export type FolderState = 'empty' | 'up' | 'partial' | 'broken' | 'foreign';

/**
 * 'up': everything that was started runs. 'partial': it was up and some of its programs still run, with all its data.
 * 'broken': left by a federation that never came up, or of which nothing runs any more.
 * 'foreign': holds something that isn't a federation; it must not be touched.
 */
export const folderState = (dir: string): FolderState => {
  if (!existsSync(dir) || readdirSync(dir).length === 0) return 'empty';
  const records = readProcessBook(dir);
  const isOurs = records.length > 0 || existsSync(`${dir}/processes.json`);
  if (!isOurs && readdirSync(dir).some((entry) => entry !== 'logs')) return 'foreign';
  if (readEnvironment(dir) === undefined || !records.some(isRunning)) return 'broken';
  return records.every(isRunning) ? 'up' : 'partial';
};

/** The programs that were started in this folder and don't run any more. */
export const endedPrograms = (dir: string): readonly ProcessRecord[] =>
  readProcessBook(dir).filter((record) => !isRunning(record));

/** One verb at a time per folder: two `up` at once would otherwise start two federations in one place. */
export const withFolder = async <T>(dir: string, work: () => Promise<T>): Promise<T> => {
  // Not in the folder, which `down` removes, nor beside it, where it would be one more file of the user's.
  const name = createHash('sha256').update(resolve(dir)).digest('hex').slice(0, 16);
  const file = join(tmpdir(), `gridlease-${name}.lock`);
  return withFileLock(
    file,
    {
      timeoutMilliseconds: 0,
      onWait: (holder) => {
        throw new GiveUpError(
          new Error(
            `process ${holder.pid} is starting or ending the federation in ${dir}; wait for it, or end it`,
          ),
        );
      },
    },
    work,
  );
};

/** Ends exactly the processes written down in the folder and removes it. Returns how many of them ran. */
export const removeFederation = async (dir: string): Promise<number> => {
  if (folderState(dir) === 'foreign') {
    throw new Error(`${dir} holds something that is not a federation; nothing was touched`);
  }
  const records = readProcessBook(dir);
  const running = records.filter(isRunning).length;
  await stopProcesses(records);
  await clearNodesOf(dir);
  rmSync(dir, { recursive: true, force: true });
  return running;
};

/** Clears what a start that failed has left. Its logs may stay: they are how one finds out why. */
export const discardFailed = async (
  dir: string,
  { keepLogs }: { readonly keepLogs: boolean },
): Promise<void> => {
  await stopProcesses(readProcessBook(dir));
  await clearNodesOf(dir);
  if (!keepLogs) return rmSync(dir, { recursive: true, force: true });
  for (const entry of readdirSync(dir)) {
    if (entry !== 'logs') rmSync(join(dir, entry), { recursive: true, force: true });
  }
};
