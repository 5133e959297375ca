import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { generatedFiles, staleFiles } from '../src/build.ts';
import { manifestTemplate } from '../src/manifestTemplate.ts';
import { keysOf } from '../src/values/describe.ts';

const root = mkdtempSync(join(tmpdir(), 'gridlease-charts-build-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('a file that was edited and one that no source makes any more are named', () => {
  const files = generatedFiles();
  for (const { path, text } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  expect(staleFiles(root, files)).toEqual([]);
  const edited = 'charts/gridlease-operator/templates/rbac.yaml';
  writeFileSync(join(root, edited), 'rules: ["*"]\n');
  const orphan = 'charts/gridlease-crds/templates/gone.yaml';
  writeFileSync(join(root, orphan), '# Generated from x by `npm run charts`. Do not edit.\n');
  expect(staleFiles(root, files)).toEqual([orphan, edited]);
}, 60_000);

test('a value without a description is refused', () => {
  const values = z.strictObject({
    image: z.strictObject({ tag: z.string().default('') }).prefault({}),
  });
  expect(() => keysOf(values, values.parse({}))).toThrow('image says nothing about itself');
});

test('a manifest with text that Helm would take for its own is refused', () => {
  const [document] = parseAllDocuments('kind: ConfigMap\ndata: { a: "{{ .b }}" }\n');
  expect(() => manifestTemplate(document!)).toThrow('Helm would take a part of this');
});
