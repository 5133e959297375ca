import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free loopback port');
  return address.port;
}

async function answers(rpcUrl: string): Promise<boolean> {
  try {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
    const headers = { 'content-type': 'application/json' };
    return (await fetch(rpcUrl, { method: 'POST', headers, body })).ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

export type AnvilOptions = {
  /** Default 31337. */
  readonly chainId?: number;
  /** More of anvil's own arguments, for example `['--block-time', '1']`; by default each transaction is mined at once. */
  readonly flags?: readonly string[];
};

/** Starts anvil on a free loopback port. */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const { chainId = 31_337, flags = [] } = options;
  const port = await freePort();
  const rpcUrl = `http://127.0.0.1:${port}`;
  const child = spawn(
    foundryBinary('anvil'),
    [
      '--port',
      String(port),
      '--host',
      '127.0.0.1',
      '--chain-id',
      String(chainId),
      '--silent',
      ...flags,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
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
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(rpcUrl))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`anvil did not start on ${rpcUrl}: ${complaint || 'no message'}`);
    }
    await delay(50);
  }
  return { rpcUrl, chainId, pid: child.pid ?? 0, [Symbol.asyncDispose]: stop };
}
