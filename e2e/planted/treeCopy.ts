import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Not the project's own text: installed, generated at will, or somebody's running federation. */
const left = new Set(['node_modules', '.git', '.gridlease', 'contracts/out', 'contracts/cache']);

/**
 * Copies the tree as it stands, uncommitted changes included, so that nothing done to the copy touches it. What npm
 * installed is linked; only the workspaces are those of the copy.
 */
export function copyTree(root: string, target: string): void {
  cpSync(root, target, {
    recursive: true,
    filter: (source) => !left.has(relative(root, source).split(sep).join('/')),
  });
  const installed = join(root, 'node_modules');
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    workspaces: readonly string[];
  };
  mkdirSync(join(target, 'node_modules', '@gridlease'), { recursive: true });
  for (const entry of readdirSync(installed)) {
    if (entry !== '@gridlease')
      symlinkSync(join(installed, entry), join(target, 'node_modules', entry));
  }
  for (const workspace of workspaces) {
    symlinkSync(join(target, workspace), join(target, 'node_modules', '@gridlease', workspace));
    const own = join(root, workspace, 'node_modules');
    if (existsSync(own) && !existsSync(join(target, workspace, 'node_modules'))) {
      symlinkSync(own, join(target, workspace, 'node_modules'));
    }
  }
}
