import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KUBERNETES = { version: 'v1.36.3', major: '1', minor: '36' } as const;

export type AssetName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubectl'
  | 'kwok';

export type AssetRecipe<Name extends string = string> = {
  readonly name: Name;
  /** Folder under go/ whose committed go.mod and go.sum pin every source file of the build. */
  readonly module: string;
  readonly package: string;
  readonly linkerFlags: string;
  /** Build tags, separated by spaces. Default none. */
  readonly tags?: string;
  /** A C library that is linked in. Default none: no C compiler is needed. */
  readonly library?: 'seccomp';
  /** Seconds on two cold cores, for the estimate that people are shown. */
  readonly aboutSeconds: number;
};

const versionFlag = (field: string, value: string): string =>
  `-X k8s.io/component-base/version.${field}=${value}`;

/** One of Kubernetes' own programs. */
export const kubernetes = <Name extends string>(
  name: Name,
  aboutSeconds: number,
): AssetRecipe<Name> => ({
  name,
  module: 'kubernetes',
  package: `k8s.io/kubernetes/cmd/${name}`,
  linkerFlags: [
    '-s -w',
    versionFlag('gitVersion', KUBERNETES.version),
    versionFlag('gitMajor', KUBERNETES.major),
    versionFlag('gitMinor', KUBERNETES.minor),
  ].join(' '),
  aboutSeconds,
});

/** What a federation runs, in the order in which it is built: what a single control plane needs comes first. */
export const ASSET_RECIPES: readonly AssetRecipe<AssetName>[] = [
  {
    name: 'etcd',
    module: 'etcd',
    package: 'go.etcd.io/etcd/server/v3',
    linkerFlags: '-s -w',
    aboutSeconds: 40,
  },
  kubernetes('kube-apiserver', 305),
  kubernetes('kubectl', 35),
  kubernetes('kube-controller-manager', 140),
  {
    name: 'kwok',
    module: 'kwok',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    linkerFlags: '-s -w',
    aboutSeconds: 130,
  },
  kubernetes('kube-scheduler', 10),
];

export const moduleFolder = (module: string): string =>
  fileURLToPath(new URL(`./go/${module}`, import.meta.url));

/**
 * The same pins on the same platform have the same key, so that binaries of another version are never used.
 * Each set of programs has a key of its own: who runs no real node never builds one.
 */
export const assetsKey = (recipes: readonly AssetRecipe[] = ASSET_RECIPES): string => {
  const hash = createHash('sha256');
  hash.update(`${platform()}/${arch()}\n`);
  for (const { name, package: source, linkerFlags, tags } of recipes) {
    hash.update(`${name} ${source} ${linkerFlags}${tags === undefined ? '' : ` ${tags}`}\n`);
  }
  for (const module of new Set(recipes.map((recipe) => recipe.module))) {
    hash.update(readFileSync(join(moduleFolder(module), 'go.mod')));
    hash.update(readFileSync(join(moduleFolder(module), 'go.sum')));
  }
  return hash.digest('hex').slice(0, 16);
};
