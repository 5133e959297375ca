import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { assetsFolder } from './assets.ts';
import { ensureHelm, HELM_RECIPES, isUsableHelm } from './helmAsset.ts';

const dir = mkdtempSync(join(tmpdir(), 'gridlease-helm-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test.each([
  ['v4.3.1', true],
  ['v3.14.0', true],
  ['v3.22.0+gabc\n', true],
  ['v3.13.3', false],
  ['v2.17.0', false],
  ['Client: &version.Version{SemVer:"v2.9"}', false],
])('a helm that calls itself %j is taken: %s', (version, isTaken) => {
  expect(isUsableHelm(version)).toBe(isTaken);
});

const aHelm = (folder: string, version: string): string => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'helm');
  writeFileSync(file, `#!/bin/sh\necho ${version}\n`);
  chmodSync(file, 0o755);
  return file;
};

test('what was built before comes first, and then a helm on PATH that is new enough', async () => {
  const env = { PATH: join(dir, 'bin'), GRIDLEASE_CACHE: join(dir, 'cache') };
  const onPath = aHelm(env.PATH, 'v3.15.0');
  expect(await ensureHelm({ env })).toBe(onPath);
  const built = aHelm(assetsFolder(env, HELM_RECIPES), 'v4.3.1');
  expect(await ensureHelm({ env })).toBe(built);
});
