import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { importsOf, importViolations, stagesOf } from './imports.ts';

const root = resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'gridlease-imports-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function tree(name: string, files: Record<string, string>): string {
  const folder = join(scratch, name);
  const empty = ['kube', 'crds', 'contracts', 'operator', 'provider-agent'].map(
    (w) => `${w}/src/a.ts`,
  );
  for (const [file, text] of [...empty.map((f) => [f, ''] as const), ...Object.entries(files)]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

describe('stages are joined by objects, never by imports', () => {
  test('no file of this repository crosses a border', () => {
    expect(importViolations(root)).toEqual([]);
  });

  test('each stage of the way of a job has a folder of its own', () => {
    for (const stage of ['queue', 'match', 'lease', 'federation', 'billing', 'settlement']) {
      expect(stagesOf(root, 'operator')).toContain(stage);
    }
    for (const stage of ['inventory', 'offer', 'accept', 'run', 'meter', 'redeem']) {
      expect(stagesOf(root, 'provider-agent')).toContain(stage);
    }
  });

  const stages = ['operator', 'provider-agent'].flatMap((program) =>
    stagesOf(root, program).map((stage) => join(root, program, 'src', stage)),
  );
  test.each(stages.map((stage) => relative(root, stage)))('%s decides in a pure file', (stage) => {
    const source = readFileSync(join(root, stage, 'decide.ts'), 'utf8');
    expect(source).toMatch(/^export function /m);
    // Clock, chance and the world come in as arguments.
    expect(source).not.toMatch(/\bDate\.now|new Date\(\)|Math\.random|\bawait\b|\bfetch\(/);
    expect(source).not.toMatch(/\bResourceClient\b|\bInformer\b/);
  });

  const refused: Record<string, Record<string, string>> = {
    'a stage that imports another stage': {
      'operator/src/match/decide.ts': "import { x } from '../lease/decide.ts';",
      'operator/src/lease/decide.ts': '',
    },
    'a stage that loads another stage late': {
      'operator/src/match/decide.ts': "await import('../lease/decide.ts');",
      'operator/src/lease/decide.ts': '',
    },
    'a test of a stage that imports another stage': {
      'operator/src/match/decide.test.ts': "import { x } from '../lease/decide.ts';",
      'operator/src/lease/decide.ts': '',
    },
    'a stage that imports the wiring': {
      'operator/src/match/decide.ts': "import { y } from '../operator.ts';",
    },
    'the agent importing the operator': {
      'provider-agent/src/run/a.ts': "import { z } from '@gridlease/operator/match/decide';",
    },
    'the runtime importing the objects': {
      'kube/src/b.ts': "import { z } from '@gridlease/crds/gpujob';",
    },
    'a workspace left by a path': { 'crds/src/b.ts': "import { z } from '../../kube/src/a.ts';" },
  };
  test.each(Object.keys(refused))('refuses %s', (name) => {
    expect(importViolations(tree(name.replaceAll(' ', '-'), refused[name]!))).toHaveLength(1);
  });

  test('allows the wiring to import every stage, and a stage its own files', () => {
    const folder = tree('allowed', {
      'operator/src/operator.ts': "import { a } from './match/reconcile.ts';",
      'operator/src/match/reconcile.ts':
        "import { d } from './decide.ts';\nimport { k } from '@gridlease/kube/informer';",
      'operator/src/match/decide.ts': '',
      'operator/src/match/decide.test.ts': "import '../keyring.ts';\nimport '@gridlease/e2e/x';",
    });
    expect(importViolations(folder)).toEqual([]);
  });

  test('finds static, bare and dynamic imports and re-exports', () => {
    const source =
      "import a from 'a';\nimport 'b';\nconst c = await import('c');\nexport { d } from 'd';";
    expect(importsOf(source)).toEqual(['a', 'b', 'c', 'd']);
  });
});
