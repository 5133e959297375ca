import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { kinds } from './kinds.ts';
import { customResourceDefinition } from './manifest.ts';
import { policyObjects } from './policies.ts';
import { apiReference } from './reference.ts';

/**
 * `node crds/src/build.ts` writes everything that follows from the kinds: manifests and API reference.
 * `--check` writes nothing, names the files that differ and exits 1.
 */

const repository = join(import.meta.dirname, '..', '..');
const header = '# Generated from crds/src by `npm run crds`. Do not edit.\n';

function yaml(objects: readonly unknown[]): string {
  const options = { lineWidth: 0, aliasDuplicateObjects: false };
  return header + objects.map((object) => stringify(object, options)).join('---\n');
}

/** Path below the repository → content. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const kind of kinds) {
    const clusters = kind.cluster === 'both' ? ['hub', 'provider'] : [kind.cluster];
    for (const cluster of clusters) {
      const path = `crds/manifests/${cluster}/${kind.resource.plural}.yaml`;
      files.set(path, yaml([customResourceDefinition(kind)]));
    }
  }
  files.set('crds/manifests/hub/policies.yaml', yaml(policyObjects()));
  files.set('docs/reference/api.md', apiReference());
  return files;
}

function existing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // Not written yet is a difference like any other; anything else is a broken working tree.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Manifests in a folder, whether or not a kind stands behind them. */
function manifests(root: string): string[] {
  return ['hub', 'provider'].flatMap((cluster) => {
    const folder = `crds/manifests/${cluster}`;
    if (!existsSync(join(root, folder))) return [];
    return readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
  });
}

/** Paths whose content below `root` is not what the kinds say, with manifests that no kind makes. */
export function staleFiles(root = repository): string[] {
  const files = generatedFiles();
  const differing = [...files].filter(([path, content]) => existing(join(root, path)) !== content);
  const orphans = manifests(root).filter((path) => !files.has(path));
  return [...differing.map(([path]) => path), ...orphans].sort();
}

function write(): void {
  for (const [path, content] of generatedFiles()) {
    const file = join(repository, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  for (const path of staleFiles()) rmSync(join(repository, path));
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const stale = staleFiles();
    for (const path of stale) console.error(`${path} is not what crds/src says: run npm run crds`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    write();
  }
}
