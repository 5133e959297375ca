import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../../e2e/cluster/waitFor.ts';

export type End = { readonly code: number | null; readonly signal: string | null };

/** One of the examples as a plain process. Ended, if it still runs, at the end of the scope. */
export class ExampleProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<End>;
  #hasEnded = false;
  #out = '';
  #errors = '';

  constructor(name: string, env: Readonly<Record<string, string>>) {
    const main = fileURLToPath(new URL(`../${name}/main.mjs`, import.meta.url));
    this.#child = spawn(process.execPath, [main], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A test that ran out of time ends no scope: the program must not outlive it.
      timeout: 100_000,
      killSignal: 'SIGKILL',
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#out += text;
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#hasEnded = true;
        resolve({ code, signal });
      });
    });
  }

  get out(): string {
    return this.#out;
  }

  get errors(): string {
    return this.#errors;
  }

  /** The first match in what it has printed so far or prints from now on. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    return waitFor(
      () => {
        const match = pattern.exec(this.#out);
        if (match === null && this.#hasEnded)
          throw new Error(`it ended: ${this.#out}${this.#errors}`);
        return match ?? undefined;
      },
      { what: `a line like ${pattern}`, timeoutMilliseconds: 60_000, intervalMilliseconds: 5 },
    );
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  end(): Promise<End> {
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
