import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Processes } from '../../../e2e/cluster/processes.ts';
import { type S3Store, startS3 } from '../../../e2e/cluster/s3.ts';
import { ensureS3Asset } from '../../../e2e/cluster/s3Asset.ts';

/** A real S3 server of a test's own, and a folder for its files. */
export type TestStore = AsyncDisposable & {
  readonly store: S3Store;
  readonly dir: string;
  readonly processes: Processes;
};

/** On a cold cache the server is built first, which takes a minute. */
export const startTestStore = async (): Promise<TestStore> => {
  const assets = await ensureS3Asset();
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-examples-'));
  const processes = new Processes(dir);
  const store = await startS3({ processes, dir: join(dir, 's3'), assets });
  return {
    store,
    dir,
    processes,
    [Symbol.asyncDispose]: async () => {
      await processes.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
