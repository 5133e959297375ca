import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deployEscrow, deployTestToken } from '@gridlease/contracts/deploy';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { testTokenAbi } from '@gridlease/contracts/testToken.generated';
import { ChainUnavailableError } from '@gridlease/kube/chainUnavailable';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createPublicClient, createWalletClient, type Hex, http } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { type ChainOptions, connectChain } from './chain.ts';
import { testEnvironment } from './testing/environment.ts';

const { chain: anvil } = testEnvironment();
const tenant = privateKeyToAccount(anvil.accounts[16]!.privateKey);
const transport = http(anvil.rpcURL);
const publicClient = createPublicClient({ transport, cacheTime: 0, pollingInterval: 200 });
const wallet = createWalletClient({ account: tenant, transport });
const provider = privateKeyToAccount(generatePrivateKey()).address;
const key = { tenant: tenant.address, provider, signer: tenant.address };
let options: ChainOptions;

async function send(to: Hex, abi: unknown, functionName: string, args: unknown[]) {
  const call = { address: to, chain: null, abi, functionName, args } as never;
  const hash = await wallet.writeContract(call);
  return publicClient.waitForTransactionReceipt({ hash, timeout: 30_000 });
}

/** Takes connections and never answers. */
async function aSilentServer() {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    rpcURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

beforeAll(async () => {
  const token = (await deployTestToken({ wallet, publicClient })).address;
  const { address: escrow } = await deployEscrow({
    wallet,
    publicClient,
    token,
    treasury: tenant.address,
    closeWindowSeconds: 3_600,
  });
  options = {
    rpcURL: anvil.rpcURL,
    chainId: anvil.chainId,
    escrow,
    token: { address: token, decimals: 6 },
    finality: 'Finalized',
    pollMs: 100,
  };
  await send(token, testTokenAbi, 'mint', [tenant.address, 10n ** 9n]);
  await send(token, testTokenAbi, 'approve', [escrow, 10n ** 9n]);
  await send(escrow, gpuEscrowAbi, 'deposit', [10n ** 9n]);
}, 60_000);

describe('the configuration of the chain', () => {
  test('that fits is taken, and the contract’s window is read', async () => {
    const chain = connectChain(options);
    await chain.verify();
    expect(await chain.closeWindowSeconds()).toBe(3_600);
  });

  test.each([
    ['another chain id', () => ({ chainId: 5 }), /serves chain \d+, but chain.chainId is 5/],
    ['an address without a contract', () => ({ escrow: provider }), /there is no contract at/],
    [
      'another token',
      () => ({ token: { address: provider, decimals: 6 } }),
      /holds the token .*, but chain.token.address is/,
    ],
    [
      'other decimals',
      () => ({ token: { ...options.token, decimals: 18 } }),
      /has 6 decimals, but chain.token.decimals is 18/,
    ],
  ])('with %s is refused for good', async (_, wrong, message) => {
    const chain = connectChain({ ...options, ...wrong() });
    await expect(chain.verify()).rejects.toMatchObject({
      retry: 'never',
      message: expect.stringMatching(message),
    });
  });
});

describe('a view of the chain', () => {
  test('shows what is latest and what is final', async () => {
    const stop = new AbortController();
    const chain = connectChain(options);
    const seen = Promise.withResolvers<void>();
    const receipt = await send(options.escrow, gpuEscrowAbi, 'fund', [
      provider,
      tenant.address,
      1,
      500n,
    ]);
    const [now] = await chain.channels([key], { maxAgeMs: 0 });
    expect(now!.latest).toMatchObject({ reserved: 500n, claimed: 0n, generation: 1, closeAt: 0 });
    expect(now!.head.number).toBeGreaterThanOrEqual(receipt.blockNumber);
    chain.onBlock(({ finalNumber }) => {
      if (finalNumber >= receipt.blockNumber) seen.resolve();
    });
    chain.start(stop.signal);
    await seen.promise;
    const [later] = await chain.channels([key], { maxAgeMs: 1_000 });
    expect(later!.final.reserved).toBe(500n);
    stop.abort();
    await chain.stopped;
  });

  test('of a chain that does not answer is an error that says so, never an empty channel', async () => {
    await using silent = await aSilentServer();
    const { rpcURL } = silent;
    const chain = connectChain({ ...options, rpcURL, requestTimeoutMs: 100 });
    const reading = chain.channels([key], { maxAgeMs: 0 });
    await expect(reading).rejects.toBeInstanceOf(ChainUnavailableError);
    await expect(chain.verify()).rejects.toMatchObject({ retry: 'backoff' });
    expect(chain.headAgeMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test('ends with its signal while it waits', async () => {
    await using silent = await aSilentServer();
    const { rpcURL } = silent;
    const chain = connectChain({ ...options, rpcURL, requestTimeoutMs: 20_000 });
    const signal = AbortSignal.timeout(50);
    await expect(chain.channels([key], { maxAgeMs: 0, signal })).rejects.toThrow(/timeout/);
  });
});
