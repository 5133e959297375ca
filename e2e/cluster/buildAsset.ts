import { spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type AssetRecipe, moduleFolder } from './assetRecipes.ts';
import { MissingToolError } from './missingTool.ts';
import { seccompBuild } from './seccompLibrary.ts';

export class AssetBuildError extends Error {
  constructor(asset: string, output: string) {
    super(
      `go build of ${asset} failed; run again to continue where it stopped. Its last words:\n${output}`,
    );
    this.name = 'AssetBuildError';
  }
}

/** As the go.mod files require: 1.26. */
const GO_MINOR = 26;

type GoResult = { readonly code: number | null; readonly output: string };

/** CGO is off unless a C library is linked, so no C compiler is needed; the pins and not the environment decide what is built. */
const go = (
  args: readonly string[],
  cwd: string,
  signal?: AbortSignal,
  env: Readonly<Record<string, string>> = {},
): Promise<GoResult> =>
  new Promise((resolve, reject) => {
    const child = spawn('go', args, {
      cwd,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let output = '';
    const keep = (part: Buffer) => {
      output = (output + part.toString()).slice(-4_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });

/** Fails within a moment, not after minutes, when there is no usable Go. */
export const requireGo = async (): Promise<void> => {
  const remedy =
    'Install Go 1.26 or newer (https://go.dev/dl), or set GRIDLEASE_ASSETS to a folder that holds etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl and kwok.';
  let result: GoResult;
  try {
    // In the module's folder: where Go may fetch a newer one for the module, this is the newer one's version.
    result = await go(['env', 'GOVERSION'], moduleFolder('kubernetes'));
  } catch {
    throw new MissingToolError(
      `The Kubernetes binaries are built with Go, and go is not on PATH. ${remedy}`,
    );
  }
  const minor = /go1\.(\d+)/.exec(result.output)?.[1];
  if (result.code !== 0 || (minor !== undefined && Number(minor) < GO_MINOR)) {
    throw new MissingToolError(`This Go can not build them: ${result.output.trim()}. ${remedy}`);
  }
};

/** Builds into a temporary folder beside the target and renames, so that a file under its final name is whole. */
export const buildAsset = async (
  recipe: AssetRecipe,
  folder: string,
  signal?: AbortSignal,
): Promise<void> => {
  const temporary = mkdtempSync(join(folder, '.building-'));
  try {
    const target = join(temporary, recipe.name);
    const result = await go(
      [
        'build',
        '-mod=readonly',
        '-trimpath',
        '-buildvcs=false',
        ...(recipe.tags === undefined ? [] : ['-tags', recipe.tags]),
        '-ldflags',
        recipe.linkerFlags,
        '-o',
        target,
        recipe.package,
      ],
      moduleFolder(recipe.module),
      signal,
      recipe.library === undefined ? {} : seccompBuild(temporary),
    );
    if (result.code !== 0) throw new AssetBuildError(recipe.name, result.output.trim());
    renameSync(target, join(folder, recipe.name));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
};
