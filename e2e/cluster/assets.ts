import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ASSET_RECIPES, type AssetName, type AssetRecipe, assetsKey } from './assetRecipes.ts';
import { buildAsset, requireGo } from './buildAsset.ts';
import { withFileLock } from './fileLock.ts';
import { type Progress, terminalProgress } from './progress.ts';

/** Absolute path of each binary. */
export type AssetPaths = Readonly<Record<AssetName, string>>;

export type AssetEnvironment = Readonly<Record<string, string | undefined>>;

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** `$GRIDLEASE_CACHE`, else `$XDG_CACHE_HOME/gridlease`, else `~/.cache/gridlease`; then `assets/<key of the pins>`. */
export const assetsFolder = (env: AssetEnvironment = process.env): string => {
  const base =
    env['GRIDLEASE_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gridlease');
  return join(base, 'assets', assetsKey());
};

/** Where a binary is now: a folder the user named comes before our cache. Binaries on PATH are never taken silently. */
export const findAsset = (
  name: AssetName,
  env: AssetEnvironment = process.env,
): string | undefined =>
  [env['GRIDLEASE_ASSETS'], env['KUBEBUILDER_ASSETS'], assetsFolder(env)]
    .filter((folder): folder is string => Boolean(folder))
    .map((folder) => join(folder, name))
    .find(isExecutable);

const missingRecipes = (env: AssetEnvironment): AssetRecipe[] =>
  ASSET_RECIPES.filter((recipe) => findAsset(recipe.name, env) === undefined);

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
 * Returns the paths of all Kubernetes binaries, building from pinned Go modules those that aren't there yet.
 * Safe to call from several processes at once: one builds, the others wait, and nobody sees half a binary.
 * Throws MissingToolError or AssetBuildError, which say what to do.
 */
export const ensureAssets = async (options: AssetOptions = {}): Promise<AssetPaths> => {
  const env = options.env ?? process.env;
  const progress = options.progress ?? terminalProgress();
  const missing = missingRecipes(env);
  if (missing.length > 0) {
    const folder = assetsFolder(env);
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
        const still = missingRecipes(env);
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
    ASSET_RECIPES.map((recipe) => [recipe.name, findAsset(recipe.name, env) ?? '']),
  ) as AssetPaths;
};
