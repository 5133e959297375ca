import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type AssetPaths, ensureAssets } from './assets.ts';
import { startChain } from './chain.ts';
import { startControlPlane } from './controlPlane.ts';
import { createNodes } from './nodes.ts';
import { readProcessBook } from './processBook.ts';
import { Processes } from './processes.ts';
import { isRunning } from './processIdentity.ts';
import type { Progress } from './progress.ts';
import { stopProcesses } from './stopProcesses.ts';

export type TestCluster = {
  /** Platform admin: cluster-admin by a binding, not system:masters. */
  readonly kubeconfig: string;
};

/** What the tests of one run share: a hub-like cluster, a provider-like one with simulated GPU nodes, and a chain. */
export type TestEnvironment = {
  readonly dir: string;
  readonly hub: TestCluster;
  readonly provider: TestCluster & {
    /** GPUs by GFD product label. */
    readonly gpus: Readonly<Record<string, number>>;
  };
  readonly chain: {
    readonly rpcURL: string;
    readonly chainId: number;
    readonly accounts: readonly {
      readonly address: `0x${string}`;
      readonly privateKey: `0x${string}`;
    }[];
  };
  readonly assets: AssetPaths;
};

/** Where `testEnv.ts start` leaves an environment running when no folder is named. */
export const defaultTestEnvironmentFolder = (): string =>
  join(tmpdir(), `gridlease-test-env-${userInfo().uid}`);

export const environmentFile = (dir: string): string => join(dir, 'env.json');

export const readTestEnvironment = (file: string): TestEnvironment =>
  JSON.parse(readFileSync(file, 'utf8')) as TestEnvironment;

/** True when all programs of an environment run. */
export const testEnvironmentIsUp = (dir: string): boolean => {
  const records = readProcessBook(dir);
  return records.length > 0 && records.every(isRunning);
};

export type TestEnvironmentOptions = {
  readonly dir: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal | undefined;
};

/** Starts an environment in `dir` and returns the path of its file. Ends what it started when it fails midway. */
export const startTestEnvironment = async (options: TestEnvironmentOptions): Promise<string> => {
  const { dir, signal } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const assets = await ensureAssets({
    signal,
    ...(options.progress ? { progress: options.progress } : {}),
  });
  const processes = new Processes(dir);
  const common = { assets, processes, signal };
  try {
    const [hub, provider, chain] = await Promise.all([
      startControlPlane({ ...common, dir: join(dir, 'hub'), name: 'hub', role: 'hub' }),
      startControlPlane({
        ...common,
        dir: join(dir, 'provider'),
        name: 'provider',
        role: 'provider',
      }),
      startChain({ processes, signal }),
    ]);
    await createNodes(
      provider.client,
      'provider',
      [
        { product: 'H100', nodes: 2, gpusPerNode: 8 },
        { product: 'L40S', nodes: 1, gpusPerNode: 4 },
      ],
      signal,
    );
    const environment: TestEnvironment = {
      dir,
      hub: { kubeconfig: hub.adminKubeconfig },
      provider: {
        kubeconfig: provider.adminKubeconfig,
        gpus: { 'NVIDIA-H100-80GB-HBM3': 16, 'NVIDIA-L40S': 4 },
      },
      chain: {
        rpcURL: chain.rpcURL,
        chainId: chain.chainId,
        accounts: Array.from({ length: 20 }, (_, index) => chain.account(index)),
      },
      assets,
    };
    hub.client.close();
    provider.client.close();
    writeFileSync(environmentFile(dir), JSON.stringify(environment, null, 2), { mode: 0o600 });
    return environmentFile(dir);
  } catch (error) {
    await processes.stop();
    throw error;
  }
};

/** Ends the programs of the environment in `dir` and removes the folder. */
export const stopTestEnvironment = async (dir: string): Promise<void> => {
  await stopProcesses(readProcessBook(dir));
  rmSync(dir, { recursive: true, force: true });
};

/** Runs `work` with a fresh environment and its file; ends the environment whatever happens. */
export const withTestClusters = async <T>(
  work: (envFile: string) => Promise<T>,
  options: Omit<TestEnvironmentOptions, 'dir'> = {},
): Promise<T> => {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-test-'));
  try {
    return await work(await startTestEnvironment({ ...options, dir }));
  } finally {
    await stopTestEnvironment(dir);
  }
};
