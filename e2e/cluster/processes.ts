import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identifyProcess, isRunning, type ProcessIdentity } from './processIdentity.ts';
import { waitFor } from './waitFor.ts';

/** One program of a federation, as it is written down so that another program can end exactly it. */
export type ProcessRecord = ProcessIdentity & {
  readonly name: string;
  /** Programs are ended from the highest layer down, so that none outlives what it talks to. */
  readonly layer: ProcessLayer;
};

/** 0: stores and chains; 1: API servers; 2: controllers and nodes; 3: Gridlease's own programs. */
export type ProcessLayer = 0 | 1 | 2 | 3;

export type StartOptions = {
  readonly name: string;
  readonly layer: ProcessLayer;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
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

const bookFile = (dir: string): string => join(dir, 'processes.json');

export const readProcessBook = (dir: string): ProcessRecord[] => {
  try {
    return JSON.parse(readFileSync(bookFile(dir), 'utf8')) as ProcessRecord[];
  } catch {
    // No book: nothing was started there.
    return [];
  }
};

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
  #isStopped = false;

  constructor(dir: string) {
    this.#dir = dir;
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
        env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...options.env },
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
    const record: ProcessRecord = { name: options.name, layer: options.layer, ...identity };
    this.#records.push(record);
    this.#write();
    return { ...record, logFile, exit: () => exit };
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
    this.#write();
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

  #write(): void {
    const file = bookFile(this.#dir);
    writeFileSync(`${file}.new`, JSON.stringify(this.#records, null, 2));
    renameSync(`${file}.new`, file);
  }
}

const signalGroup = (record: ProcessRecord, signal: NodeJS.Signals): void => {
  if (!isRunning(record)) return;
  try {
    process.kill(-record.pid, signal);
  } catch {
    // It ended between the look and the call, which is what was wanted.
  }
};

/**
 * Ends exactly these processes with their groups: the highest layer first, SIGTERM, and SIGKILL to what is left
 * after a grace. A kube-apiserver keeps its port for a minute while watches are open, so lower layers get less.
 */
export const stopProcesses = async (records: readonly ProcessRecord[]): Promise<void> => {
  const own = records.filter((record) => record.layer === 3);
  const lower = records.filter((record) => record.layer < 3);
  for (const [group, graceMilliseconds] of [
    [own, 6_000],
    [lower, 2_000],
  ] as const) {
    for (const record of group) signalGroup(record, 'SIGTERM');
    const allEnded = () => group.every((record) => !isRunning(record));
    await waitFor(allEnded, {
      what: 'the end of processes',
      timeoutMilliseconds: graceMilliseconds,
      intervalMilliseconds: 25,
    }).catch(() => {
      // Grace is over; the signal below can't be ignored.
    });
    for (const record of group) signalGroup(record, 'SIGKILL');
    await waitFor(allEnded, { what: 'the end of killed processes', intervalMilliseconds: 25 });
  }
};
