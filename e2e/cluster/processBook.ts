import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './processIdentity.ts';

/** One program of a federation, as it is written down so that another program can end exactly it. */
export type ProcessRecord = ProcessIdentity & {
  readonly name: string;
  /** Programs are ended from the highest layer down, so that none outlives what it talks to. */
  readonly layer: ProcessLayer;
  /** What it was started with, so that it can be started again exactly as before. */
  readonly start: StartCommand;
};

export type StartCommand = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

/** 0: stores and chains; 1: API servers; 2: controllers and nodes; 3: Gridlease's own programs. */
export type ProcessLayer = 0 | 1 | 2 | 3;

const bookFile = (dir: string): string => join(dir, 'processes.json');

export const readProcessBook = (dir: string): ProcessRecord[] => {
  try {
    return JSON.parse(readFileSync(bookFile(dir), 'utf8')) as ProcessRecord[];
  } catch {
    // No book: nothing was started there.
    return [];
  }
};

/** Replaced as a whole, so that a reader never sees half of it. */
export const writeProcessBook = (dir: string, records: readonly ProcessRecord[]): void => {
  const file = bookFile(dir);
  // Some programs are given credentials of the federation by their environment.
  writeFileSync(`${file}.new`, JSON.stringify(records, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
};
