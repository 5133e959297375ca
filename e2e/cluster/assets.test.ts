import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ASSET_RECIPES, assetsKey } from './assetRecipes.ts';
import { assetsFolder, ensureAssets, ensureNodeAssets, estimate, findAsset } from './assets.ts';
import { NODE_RECIPES, SERVICE_RECIPES } from './nodeAssetRecipes.ts';
import { silentProgress } from './progress.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gridlease-assets-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const binaryIn = (folder: string, name: string): string => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
};

describe('where binaries are looked for', () => {
  test('GRIDLEASE_ASSETS comes before KUBEBUILDER_ASSETS, and both before the cache', () => {
    const env = {
      GRIDLEASE_ASSETS: join(dir, 'own'),
      KUBEBUILDER_ASSETS: join(dir, 'kubebuilder'),
      GRIDLEASE_CACHE: join(dir, 'cache'),
    };
    const cached = binaryIn(assetsFolder(env), 'etcd');
    expect(findAsset('etcd', env)).toBe(cached);
    const kubebuilder = binaryIn(env.KUBEBUILDER_ASSETS, 'etcd');
    expect(findAsset('etcd', env)).toBe(kubebuilder);
    const own = binaryIn(env.GRIDLEASE_ASSETS, 'etcd');
    expect(findAsset('etcd', env)).toBe(own);
  });

  test('a kubectl that happens to be on PATH is not taken', () => {
    binaryIn(join(dir, 'bin'), 'kubectl');
    const env = { PATH: join(dir, 'bin'), GRIDLEASE_CACHE: join(dir, 'cache') };
    expect(findAsset('kubectl', env)).toBeUndefined();
  });

  test('a file that can not be executed is not taken', () => {
    const env = { GRIDLEASE_CACHE: join(dir, 'cache') };
    chmodSync(binaryIn(assetsFolder(env), 'kwok'), 0o644);
    expect(findAsset('kwok', env)).toBeUndefined();
  });

  test.each([
    [{ GRIDLEASE_CACHE: '/c' }, '/c/assets/'],
    [{ XDG_CACHE_HOME: '/x' }, '/x/gridlease/assets/'],
  ])('the cache follows %j', (env, prefix) => {
    expect(assetsFolder(env)).toBe(`${prefix}${assetsKey()}`);
  });
});

test('nothing is built and nothing is said when all are there', async () => {
  for (const recipe of ASSET_RECIPES) binaryIn(dir, recipe.name);
  const said: string[] = [];
  const paths = await ensureAssets({
    env: { GRIDLEASE_ASSETS: dir },
    progress: { ...silentProgress, line: (text) => said.push(text) },
  });
  expect(paths.kwok).toBe(join(dir, 'kwok'));
  expect(said).toEqual([]);
});

test('a federation without real nodes never looks for what they need', async () => {
  const keys = [ASSET_RECIPES, NODE_RECIPES, SERVICE_RECIPES].map(assetsKey);
  expect(new Set(keys).size).toBe(keys.length);
  const env = { GRIDLEASE_CACHE: join(dir, 'cache') };
  for (const recipe of NODE_RECIPES) binaryIn(assetsFolder(env, NODE_RECIPES), recipe.name);
  const paths = await ensureNodeAssets({ env, progress: silentProgress });
  expect(paths.kubelet).toBe(join(assetsFolder(env, NODE_RECIPES), 'kubelet'));
  expect(findAsset('etcd', env)).toBeUndefined();
});

test.each([
  [ASSET_RECIPES, 'about 11 minutes, once'],
  [ASSET_RECIPES.filter((recipe) => recipe.name === 'kube-scheduler'), 'about 1 minute, once'],
])('what a build takes is said in minutes', (recipes, expected) => {
  expect(estimate(recipes)).toBe(expected);
});
