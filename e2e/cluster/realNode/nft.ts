import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type AssetEnvironment, type AssetOptions, cacheFolder } from '../assets.ts';
import { withFileLock } from '../fileLock.ts';
import { MissingToolError } from '../missingTool.ts';
import { terminalProgress } from '../progress.ts';

/** The program and the libraries of it that a system without it seldom has. */
const PACKAGES = [
  ...['nftables', 'libnftables1', 'libnftnl11', 'libmnl0', 'libjansson4'],
  ...['libxtables12', 'libgmp10', 'libedit2', 'libbsd0', 'libmd0'],
] as const;
const REMEDY = 'kube-proxy needs nft 1.0.1 or newer: install Debian’s package nftables';

/**
 * What kube-proxy makes of a Service, tried out in a network namespace of its own, of which nothing is left: a chain
 * that translates addresses, on a map, and masquerades.
 */
const TRIAL = `
add table ip trial
add map ip trial services { type inet_proto . inet_service : verdict ; }
add chain ip trial output { type nat hook output priority -100 ; }
add chain ip trial postrouting { type nat hook postrouting priority 100 ; }
add chain ip trial endpoint
add rule ip trial endpoint meta l4proto tcp dnat ip to numgen random mod 1 map { 0 : 192.0.2.1 . 80 }
add element ip trial services { tcp . 80 : goto endpoint }
add rule ip trial output ip daddr 192.0.2.2 meta l4proto . th dport vmap @services
add rule ip trial postrouting mark and 0x4000 != 0 masquerade fully-random
`;

/** Why this nft can't do what kube-proxy asks of it, or undefined. */
const trialFailure = (nft: string): string | undefined => {
  const { status, stderr, error } = spawnSync('unshare', ['--net', nft, '-f', '-'], {
    input: TRIAL,
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  return error?.message ?? stderr.trim().split('\n')[0] ?? 'it ended without a word';
};

const packagesFolder = (env: AssetEnvironment): string =>
  join(cacheFolder(env), 'packages', 'nftables');

const runs = (nft: string): boolean =>
  spawnSync(nft, ['--version'], { stdio: 'ignore' }).status === 0;

/** The machine's own, else the one that was unpacked. */
const findNft = (env: AssetEnvironment): string | undefined =>
  [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', packagesFolder(env)]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'nft'))
    .find(runs);

/** Unpacked beside its final place and renamed, so that what is under its final name is whole. */
const unpackNft = (folder: string): void => {
  const temporary = mkdtempSync(join(dirname(folder), '.unpacking-'));
  try {
    const download = spawnSync('apt-get', ['download', ...PACKAGES], {
      cwd: temporary,
      encoding: 'utf8',
    });
    if (download.status !== 0) {
      const said = download.error?.message ?? download.stderr.trim();
      throw new MissingToolError(`${REMEDY}. apt-get download said: ${said}`);
    }
    for (const archive of globSync('*.deb', { cwd: temporary })) {
      spawnSync('dpkg-deb', ['--extract', archive, '.'], { cwd: temporary });
      rmSync(join(temporary, archive));
    }
    const libraries = globSync('{usr/,}lib/*/lib*.so.*', { cwd: temporary }).map(dirname);
    const paths = [...new Set(libraries)].map((path) => `"$here/${path}"`).join(':');
    writeFileSync(
      join(temporary, 'nft'),
      `#!/bin/sh\nhere=$(dirname "$(readlink -f "$0")")\nLD_LIBRARY_PATH=${paths} exec "$here/usr/sbin/nft" "$@"\n`,
      { mode: 0o755 },
    );
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
};

/**
 * Returns the folder of a program nft that does what kube-proxy asks of it: the machine's own, else Debian's, which is
 * unpacked into the cache; nothing is installed. Throws MissingToolError, saying what is missing.
 */
export const ensureNft = async (options: AssetOptions = {}): Promise<string> => {
  const env = options.env ?? process.env;
  if (findNft(env) === undefined) {
    const folder = packagesFolder(env);
    const progress = options.progress ?? terminalProgress();
    mkdirSync(dirname(folder), { recursive: true });
    await withFileLock(
      `${folder}.lock`,
      { timeoutMilliseconds: 300_000, signal: options.signal },
      async () => {
        if (findNft(env) !== undefined) return;
        const done = progress.step(`Unpacking Debian's nftables into ${folder}`);
        try {
          unpackNft(folder);
        } finally {
          done();
        }
      },
    );
  }
  const nft = findNft(env);
  if (nft === undefined) throw new MissingToolError(REMEDY);
  const failure = trialFailure(nft);
  if (failure !== undefined) {
    throw new MissingToolError(`${nft} can not make the rules of kube-proxy here: ${failure}`);
  }
  return dirname(nft);
};
