import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const START_TIMEOUT_MS = 20_000;

/** A local chain of its own; disposing of it ends the process. */
export type Anvil = AsyncDisposable & {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly pid: number;
};

/**
 * The program inside npm's platform package. Its `anvil` wrapper looks for the same file, but leaves a
 * child behind when it is killed, and the package's install script may have been skipped.
 */
export function foundryBinary(tool: 'anvil' | 'forge'): string {
  const platform = process.platform === 'win32' ? 'win32' : process.platform;
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const name = `@foundry-rs/${tool}-${platform}-${architecture}`;
  try {
    return require.resolve(`${name}/bin/${tool}${suffix}`);
  } catch (error) {
    throw new Error(`${name} is not installed: run npm install with optional dependencies`, {
      cause: error,
    });
  }
}

export type AnvilOptions = {
  /** Default 31337. */
  readonly chainId?: number;
  /** More of anvil's own arguments, for example `['--block-time', '1']`; by default each transaction is mined at once. */
  readonly flags?: readonly string[];
};

/** Starts anvil on a loopback port that the system chooses for it: no other program can take it first. */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const { chainId = 31_337, flags = [] } = options;
  const child = spawn(
    foundryBinary('anvil'),
    ['--port', '0', '--host', '127.0.0.1', '--chain-id', String(chainId), ...flags],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      complaint += error.message;
      resolve();
    });
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  const timeout = new AbortController();
  const address = await Promise.race([
    addressIn(child.stdout),
    exited,
    delay(START_TIMEOUT_MS, undefined, { signal: timeout.signal }),
  ]);
  timeout.abort();
  if (address === undefined) {
    await stop();
    throw new Error(`anvil did not start: ${complaint || 'no message'}`);
  }
  const rpcUrl = `http://${address}`;
  return { rpcUrl, chainId, pid: child.pid ?? 0, [Symbol.asyncDispose]: stop };
}

/** Where anvil says that it listens. What it prints later is read, or it would stand still, and left out. */
function addressIn(output: Readable): Promise<string> {
  return new Promise((resolve) => {
    let head: string | undefined = '';
    output.on('data', (chunk: Buffer) => {
      if (head === undefined) return;
      head += chunk.toString();
      const address = /Listening on (\S+)\n/.exec(head)?.[1];
      if (address === undefined) return;
      head = undefined;
      resolve(address);
    });
  });
}
