import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** One import that crosses a border it must not cross. `file` and `target` are relative to the root. */
export type ImportViolation = {
  readonly file: string;
  readonly target: string;
  readonly why: string;
};

const programs = ['operator', 'provider-agent'] as const;
const importPattern = /(?:from\s+|import\s*\(\s*|import\s+)['"]([^'"]+)['"]/g;

/** What each workspace may import of the others. A stage may import nothing of its own program. */
const allowedWorkspaces: Readonly<Record<string, readonly string[]>> = {
  kube: [],
  crds: ['kube'],
  contracts: [],
  operator: ['crds', 'kube', 'contracts'],
  'provider-agent': ['crds', 'kube', 'contracts'],
};

/** The stage folders of a program: every folder directly below its src, but `testing`. */
export function stagesOf(root: string, program: string): readonly string[] {
  return readdirSync(join(root, program, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'testing')
    .map((entry) => entry.name)
    .sort();
}

/** Every TypeScript file below `folder`, tests included, generated and installed files excluded. */
export function sourceFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes(`${sep}node_modules${sep}`));
}

/** The module names a source text imports, static and dynamic. */
export function importsOf(source: string): readonly string[] {
  return [...source.matchAll(importPattern)].map((match) => match[1] ?? '');
}

/**
 * Stages are joined by objects, not by calls: an import from one stage to another (or from a stage
 * to the program's wiring) would be a second, hidden way for data to flow.
 */
export function importViolations(root: string): readonly ImportViolation[] {
  const violations: ImportViolation[] = [];
  for (const [workspace, allowed] of Object.entries(allowedWorkspaces)) {
    for (const file of sourceFiles(join(root, workspace))) {
      // Tests build their world from whatever they need; but a stage's test knows no other stage either.
      const isTest = /\.test\.ts$|\/test(ing)?\//.test(relative(root, file).replaceAll(sep, '/'));
      for (const name of importsOf(readFileSync(file, 'utf8'))) {
        const why = name.startsWith('.')
          ? stageCrossing(root, workspace, file, resolve(dirname(file), name), isTest)
          : workspaceCrossing(workspace, allowed, name, isTest);
        if (why) violations.push({ file: relative(root, file), target: name, why });
      }
    }
  }
  return violations;
}

function workspaceCrossing(
  workspace: string,
  allowed: readonly string[],
  name: string,
  isTest: boolean,
): string | undefined {
  const target = /^@gridlease\/([a-z0-9-]+)/.exec(name)?.[1];
  if (target === undefined || target === workspace || allowed.includes(target)) return undefined;
  if (isTest) return undefined;
  return `${workspace} may import only ${allowed.join(', ') || 'nothing of the others'}`;
}

function stageCrossing(
  root: string,
  workspace: string,
  file: string,
  target: string,
  isTest: boolean,
): string | undefined {
  const [targetWorkspace] = relative(root, target).split(sep);
  if (targetWorkspace !== workspace) {
    return isTest && targetWorkspace === 'e2e' ? undefined : 'leaves its workspace by a path';
  }
  if (!programs.includes(workspace as (typeof programs)[number])) return undefined;
  const stages = stagesOf(root, workspace);
  const stage = placeOf(root, workspace, file);
  const targetPlace = placeOf(root, workspace, target);
  if (!stages.includes(stage) || targetPlace === stage) return undefined;
  if (isTest && !stages.includes(targetPlace)) return undefined;
  return stages.includes(targetPlace)
    ? `stage ${stage} imports stage ${targetPlace}: let it read the object that stage writes`
    : `stage ${stage} imports the program's wiring: let operator.ts or agent.ts pass it in`;
}

/** The first path part below `<workspace>/src`: a stage's name, or a file name. */
function placeOf(root: string, workspace: string, file: string): string {
  return relative(join(root, workspace, 'src'), file).split(sep)[0] ?? '';
}
