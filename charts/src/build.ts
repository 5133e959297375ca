import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { alertFiles } from './alerts/files.ts';
import { crdFiles } from './crdTemplates.ts';
import { dashboardFiles } from './dashboards/files.ts';
import type { Generated } from './generated.ts';
import { metricsFiles } from './metricsReference.ts';
import { rbacFiles } from './rbacTemplates.ts';
import { readmeFiles } from './readme.ts';
import { repository } from './repository.ts';
import { sharedFiles } from './sharedTemplates.ts';
import { valuesFiles } from './values/files.ts';

/**
 * `npm run charts` writes everything under charts/ that follows from something else. `--check` writes nothing, names
 * the files that differ and exits 1.
 */
const parts: readonly (() => readonly Generated[])[] = [
  crdFiles,
  rbacFiles,
  sharedFiles,
  valuesFiles,
  readmeFiles,
  dashboardFiles,
  metricsFiles,
  alertFiles,
];

/** All of them. Throws where two parts write the same file. */
export function generatedFiles(): readonly Generated[] {
  const files = parts.flatMap((part) => part());
  const paths = files.map(({ path }) => path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) throw new Error(`two parts write ${twice}`);
  return files;
}

const textOf = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, 'utf8') : undefined;

/** Written by an earlier build and by none now: by what every generated template begins with. */
function orphans(files: readonly Generated[], root: string): readonly string[] {
  const known = new Set(files.map(({ path }) => path));
  return ['gridlease-crds', 'gridlease-operator', 'gridlease-provider-agent'].flatMap((chart) => {
    const folder = `charts/${chart}/templates`;
    if (!existsSync(join(root, folder))) return [];
    return readdirSync(join(root, folder))
      .map((file) => `${folder}/${file}`)
      .filter((path) => !known.has(path))
      .filter((path) => textOf(join(root, path))?.includes('by `npm run charts`. Do not edit.'));
  });
}

/** Paths whose content below `root` is not what their source says, and those that no source makes. */
export function staleFiles(root = repository, files = generatedFiles()): readonly string[] {
  const differing = files.filter(({ path, text }) => textOf(join(root, path)) !== text);
  return [...differing.map(({ path }) => path), ...orphans(files, root)].sort();
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const stale = staleFiles();
    for (const path of stale) {
      console.error(`${path} is not what its source says: run npm run charts`);
    }
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    for (const { path, text } of generatedFiles()) {
      mkdirSync(dirname(join(repository, path)), { recursive: true });
      writeFileSync(join(repository, path), text);
    }
    for (const path of staleFiles()) console.error(`${path} has no source any more: delete it`);
  }
}
