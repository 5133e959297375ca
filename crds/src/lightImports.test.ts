import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const IMPORT = /^(?:import|export)\s+(?!type\b)[^;]*?from\s+'([^']+)'/gms;

/** Everything that a file of this folder loads when it is imported; types are erased. */
function loads(file: string, seen = new Set<string>()): Set<string> {
  const source = readFileSync(join(import.meta.dirname, file), 'utf8');
  for (const [, target = ''] of source.matchAll(IMPORT)) {
    if (seen.has(target)) continue;
    seen.add(target);
    if (target.startsWith('./')) loads(target.slice(2), seen);
  }
  return seen;
}

test.each([
  'indexes.ts',
  'leaseState.ts',
  'product.ts',
  'labels.ts',
  'resources.ts',
  'jobDefaults.ts',
  'reasons.ts',
  'conditionReasons.ts',
])('%s loads no zod: programs that only read objects start without it', (file) => {
  expect([...loads(file)]).not.toContain('zod');
});

test('the walk sees zod where it is loaded', () => {
  expect([...loads('gpujob.ts')]).toContain('zod');
});
