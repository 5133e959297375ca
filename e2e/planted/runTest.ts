import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export type TestRun = {
  /** Full names of the tests that ran. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** The first lines of what a failure said. */
  readonly said: string;
};

type JestReport = {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
};

/** Runs test files of a tree with its own jest; with `name` only the tests whose full name begins with it. */
export async function runTest(
  tree: string,
  files: readonly string[],
  options: { readonly name?: string; readonly signal: AbortSignal },
): Promise<TestRun> {
  const output = join(tree, 'planted-result.json');
  rmSync(output, { force: true });
  const only = options.name?.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--experimental-vm-modules',
    join(tree, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--rootDir',
    tree,
    '--runInBand',
    '--json',
    `--outputFile=${output}`,
    ...(only === undefined ? [] : [`--testNamePattern=^${only}`]),
    '--runTestsByPath',
    ...files,
  ];
  await new Promise<void>((resolve, reject) => {
    const { signal } = options;
    // A red test is an answer, not an error; only a run without a report is one.
    execFile(process.execPath, args, { cwd: tree, timeout: 120_000, signal }, () =>
      signal.aborted ? reject(signal.reason) : resolve(),
    );
  });
  const report = JSON.parse(readFileSync(output, 'utf8')) as JestReport;
  const results = report.testResults.flatMap((file) => file.assertionResults);
  const named = (status: string) =>
    results.filter((result) => result.status === status).map((result) => result.fullName);
  const said = report.testResults.map(({ message }) => message).join('\n');
  return { passed: named('passed'), failed: named('failed'), said };
}
