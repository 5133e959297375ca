import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** The outcome of one step of `npm test`. A gate counts as one check, a jest run as its tests. */
export type StepResult = {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  readonly times: readonly { readonly name: string; readonly seconds: number }[];
};

export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly input?: string;
  /** Seconds after which the child is ended; default 900. */
  readonly timeoutSeconds?: number;
  /** Print the child's output while it runs; otherwise only when it fails. */
  readonly stream?: boolean;
};

export type RunResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a command in the repository's root and waits for its end. Never rejects for an exit code. */
function runCommand(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((done, fail) => {
    const [file, ...args] = command;
    const child = spawn(file!, args, {
      cwd: root,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    const stop = () => child.kill('SIGTERM');
    const timer = setTimeout(stop, (options.timeoutSeconds ?? 900) * 1000);
    options.signal?.addEventListener('abort', stop, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (options.stream) process.stderr.write(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      if (options.stream) process.stderr.write(chunk);
    });
    child.stdin.on('error', () => {}); // a child that ends without reading is judged by its exit code
    child.stdin.end(options.input ?? '');
    child.on('error', fail);
    child.on('close', (code) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', stop);
      done({ code: code ?? 1, stdout, stderr });
    });
  });
}

/** A gate: passes when the command exits 0; its output is shown only when it doesn't. */
export async function gate(
  name: string,
  command: readonly string[],
  options: RunOptions = {},
): Promise<StepResult> {
  return judged(name, command, options, (result) => result.code === 0);
}

/** The opposite: passes when the command exits 1 and its standard error matches `says`. */
export async function refusal(
  name: string,
  command: readonly string[],
  says: RegExp,
  options: RunOptions = {},
): Promise<StepResult> {
  const refused = (result: RunResult) => result.code === 1 && says.test(result.stderr);
  return judged(name, command, options, refused);
}

async function judged(
  name: string,
  command: readonly string[],
  options: RunOptions,
  isGood: (result: RunResult) => boolean,
): Promise<StepResult> {
  const started = performance.now();
  const result = await runCommand(command, options);
  const failed = isGood(result) ? 0 : 1;
  if (failed && !options.stream) process.stderr.write(`${result.stdout}${result.stderr}\n`);
  const seconds = (performance.now() - started) / 1000;
  return { name, passed: 1 - failed, failed, skipped: 0, seconds, times: [{ name, seconds }] };
}

type JestReport = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly { name: string; startTime: number; endTime: number }[];
};

/** Runs jest on `patterns`; a suite that can't load counts as one failure. */
export async function jest(
  name: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<StepResult> {
  const started = performance.now();
  const scratch = mkdtempSync(join(tmpdir(), 'gridlease-jest-'));
  const report = join(scratch, 'report.json');
  try {
    const result = await runCommand(
      [
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        '--experimental-vm-modules',
        join(root, 'node_modules/jest/bin/jest.js'),
        '--json',
        `--outputFile=${report}`,
        ...args,
      ],
      { stream: false, timeoutSeconds: 1500, ...options },
    );
    // jest prints its readable report on standard error and, with --json, the data on standard output.
    process.stderr.write(result.stderr);
    const data = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
    return {
      name,
      passed: data.numPassedTests,
      failed: data.numFailedTests + data.numRuntimeErrorTestSuites,
      skipped: data.numPendingTests,
      seconds: (performance.now() - started) / 1000,
      times: data.testResults.map((suite) => ({
        name: suite.name.replace(`${root}/`, ''),
        seconds: (suite.endTime - suite.startTime) / 1000,
      })),
    };
  } catch (cause) {
    process.stderr.write(`${name}: jest left no report (${String(cause)})\n`);
    const seconds = (performance.now() - started) / 1000;
    return { name, passed: 0, failed: 1, skipped: 0, seconds, times: [] };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
