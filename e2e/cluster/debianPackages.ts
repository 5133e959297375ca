import { spawnSync } from 'node:child_process';
import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MissingToolError } from './missingTool.ts';

/** Whether a program can be started and ends with 0. */
export const succeeds = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Whether apt knows these packages and they can be unpacked here; nothing is fetched. */
export const canFetchPackages = (packages: readonly string[]): boolean =>
  succeeds('dpkg-deb', '--version') && succeeds('apt-get', 'download', '--print-uris', ...packages);

/** Unpacks Debian's packages into a folder; nothing is installed. Throws MissingToolError with `remedy` and what apt said. */
export const unpackPackages = (
  packages: readonly string[],
  folder: string,
  remedy: string,
): void => {
  const download = spawnSync('apt-get', ['download', ...packages], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (download.status !== 0) {
    const said = download.error?.message ?? download.stderr.trim();
    throw new MissingToolError(`${remedy}. apt-get download said: ${said}`);
  }
  for (const archive of globSync('*.deb', { cwd: folder })) {
    spawnSync('dpkg-deb', ['--extract', archive, '.'], { cwd: folder });
    rmSync(join(folder, archive));
  }
};
