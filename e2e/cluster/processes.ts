import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ProcessLayer,
  type ProcessRecord,
  readProcessBook,
  type StartCommand,
  writeProcessBook,
} from './processBook.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from './processIdentity.ts';
import { stopProcesses } from './stopProcesses.ts';
import { waitFor } from './waitFor.ts';

export type StartOptions = StartCommand & {
  readonly name: string;
  readonly layer: ProcessLayer;
};

export type RunningProcess = ProcessRecord & {
  readonly logFile: string;
  /** Set once the process ended by itself or was ended. */
  exit(): { readonly code: number | null; readonly signal: string | null } | undefined;
};

export class ProcessExitedError extends Error {
  readonly logFile: string;
  readonly logTail: string;
  constructor(name: string, code: number | null, logFile: string, logTail: string) {
    super(`${name} ended with ${code ?? 'a signal'}; the end of ${logFile}:\n${logTail}`);
    this.name = 'ProcessExitedError';
    this.logFile = logFile;
    this.logTail = logTail;
  }
}

/** True when the log says that somebody else took the port in between: worth another port. */
export const lostItsPort = (error: unknown): boolean =>
  error instanceof ProcessExitedError && /address already in use|EADDRINUSE/i.test(error.logTail);

const tail = (file: string, lines: number): string =>
  readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');

/**
 * Starts programs in process groups of their own with their output in `<dir>/logs/<name>.log`, and writes
 * each one down in `<dir>/processes.json` before anything else happens, so that whatever was started can be
 * ended: by `stop`, or by another program after this one is gone.
 */
export class Processes {
  readonly #dir: string;
  readonly #records: ProcessRecord[] = [];
  /** The latest program of each name, with what it was started with. */
  readonly #programs = new Map<string, { options: StartOptions; program: RunningProcess }>();
  #isStopped = false;

  /** With `book` it goes on with what another program has started and written down there. */
  constructor(dir: string, book: readonly ProcessRecord[] = []) {
    this.#dir = dir;
    this.#records.push(...book);
    mkdirSync(join(dir, 'logs'), { recursive: true });
  }

  start(options: StartOptions): RunningProcess {
    // Parts of a start-up run side by side; after one failed, none of the others may start anything more.
    if (this.#isStopped)
      throw new Error(`${options.name} is not started: everything is being ended`);
    const logFile = join(this.#dir, 'logs', `${options.name}.log`);
    const log = openSync(logFile, 'a');
    let child: ChildProcess;
    try {
      child = spawn(options.command, options.args, {
        cwd: options.cwd ?? this.#dir,
        env: {
          PATH: process.env['PATH'] ?? '',
          HOME: process.env['HOME'] ?? '',
          // For profiling our programs; the others are not made with Node.
          ...(process.env['NODE_OPTIONS'] ? { NODE_OPTIONS: process.env['NODE_OPTIONS'] } : {}),
          ...options.env,
        },
        stdio: ['ignore', log, log],
        detached: true,
      });
    } finally {
      closeSync(log);
    }
    let exit: { code: number | null; signal: string | null } | undefined;
    child.once('exit', (code, signal) => {
      exit = { code, signal };
    });
    child.once('error', (error) => {
      writeFileSync(logFile, `${error.message}\n`, { flag: 'a' });
      exit = { code: null, signal: null };
    });
    // The event loop must be able to end while the program runs on (npm run up).
    child.unref();
    const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
    if (identity === undefined) {
      throw new Error(`${options.command} could not be started; is it there and executable?`);
    }
    const { name, layer, ...start } = options;
    const record: ProcessRecord = { name, layer, ...identity, start };
    this.#records.push(record);
    writeProcessBook(this.#dir, this.#records);
    const program: RunningProcess = { ...record, logFile, exit: () => exit };
    this.#programs.set(options.name, { options, program });
    return program;
  }

  /** Waits until `ask` answers, and fails at once when the program ended meanwhile. */
  async ready(
    program: RunningProcess,
    ask: () => Promise<boolean>,
    options: {
      readonly timeoutMilliseconds?: number;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<void> {
    await waitFor(
      async () => {
        const ended = program.exit();
        if (ended !== undefined) return { ended };
        return (await ask()) ? {} : undefined;
      },
      { what: `${program.name} ready`, timeoutMilliseconds: 60_000, ...options },
    ).then((result: { ended?: { code: number | null } }) => {
      if (result.ended === undefined) return;
      this.forget(program);
      throw new ProcessExitedError(
        program.name,
        result.ended.code,
        program.logFile,
        tail(program.logFile, 15),
      );
    });
  }

  records(): readonly ProcessRecord[] {
    return [...this.#records];
  }

  forget(program: ProcessIdentity): void {
    const at = this.#records.findIndex(
      (record) => record.pid === program.pid && record.startTime === program.startTime,
    );
    if (at >= 0) this.#records.splice(at, 1);
    writeProcessBook(this.#dir, this.#records);
  }

  /** Ends a program as a power cut does: no signal that it could handle, no time to tidy up. */
  async kill(name: string): Promise<void> {
    const { program } = this.#known(name);
    this.signal(name, 'SIGKILL');
    await waitFor(() => !isRunning(program), {
      what: `the end of ${name}`,
      intervalMilliseconds: 5,
    });
    this.forget(program);
  }

  /** Starts a killed program again exactly as before: same ports, same files. */
  startAgain(name: string): RunningProcess {
    const { options, program } = this.#known(name);
    this.forget(program);
    return this.start(options);
  }

  /** Sends a signal to the process group of the program that runs under this name now. */
  signal(name: string, signal: NodeJS.Signals): void {
    const { program } = this.#known(name);
    if (isRunning(program)) process.kill(-program.pid, signal);
  }

  /** The programs that ended although nobody ended them: by name, with exit code or signal. */
  deserters(): readonly { readonly name: string; readonly exit: string }[] {
    if (this.#isStopped) return [];
    const book = new Set(this.#records.map((record) => record.name));
    return [...this.#programs.values()].flatMap(({ program }) => {
      const exit = book.has(program.name) ? program.exit() : undefined;
      return exit === undefined
        ? []
        : [{ name: program.name, exit: String(exit.code ?? exit.signal ?? 'an error') }];
    });
  }

  /** Ends one program, for example to start it again. */
  async stopOne(program: ProcessRecord): Promise<void> {
    await stopProcesses([program]);
    this.forget(program);
  }

  /** Ends everything, and starts nothing from now on. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await stopProcesses(this.#records);
    this.#records.length = 0;
  }

  #known(name: string): { readonly options: StartOptions; readonly program: RunningProcess } {
    const known = this.#programs.get(name);
    if (known === undefined) throw new Error(`no program ${name} was started here`);
    return known;
  }
}

/** Starts one program of a folder that has ended again: same ports, same files. Its starter may be gone. */
export const startEnded = (dir: string, ended: ProcessRecord): RunningProcess => {
  const processes = new Processes(dir, readProcessBook(dir));
  processes.forget(ended);
  const { name, layer, start } = ended;
  return processes.start({ name, layer, ...start });
};
