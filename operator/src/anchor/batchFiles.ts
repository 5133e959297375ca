import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '@gridlease/contracts/canonicalJson';
import type { Address, Hex } from 'viem';

/** Everything that a proof of one of its placements is made from. */
export type StoredBatch = {
  readonly protocolVersion: 1;
  readonly chainId: number;
  /** The PlacementAnchor contract. */
  readonly anchor: Address;
  readonly publisher: Address;
  readonly hub: Hex;
  readonly root: Hex;
  readonly previousHead: Hex;
  readonly firstTime: number;
  readonly lastTime: number;
  /** Ascending. */
  readonly digests: readonly Hex[];
  /** Where it is, once that is final. */
  readonly transactionHash?: Hex;
  readonly blockNumber?: string;
};

/** The batches on the operator's volume, named by their root. */
export type BatchFiles = {
  put(batch: StoredBatch): Promise<void>;
  get(root: Hex): Promise<StoredBatch | undefined>;
  list(): Promise<readonly StoredBatch[]>;
  /** Deletes what is older than this. */
  prune(olderThanMs: number, nowMs: number): Promise<void>;
};

/** A folder with one file a batch. */
export function batchFiles(directory: string): BatchFiles {
  const pathOf = (root: Hex) => join(directory, `${root}.json`);
  const names = async () =>
    (await readdir(directory).catch(() => [])).filter((name) =>
      /^0x[0-9a-f]{64}\.json$/.test(name),
    );
  const read = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as StoredBatch;
  return {
    async put(batch) {
      await mkdir(directory, { recursive: true });
      const path = pathOf(batch.root);
      // Renamed into place: a reader never sees half a batch.
      await writeFile(`${path}.${process.pid}`, canonicalJson(batch));
      await rename(`${path}.${process.pid}`, path);
    },
    get: (root) => read(pathOf(root)).catch(() => undefined),
    list: async () => Promise.all((await names()).map((name) => read(join(directory, name)))),
    async prune(olderThanMs, nowMs) {
      for (const name of await names()) {
        const path = join(directory, name);
        const { mtimeMs } = await stat(path);
        if (nowMs - mtimeMs > olderThanMs) await rm(path, { force: true });
      }
    },
  };
}
