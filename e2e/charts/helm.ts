import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { helmFolders } from '../cluster/helmAsset.ts';

const run = promisify(execFile);

export type HelmRelease = {
  readonly name: string;
  readonly namespace: string;
  /** Folder of the chart. */
  readonly chart: string;
  readonly values: object;
};

/** Helm against one cluster, as a person would type it; rejects with what helm printed. */
export type Helm = {
  run(...args: readonly string[]): Promise<string>;
  /** Installs a release, or upgrades it, and waits until its pods are ready and its check has passed. */
  upgrade(release: HelmRelease): Promise<string>;
  /** Rejects when it takes longer than a minute. */
  uninstall(release: Pick<HelmRelease, 'name' | 'namespace'>): Promise<string>;
};

/** Helm keeps what it knows of repositories in `dir`, not in the folder of the person who runs this. */
export const helmFor = (binary: string, kubeconfig: string, dir: string): Helm => {
  const scratch = mkdtempSync(join(dir, 'helm-'));
  const env = { PATH: process.env['PATH'] ?? '', ...helmFolders(scratch) };
  let files = 0;
  const helm = async (...args: readonly string[]): Promise<string> => {
    const command = ['--kubeconfig', kubeconfig, ...args];
    try {
      const { stdout } = await run(binary, command, { env, timeout: 240_000 });
      return stdout;
    } catch (cause) {
      const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
      throw new Error(`helm ${args.join(' ')} failed:\n${stderr}${stdout}`, { cause });
    }
  };
  return {
    run: helm,
    upgrade: ({ name, namespace, chart, values }) => {
      files += 1;
      const file = join(scratch, `values-${files}.yaml`);
      writeFileSync(file, stringify(values), { mode: 0o600 });
      const where = ['--namespace', namespace, '--values', file];
      return helm('upgrade', '--install', name, chart, ...where, '--wait', '--timeout=180s');
    },
    uninstall: ({ name, namespace }) =>
      helm('uninstall', name, '--namespace', namespace, '--wait', '--timeout=60s'),
  };
};
