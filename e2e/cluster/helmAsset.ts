import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AssetRecipe } from './assetRecipes.ts';
import {
  type AssetEnvironment,
  type AssetOptions,
  ensureRecipes,
  findIn,
  isExecutable,
  pathFolders,
} from './assets.ts';

/** A set of its own with a key of its own: who tests no chart never builds it. */
export const HELM_RECIPES: readonly AssetRecipe<'helm'>[] = [
  {
    name: 'helm',
    module: 'helm',
    package: 'helm.sh/helm/v4/cmd/helm',
    linkerFlags: '-s -w -X helm.sh/helm/v4/internal/version.version=v4.3.1',
    aboutSeconds: 150,
  },
];

const run = promisify(execFile);

/** 3.14 is the oldest whose `template` and `lint` keep a closed schema and know --dry-run=server. */
export const isUsableHelm = (version: string): boolean => {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version.trim()) ?? [];
  return Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 14);
};

/** The helm on PATH, where it is new enough: unlike a control plane's programs it decides nothing about a test's result. */
const helmOnPath = async (env: AssetEnvironment): Promise<string | undefined> => {
  const path = pathFolders(env)
    .map((folder) => join(folder, 'helm'))
    .find(isExecutable);
  if (path === undefined) return undefined;
  try {
    const { stdout } = await run(path, ['version', '--template', '{{.Version}}']);
    return isUsableHelm(stdout) ? path : undefined;
  } catch {
    // One that does not start is none: ours is built.
    return undefined;
  }
};

/** Environment in which Helm keeps what it knows in `dir`: what a person has configured for theirs decides nothing. */
export const helmFolders = (dir: string): Readonly<Record<string, string>> => ({
  // Else the cache of what clusters serve lies in the person's own folder, or where the command was given.
  HOME: dir,
  HELM_CACHE_HOME: join(dir, 'cache'),
  HELM_CONFIG_HOME: join(dir, 'config'),
  HELM_DATA_HOME: join(dir, 'data'),
});

/** Absolute path of helm: the one on PATH from 3.14 on, else one built from a pinned Go module, see ensureRecipes. */
export const ensureHelm = async (options: AssetOptions = {}): Promise<string> => {
  const env = options.env ?? process.env;
  const found = findIn(HELM_RECIPES, 'helm', env) ?? (await helmOnPath(env));
  return found ?? (await ensureRecipes(HELM_RECIPES, options)).helm;
};
