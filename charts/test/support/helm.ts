import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureHelm, helmFolders } from '@gridlease/e2e/cluster/helmAsset';
import { parseAllDocuments, stringify } from 'yaml';
import { repository } from '../../src/repository.ts';

export type ChartName = 'gridlease-crds' | 'gridlease-operator' | 'gridlease-provider-agent';

/** An object of a release, as far as tests look into all of them. */
export type Rendered = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
};

export type Answer = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Helm and Kubernetes read YAML 1.1, where a plain `yes` is no text. */
const YAML_OF_HELM = { version: '1.1' } as const;

/** Runs a program to its end, whatever its end is. */
export const runProgram = (
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
  });

export const chartPath = (chart: ChartName): string => join(repository, 'charts', chart);

/** Calls helm with a values file of these values. */
export async function helm(
  args: readonly string[],
  values: unknown,
  env: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-charts-'));
  try {
    const file = join(dir, 'values.yaml');
    writeFileSync(file, stringify(values ?? {}, YAML_OF_HELM));
    const own = { ...helmFolders(dir), ...env };
    return await runProgram(await ensureHelm(), [...args, '--values', file], own);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** `helm template` of a release of the chart's own name in the namespace `tested`. */
export const template = (chart: ChartName, values: unknown, ...more: string[]): Promise<Answer> =>
  helm(['template', chart, chartPath(chart), '--namespace', 'tested', ...more], values);

/** All objects of a release, its hooks too. Throws what helm says when it refuses the values. */
export async function render(
  chart: ChartName,
  values: unknown = {},
  ...more: string[]
): Promise<readonly Rendered[]> {
  const { code, stdout, stderr } = await template(chart, values, ...more);
  if (code !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout, YAML_OF_HELM).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const object = document.toJS() as Rendered | null;
    return object === null ? [] : [object];
  });
}

export const ofKind = (objects: readonly Rendered[], kind: string): readonly Rendered[] =>
  objects.filter((object) => object.kind === kind);
