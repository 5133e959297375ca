import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimPort } from './ports.ts';
import { lostItsPort, type Processes, type RunningProcess } from './processes.ts';

export type ProgramOptions = {
  readonly name: string;
  /** The program's main file. */
  readonly main: string;
  /** Folder for its configuration and its state. */
  readonly dir: string;
  readonly processes: Processes;
  /** Everything but `listen` and `stateDir`, which are added here. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal | undefined;
};

export type Program = {
  readonly process: RunningProcess;
  readonly metricsURL: string;
};

export type FederationPrograms = {
  /** The first of its replicas, which need not be the one that leads. */
  readonly operator: Program;
  readonly operators: readonly Program[];
  /** The first replica of each, in the order of the providers. */
  readonly agents: readonly Program[];
  /** All replicas of each, in the order of the providers. */
  readonly agentReplicas: readonly (readonly Program[])[];
  readonly wallet: { readonly pid: number };
};

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    // Not listening yet.
    return false;
  }
};

/**
 * Node otherwise lets garbage pile up to several times what lives: 390 MiB instead of 170 for an operator with 240
 * leases.
 */
const MEMORY = ['--max-semi-space-size=8', '--max-old-space-size=192'];

/** How one of Gridlease's programs is started: with the Node that runs this, and a configuration file. */
export const programArguments = (main: string, configFile: string): readonly string[] => [
  '--disable-warning=ExperimentalWarning',
  ...MEMORY,
  main,
  '--config',
  configFile,
];

/** Starts one of Gridlease's programs as a process of its own and returns once its /readyz is ok. */
export const startProgram = async (options: ProgramOptions): Promise<Program> => {
  const stateDir = join(options.dir, `${options.name}-state`);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const configFile = join(options.dir, `${options.name}.json`);
  for (let attempt = 1; ; attempt++) {
    const claim = await claimPort();
    const listen = { host: '127.0.0.1', port: claim.port };
    writeFileSync(configFile, JSON.stringify({ ...options.config, listen, stateDir }, null, 2), {
      mode: 0o600,
    });
    const running = options.processes.start({
      name: options.name,
      layer: 3,
      command: process.execPath,
      args: programArguments(options.main, configFile),
    });
    const url = `http://127.0.0.1:${claim.port}`;
    try {
      await options.processes.ready(running, () => isReady(url), { signal: options.signal });
      return { process: running, metricsURL: `${url}/metrics` };
    } catch (error) {
      if (!lostItsPort(error) || attempt === 5) throw error;
    } finally {
      claim.release();
    }
  }
};
