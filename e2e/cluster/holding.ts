import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isRunning, type ProcessIdentity } from './processIdentity.ts';

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
const besides = (file: string) => `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;

/** Undefined when it is gone. */
const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

const parse = (text: string): ProcessIdentity | undefined => {
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    // Nobody writes such a file here, so nobody holds it.
    return undefined;
  }
};

/** The file appears whole or not at all: nobody can take one that is being written for a dead process's. */
const create = (file: string, self: ProcessIdentity): boolean => {
  const draft = besides(file);
  try {
    writeFileSync(draft, JSON.stringify(self));
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
};

/** Removes a file if it still says what was seen in it: another process may have taken it over meanwhile. */
export const removeIfStill = (file: string, seen: string): void => {
  const moved = besides(file);
  try {
    renameSync(file, moved);
    if (read(moved) !== seen) linkSync(moved, file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(moved, { force: true });
  }
};

/**
 * Makes a file say that a process holds it, which one at a time can; what a dead process holds is taken over.
 * Undefined when it is held now, else the process that holds it. Throws ENOENT when there is no such folder.
 */
export const tryHold = (file: string, self: ProcessIdentity): ProcessIdentity | undefined => {
  for (;;) {
    if (create(file, self)) return undefined;
    const seen = read(file);
    if (seen === undefined) continue;
    const holder = parse(seen);
    if (holder !== undefined && isRunning(holder)) return holder;
    removeIfStill(file, seen);
  }
};
