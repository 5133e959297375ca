import { deployEscrow, deployTestToken } from '@gridlease/contracts/deploy';
import { silentLogger } from '@gridlease/kube/log';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { createPublicClient, createWalletClient, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { completeConfig } from './completeConfig.ts';
import type { AgentConfig } from './config.ts';
import { askChain } from './knownChain.ts';
import { testEnvironment } from './testing/environment.ts';

const { chain: anvil } = testEnvironment();
const deployer = privateKeyToAccount(anvil.accounts[17]!.privateKey);
const transport = http(anvil.rpcURL);
const publicClient = createPublicClient({ transport, cacheTime: 0, pollingInterval: 200 });
const wallet = createWalletClient({ account: deployer, transport });
const nobody = `0x${'99'.repeat(20)}` as const;
let token: `0x${string}`;
let escrow: `0x${string}`;

beforeAll(async () => {
  token = (await deployTestToken({ wallet, publicClient })).address;
  const treasury = deployer.address;
  const deployed = { wallet, publicClient, token, treasury, closeWindowSeconds: 3_600 };
  escrow = (await deployEscrow(deployed)).address;
}, 60_000);

const chainOf = (change: Partial<AgentConfig['chain']> = {}): AgentConfig['chain'] => ({
  ...{ rpcURL: anvil.rpcURL, escrow, finality: 'Finalized' },
  ...change,
});

test('the chain says what the configuration leaves out', async () => {
  const known = await askChain(publicClient, chainOf());
  expect(known.chainId).toBe(anvil.chainId);
  expect(known.token.address.toLowerCase()).toBe(token.toLowerCase());
  expect(known.token).toMatchObject({ symbol: 'tUSD', decimals: 6 });
});

test('what the configuration states stays, to be compared later', async () => {
  const stated = { chainId: 5, token: { address: nobody, symbol: 'X', decimals: 18 } };
  expect(await askChain(publicClient, chainOf(stated))).toMatchObject(stated);
});

test.each([
  [
    'has nothing at the address of the escrow',
    () => nobody,
    'there is no contract at chain.escrow',
  ],
  ['has something else there', () => token, /token/],
])('it is an error when the chain %s', async (_what, address, says) => {
  const asking = askChain(publicClient, chainOf({ escrow: address() }));
  await expect(asking).rejects.toThrow(says);
});

test('a chain that does not answer is asked again, until the agent stops', async () => {
  const stop = new AbortController();
  const warn = jest.fn(() => stop.abort(new Error('stopped by the test')));
  const log = { ...silentLogger, warn } as unknown as typeof silentLogger;
  const chain = chainOf({ rpcURL: 'http://127.0.0.1:1' });
  const config = { chain, offers: [] } as unknown as AgentConfig;
  await expect(completeConfig(config, stop.signal, log)).rejects.toThrow('stopped by the test');
  expect(warn).toHaveBeenCalledTimes(1);
});

test('prices are counted in the token that the chain names', async () => {
  const offers = [{ product: 'H100', pricePerGPUHour: '2.10' }];
  const config = { chain: chainOf(), offers } as unknown as AgentConfig;
  const { asks } = await completeConfig(config, new AbortController().signal, silentLogger);
  expect(asks[0]!.price).toBe(2_100_000n);
});
