import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type AssetEnvironment, type AssetOptions, cacheFolder } from './assets.ts';
import { unpackPackages } from './debianPackages.ts';
import { withFileLock } from './fileLock.ts';
import { MissingToolError } from './missingTool.ts';
import { terminalProgress } from './progress.ts';

/** Where packages are in the cache. */
export const packagesFolder = (env: AssetEnvironment, name: string): string =>
  join(cacheFolder(env), 'packages', name);

export type WantedPackages<Found> = {
  /** Of the folder in the cache. */
  readonly name: string;
  readonly packages: readonly string[];
  /** What to do where they can't be had; begins the message of the error. */
  readonly remedy: string;
  /** What is here now, on this machine or in the cache. */
  readonly find: (env: AssetEnvironment) => Found | undefined;
  /** Makes what was unpacked work where it lies. Throws when it can't. */
  readonly prepare: (folder: string) => void;
};

/** Finds what Debian's packages hold, or unpacks them into the cache, once. Throws MissingToolError. */
export const ensurePackages = async <Found>(
  { name, packages, remedy, find, prepare }: WantedPackages<Found>,
  options: AssetOptions,
): Promise<Found> => {
  const env = options.env ?? process.env;
  const here = find(env);
  if (here !== undefined) return here;
  const folder = packagesFolder(env, name);
  const progress = options.progress ?? terminalProgress();
  mkdirSync(dirname(folder), { recursive: true });
  const lock = { timeoutMilliseconds: 300_000, signal: options.signal };
  return withFileLock(`${folder}.lock`, lock, async () => {
    const meanwhile = find(env);
    if (meanwhile !== undefined) return meanwhile;
    const done = progress.step(`Unpacking Debian's ${name} into ${folder}`);
    // Beside its final place and then renamed: a folder under its final name is whole.
    const temporary = mkdtempSync(join(dirname(folder), '.unpacking-'));
    try {
      unpackPackages(packages, temporary, remedy);
      prepare(temporary);
      rmSync(folder, { recursive: true, force: true });
      renameSync(temporary, folder);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
      done();
    }
    const unpacked = find(env);
    if (unpacked === undefined) throw new MissingToolError(remedy);
    return unpacked;
  });
};
