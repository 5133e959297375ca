import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '@gridlease/contracts/canonicalJson';
import { type Hex, keccak256, stringToHex } from 'viem';
import type { PlacementFacts } from './facts.ts';

/** Where the full inputs of placements are kept, named by their hash. */
export type BundleStore = {
  /** Stores the facts durably and returns their hash: keccak256 of the canonical JSON. */
  put(facts: PlacementFacts): Promise<Hex>;
  /** Deletes what is older than this. */
  prune(olderThanMs: number, nowMs: number): Promise<void>;
};

/** A folder with one file per bundle; a repeated put of the same facts is the same file. */
export function bundleStore(directory: string): BundleStore {
  return {
    async put(facts) {
      const text = canonicalJson(facts);
      const digest = keccak256(stringToHex(text));
      const path = join(directory, `${digest}.json`);
      await mkdir(directory, { recursive: true });
      // Renamed into place: a reader never sees half a bundle.
      await writeFile(`${path}.${process.pid}`, text);
      await rename(`${path}.${process.pid}`, path);
      return digest;
    },
    async prune(olderThanMs, nowMs) {
      const names = await readdir(directory).catch(() => []);
      for (const name of names) {
        const path = join(directory, name);
        const { mtimeMs } = await stat(path);
        if (nowMs - mtimeMs > olderThanMs) await rm(path, { force: true });
      }
    },
  };
}
