import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ASSET_RECIPES, type AssetName, type AssetRecipe, assetsKey } from './assetRecipes.ts';
import { buildAsset, requireGo } from './buildAsset.ts';
import { withFileLock } from './fileLock.ts';
import {
  NODE_RECIPES,
  type NodeAssetName,
  SERVICE_RECIPES,
  type ServiceAssetName,
} from './nodeAssetRecipes.ts';
import { type Progress, terminalProgress } from './progress.ts';

/** Absolute path of each binary. */
export type AssetPaths = Readonly<Record<AssetName, string>>;

/** Absolute path of each of a real node's binaries. */
export type NodeAssetPaths = Readonly<Record<NodeAssetName, string>>;

/** Absolute path of each of the programs that make Services work on a real node. */
export type ServiceAssetPaths = Readonly<Record<ServiceAssetName, string>>;

export type AssetEnvironment = Readonly<Record<string, string | undefined>>;

/** Whether this process may execute a file. */
export const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The folders of PATH. */
export const pathFolders = (env: AssetEnvironment): readonly string[] =>
  (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');

/** `$GRIDLEASE_CACHE`, else `$XDG_CACHE_HOME/gridlease`, else `~/.cache/gridlease`. */
export const cacheFolder = (env: AssetEnvironment): string =>
  env['GRIDLEASE_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gridlease');

/** In the cache: `assets/<key of the pins>`. */
export const assetsFolder = (
  env: AssetEnvironment = process.env,
  recipes: readonly AssetRecipe[] = ASSET_RECIPES,
): string => join(cacheFolder(env), 'assets', assetsKey(recipes));

/** Where a program of a set is now, see findAsset. */
export const findIn = (
  recipes: readonly AssetRecipe[],
  name: string,
  env: AssetEnvironment,
): string | undefined =>
  [env['GRIDLEASE_ASSETS'], env['KUBEBUILDER_ASSETS'], assetsFolder(env, recipes)]
    .filter((folder): folder is string => Boolean(folder))
    .map((folder) => join(folder, name))
    .find(isExecutable);

/** Where a binary is now: a folder the user named comes before our cache. Binaries on PATH are never taken silently. */
export const findAsset = (
  name: AssetName,
  env: AssetEnvironment = process.env,
): string | undefined => findIn(ASSET_RECIPES, name, env);

/** As findAsset, for a real node's programs. */
export const findNodeAsset = (
  name: NodeAssetName,
  env: AssetEnvironment = process.env,
): string | undefined => findIn(NODE_RECIPES, name, env);

/** "about 11 minutes, once" for everything, less for a part. */
export const estimate = (recipes: readonly AssetRecipe[]): string => {
  const seconds = recipes.reduce((sum, recipe) => sum + recipe.aboutSeconds, 0);
  const minutes = Math.max(1, Math.round(seconds / 60));
  return `about ${minutes} minute${minutes === 1 ? '' : 's'}, once`;
};

export type AssetOptions = {
  readonly env?: AssetEnvironment;
  readonly progress?: Progress;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Returns the paths of all binaries of a set, building from pinned Go modules those that aren't there yet.
 * Safe to call from several processes at once: one builds, the others wait, and nobody sees half a binary.
 * Throws MissingToolError or AssetBuildError, which say what to do.
 */
export const ensureRecipes = async <Name extends string>(
  recipes: readonly AssetRecipe<Name>[],
  options: AssetOptions = {},
): Promise<Readonly<Record<Name, string>>> => {
  const env = options.env ?? process.env;
  const progress = options.progress ?? terminalProgress();
  const missingRecipes = () =>
    recipes.filter((recipe) => findIn(recipes, recipe.name, env) === undefined);
  const missing = missingRecipes();
  if (missing.length > 0) {
    const folder = assetsFolder(env, recipes);
    progress.line(
      `Building ${missing.map((recipe) => recipe.name).join(', ')} from pinned Go modules into ${folder}: ${estimate(missing)}.`,
    );
    await requireGo();
    mkdirSync(folder, { recursive: true });
    await withFileLock(
      join(folder, '.lock'),
      {
        timeoutMilliseconds: 3_600_000,
        signal: options.signal,
        onWait: (holder) =>
          progress.line(`Process ${holder.pid} is building them already; waiting for it.`),
      },
      async () => {
        const still = missingRecipes();
        for (const [index, recipe] of still.entries()) {
          const done = progress.step(`[${index + 1}/${still.length}] go build ${recipe.name}`);
          try {
            await buildAsset(recipe, folder, options.signal);
          } finally {
            done();
          }
        }
      },
    );
  }
  return Object.fromEntries(
    recipes.map((recipe) => [recipe.name, findIn(recipes, recipe.name, env) ?? '']),
  ) as Record<Name, string>;
};

/** What control planes and simulated nodes need, see ensureRecipes. */
export const ensureAssets = (options: AssetOptions = {}): Promise<AssetPaths> =>
  ensureRecipes(ASSET_RECIPES, options);

/** What real nodes need, see ensureRecipes. */
export const ensureNodeAssets = (options: AssetOptions = {}): Promise<NodeAssetPaths> =>
  ensureRecipes(NODE_RECIPES, options);

/** What Services need on real nodes, see ensureRecipes; the program nft besides, see ensureNft. */
export const ensureServiceAssets = (options: AssetOptions = {}): Promise<ServiceAssetPaths> =>
  ensureRecipes(SERVICE_RECIPES, options);
