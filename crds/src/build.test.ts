import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { generatedFiles, staleFiles } from './build.ts';
import { kinds } from './kinds.ts';

describe('the generated files', () => {
  test('are those that are committed; `npm run crds` writes them', () => {
    expect(staleFiles()).toEqual([]);
  });

  test('differ from an empty folder, so the comparison can fail', () => {
    const empty = mkdtempSync(join(tmpdir(), 'gridlease-crds-'));
    try {
      expect(staleFiles(empty)).toEqual([...generatedFiles().keys()].sort());
    } finally {
      rmSync(empty, { recursive: true });
    }
  });

  test('put each kind into the cluster that has it', () => {
    const files = generatedFiles();
    for (const { resource, cluster } of kinds) {
      for (const folder of ['hub', 'provider']) {
        const path = `crds/manifests/${folder}/${resource.plural}.yaml`;
        const isThere = cluster === folder || cluster === 'both';
        expect([path, files.has(path)]).toEqual([path, isThere]);
        if (!isThere) continue;
        const [document] = parseAllDocuments(files.get(path)!);
        expect(document?.toJS()).toMatchObject({
          kind: 'CustomResourceDefinition',
          metadata: { name: `${resource.plural}.gridlease.dev` },
        });
      }
    }
  });

  test('describe every kind, field and reason in the API reference', () => {
    const reference = generatedFiles().get('docs/reference/api.md') ?? '';
    for (const { resource } of kinds) expect(reference).toContain(`## ${resource.kind}\n`);
    for (const part of ['`spec.gpu.count`', '`FieldNotSupported`', '`operator-writes`']) {
      expect(reference).toContain(part);
    }
  });
});
