import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = dirname(fileURLToPath(import.meta.url));
const stages = [
  'queue',
  'match',
  'lease',
  'federation',
  'billing',
  'settlement',
  'recovery',
  'anchor',
  'signals',
];
const files = stages.flatMap((stage) =>
  readdirSync(join(root, stage))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${stage}/${name}`),
);

test.each(files)('%s imports nothing of another stage or of the program', (file) => {
  const [stage] = file.split('/');
  const source = readFileSync(join(root, file), 'utf8');
  const imported = [...source.matchAll(/from '(\.[^']+)'/g)].map(([, path]) =>
    relative(root, resolve(root, dirname(file), path!)),
  );
  expect(imported.filter((path) => !path.startsWith(`${stage}/`))).toEqual([]);
});

test('decisions are pure: no clock, no client, no randomness', () => {
  for (const stage of ['queue', 'match', 'lease', 'recovery', 'signals']) {
    const source = readFileSync(join(root, stage, 'decide.ts'), 'utf8');
    expect(source).not.toMatch(/Date\.now|new Date\(\)|Math\.random|ResourceClient|Informer/);
  }
});
