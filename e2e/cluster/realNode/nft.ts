import { spawnSync } from 'node:child_process';
import { globSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type AssetEnvironment, type AssetOptions, pathFolders } from '../assets.ts';
import { succeeds } from '../debianPackages.ts';
import { ensurePackages, packagesFolder } from '../ensurePackages.ts';
import { MissingToolError } from '../missingTool.ts';

const FOLDER = 'nftables';
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

/** The machine's own, else the one that was unpacked. */
const findNft = (env: AssetEnvironment): string | undefined =>
  [...pathFolders(env), '/usr/sbin', '/sbin', packagesFolder(env, FOLDER)]
    .map((folder) => join(folder, 'nft'))
    .find((nft) => succeeds(nft, '--version'));

/** A program that finds its libraries beside itself. */
const writeLauncher = (folder: string): void => {
  const libraries = globSync('{usr/,}lib/*/lib*.so.*', { cwd: folder }).map(dirname);
  const paths = [...new Set(libraries)].map((path) => `"$here/${path}"`).join(':');
  writeFileSync(
    join(folder, 'nft'),
    `#!/bin/sh\nhere=$(dirname "$(readlink -f "$0")")\nLD_LIBRARY_PATH=${paths} exec "$here/usr/sbin/nft" "$@"\n`,
    { mode: 0o755 },
  );
};

/**
 * Returns the folder of a program nft that does what kube-proxy asks of it: the machine's own, else Debian's, which is
 * unpacked into the cache; nothing is installed. Throws MissingToolError, saying what is missing.
 */
export const ensureNft = async (options: AssetOptions = {}): Promise<string> => {
  const nft = await ensurePackages(
    { name: FOLDER, packages: PACKAGES, remedy: REMEDY, find: findNft, prepare: writeLauncher },
    options,
  );
  const failure = trialFailure(nft);
  if (failure !== undefined) {
    throw new MissingToolError(`${nft} can not make the rules of kube-proxy here: ${failure}`);
  }
  return dirname(nft);
};
