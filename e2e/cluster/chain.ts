import { randomInt } from 'node:crypto';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { english, generateMnemonic, mnemonicToAccount, privateKeyToAddress } from 'viem/accounts';
import { claimPort } from './ports.ts';
import { lostItsPort, type Processes } from './processes.ts';

export type DevelopmentAccount = {
  readonly address: `0x${string}`;
  readonly privateKey: `0x${string}`;
};

export type LocalChain = {
  readonly rpcURL: string;
  readonly chainId: number;
  /** Development accounts 0 … ACCOUNT_COUNT − 1, each with native currency from the first block. */
  account(index: number): DevelopmentAccount;
};

/** Enough for a deployer, a tenant, and owner, agent and gas keys of many providers. */
const ACCOUNT_COUNT = 200;

/** The package for a platform carries the program itself; its JavaScript wrapper would leave it running as an orphan. */
const anvilBinary = (): string => {
  const name = `@foundry-rs/anvil-${platform()}-${arch() === 'x64' ? 'amd64' : arch()}`;
  const require = createRequire(import.meta.url);
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'anvil');
  } catch {
    throw new Error(
      `${name} is not installed: run npm ci; npm leaves it out with --omit=optional or on a platform without it`,
    );
  }
};

const chainIdOf = async (rpcURL: string): Promise<number | undefined> => {
  try {
    const answer = await fetch(rpcURL, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}',
      signal: AbortSignal.timeout(2_000),
    });
    return Number(((await answer.json()) as { result: string }).result);
  } catch {
    // Not listening yet.
    return undefined;
  }
};

/** The accounts that anvil derives. The mnemonic is stretched once: that costs as much as all the rest together. */
const deriveAccounts = (mnemonic: string): ((index: number) => DevelopmentAccount) => {
  const parent = mnemonicToAccount(mnemonic, { path: "m/44'/60'/0'/0" }).getHdKey();
  return (index) => {
    const key = parent.deriveChild(index).privateKey;
    if (!key) throw new Error('the mnemonic gave no private key');
    const privateKey = `0x${Buffer.from(key).toString('hex')}` as const;
    return { address: privateKeyToAddress(privateKey), privateKey };
  };
};

export type ChainOptions = {
  readonly processes: Processes;
  /** Address to listen on: that of a network of real nodes where pods shall reach it. Default 127.0.0.1. */
  readonly address?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Starts a local EVM chain: a block a second, and one-slot epochs, so that a block is final two
 * seconds later. Chain id and keys are random for each start: nothing signed here is valid anywhere else.
 */
export const startChain = async (options: ChainOptions): Promise<LocalChain> => {
  const mnemonic = generateMnemonic(english);
  const address = options.address ?? '127.0.0.1';
  const chainId = randomInt(100_000_000, 2_000_000_000);
  for (let attempt = 1; ; attempt++) {
    const claim = await claimPort({ host: address });
    const rpcURL = `http://${address}:${claim.port}`;
    const program = options.processes.start({
      name: 'chain',
      layer: 0,
      command: anvilBinary(),
      args: [
        `--host=${address}`,
        `--port=${claim.port}`,
        `--chain-id=${chainId}`,
        '--block-time=1',
        '--slots-in-an-epoch=1',
        `--accounts=${ACCOUNT_COUNT}`,
        '--balance=10000',
        // Development keys of a chain that lives on this machine only: the command line is no worse a place than its port.
        `--mnemonic=${mnemonic}`,
        '--silent',
      ],
    });
    try {
      await options.processes.ready(program, async () => (await chainIdOf(rpcURL)) === chainId, {
        signal: options.signal,
      });
      return { rpcURL, chainId, account: deriveAccounts(mnemonic) };
    } catch (error) {
      if (!lostItsPort(error) || attempt === 5) throw error;
    } finally {
      claim.release();
    }
  }
};
