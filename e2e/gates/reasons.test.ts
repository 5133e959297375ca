import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { reasons } from '@gridlease/crds/conditionReasons';
import * as lists from '@gridlease/crds/reasons';
import { expect, test } from '@jest/globals';
import { sourceFiles } from './imports.ts';

const root = resolve(import.meta.dirname, '../..');

/** Every word that is the key of a sentence in the closed lists, however deep. */
function words(list: unknown): readonly string[] {
  if (typeof list !== 'object' || list === null) return [];
  return Object.entries(list).flatMap(([name, meaning]) =>
    typeof meaning === 'string' ? [name] : words(meaning),
  );
}

test('every reason that the reference explains is written by some stage', () => {
  const source = ['operator/src', 'provider-agent/src', 'contracts/ts']
    .flatMap((folder) => sourceFiles(join(root, folder)))
    .filter((file) => !/\.test\.ts$|\/testing\//.test(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const listed = new Set([...words(reasons), ...words(lists)]);
  expect(listed.size).toBeGreaterThan(50);
  const never = [...listed].filter((reason) => !new RegExp(`\\b${reason}\\b`).test(source));
  expect(never).toEqual([]);
});
