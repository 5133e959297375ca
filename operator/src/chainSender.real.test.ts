import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFundTo } from '@gridlease/contracts/escrow';
import { systemClock } from '@gridlease/kube/clock';
import { manualClock } from '@gridlease/kube/manualClock';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Hex } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { connectChain } from './chain.ts';
import type { ChainError } from './chainError.ts';
import { createSender, type Resolved, type Sender } from './chainSender.ts';
import { type LossyRpc, openLossyRpc } from './testing/lossyRpc.ts';
import { newParties, openEscrow, until } from './testing/moneyHub.ts';

/** Transactions over a connection that loses requests and answers, against a real chain. */

const file = process.env['GRIDLEASE_TEST_ENV'] ?? join(tmpdir(), 'gridlease-test-env-0/env.json');
const env = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly chain: {
    readonly rpcURL: string;
    readonly chainId: number;
    readonly accounts: readonly { readonly privateKey: Hex }[];
  };
};
const { tenant, owner } = newParties();
const delegate = privateKeyToAccount(generatePrivateKey());
let rpc: LossyRpc;
let money: Awaited<ReturnType<typeof openEscrow>>;
let sender: Sender;

beforeAll(async () => {
  rpc = await openLossyRpc(env.chain.rpcURL);
  money = await openEscrow(env.chain.rpcURL, env.chain.chainId, env.chain.accounts[10]!.privateKey);
  await money.giveCoins(tenant.address);
  await money.giveCoins(delegate.address);
  await money.deposit(tenant, 1_000n);
  await money.authorize(tenant, delegate.address, 1_000n);
}, 60_000);

afterAll(async () => {
  await rpc[Symbol.asyncDispose]();
});

const options = (change: object = {}) => ({
  rpcURL: rpc.url,
  chainId: env.chain.chainId,
  escrow: money.escrow,
  token: { address: money.token, symbol: 'tUSD', decimals: 6 },
  finality: 'Finalized' as const,
  requestTimeoutMs: 2_000,
  ...change,
});

function newSender(account = delegate, more: object = {}): Sender {
  const { rpc: client, chainId } = connectChain(options());
  return createSender({ rpc: client, chainId, account, clock: systemClock, ...more });
}

beforeEach(() => {
  rpc.fate = () => 'deliver';
  sender = newSender();
});

const fundTo = (targetReserved: bigint, generation = 1) => ({
  operation: `to ${targetReserved}`,
  to: money.escrow,
  data: encodeFundTo({
    tenant: tenant.address,
    provider: owner.address,
    generation,
    targetReserved,
  }),
});
const nonce = () => money.publicClient.getTransactionCount({ address: delegate.address });
const reserved = async () => {
  const key = { tenant: tenant.address, provider: owner.address, signer: delegate.address };
  return (await connectChain(options()).channel(key, 'latest')).reserved;
};

const mined = () =>
  until('mined', async () => {
    const found: Resolved = await sender.resolve().catch(() => ({ state: 'Unknown', hash: '0x' }));
    return found.state === 'Unknown' ? undefined : found;
  });

describe('a transaction happens once', () => {
  test('when all goes well, and nothing is sent beside it', async () => {
    const before = await nonce();
    expect(await sender.send(fundTo(10n))).toMatchObject({ state: 'Sent' });
    expect(await sender.send(fundTo(20n))).toMatchObject({ state: 'Busy' });
    expect(await mined()).toMatchObject({ state: 'Mined', success: true, operation: 'to 10' });
    expect(await sender.resolve()).toEqual({ state: 'None' });
    expect([await nonce(), await reserved()]).toEqual([before + 1, 10n]);
  });

  test('when the answer to it is lost', async () => {
    const before = await nonce();
    rpc.fate = (method) => (method === 'eth_sendRawTransaction' ? 'loseAnswer' : 'deliver');
    expect(await sender.send(fundTo(30n))).toMatchObject({ state: 'Sent' });
    expect(await mined()).toMatchObject({ state: 'Mined', success: true });
    expect([await nonce(), await reserved()]).toEqual([before + 1, 30n]);
  });

  test('when it is lost on its way and sent again', async () => {
    const before = await nonce();
    rpc.fate = (method) => (method === 'eth_sendRawTransaction' ? 'loseRequest' : 'deliver');
    await sender.send(fundTo(40n));
    expect(await sender.resolve()).toMatchObject({ state: 'Unknown' });
    rpc.fate = () => 'deliver';
    expect(await mined()).toMatchObject({ state: 'Mined', success: true });
    expect([await nonce(), await reserved()]).toEqual([before + 1, 40n]);
  });

  test('while the chain is silent nothing is concluded and nothing is sent', async () => {
    rpc.fate = (method) => (method === 'eth_sendRawTransaction' ? 'loseRequest' : 'deliver');
    await sender.send(fundTo(50n));
    rpc.fate = () => 'loseRequest';
    await expect(sender.resolve()).rejects.toThrow(/failed/);
    expect(await sender.send(fundTo(60n))).toMatchObject({ state: 'Busy' });
    rpc.fate = () => 'deliver';
    expect(await mined()).toMatchObject({ state: 'Mined', operation: 'to 50' });
    expect(await reserved()).toBe(50n);
  });

  test('when the program that sent it has ended: the next one waits for it', async () => {
    const before = await nonce();
    expect(await sender.send(fundTo(70n))).toMatchObject({ state: 'Sent' });
    const next = newSender();
    expect(await next.send(fundTo(70n))).toMatchObject({ state: 'Busy' });
    expect(await mined()).toMatchObject({ state: 'Mined' });
    expect(await nonce()).toBe(before + 1);
  });

  test('when it is not mined for long and sent again with a higher fee', async () => {
    const clock = manualClock(0);
    sender = newSender(delegate, { clock, replaceAfterMs: 1_000 });
    const before = await nonce();
    const sent = await sender.send(fundTo(80n));
    clock.advance(1_001);
    const again = await sender.resolve();
    const done = again.state === 'Mined' ? again : await mined();
    expect(done).toMatchObject({ state: 'Mined', success: true });
    if (again.state === 'Unknown') expect(again.hash).not.toBe((sent as { hash: Hex }).hash);
    expect([await nonce(), await reserved()]).toEqual([before + 1, 80n]);
  });
});

describe('nothing is sent', () => {
  test('that the contract would refuse, and its own words are told', async () => {
    const before = await nonce();
    const refused = await sender.send(fundTo(90n, 2)).catch((error: ChainError) => error);
    expect(refused).toMatchObject({
      answered: true,
      message: 'simulating to 90 was refused by the contract: WrongGeneration(1)',
    });
    await expect(sender.send(fundTo(5_000n))).rejects.toThrow('LimitExceeded(1000, 80, 4920)');
    expect(await nonce()).toBe(before);
  });

  test('that the key can not pay for', async () => {
    const poor = newSender(privateKeyToAccount(generatePrivateKey()));
    const noop = { operation: 'nothing', to: money.token, data: '0x313ce567' as Hex };
    expect(await poor.send(noop)).toMatchObject({ state: 'GasTooLow', balance: 0n });
  });

  test('at a price above the cap', async () => {
    await expect(newSender(delegate, { maxFeePerGas: 1n }).send(fundTo(99n))).rejects.toThrow(
      'more than the 1 allowed',
    );
  });
});

describe('a chain', () => {
  test('is unreachable, not wrong, when it is silent, and its address is told to nobody', async () => {
    rpc.fate = () => 'loseRequest';
    const verdict = await connectChain(options()).verify();
    expect(verdict).toMatchObject({ ready: false, status: 'Unknown', reason: 'Unreachable' });
    const error = await sender.send(fundTo(1n)).catch((caught: ChainError) => caught);
    const told = JSON.stringify([
      verdict,
      String(error),
      (error as Error).stack,
      (error as Error).cause,
    ]);
    expect(told).not.toContain('credential-in-path');
  });

  test('is refused when its token is not the one stated', async () => {
    const token = (change: object) => options({ token: { ...options().token, ...change } });
    const reasons = await Promise.all(
      [token({ decimals: 8 }), token({ symbol: 'USDC' }), token({ address: money.escrow })].map(
        (wrong) => connectChain(wrong).verify(),
      ),
    );
    expect(reasons.map((verdict) => !verdict.ready && verdict.reason)).toEqual([
      'WrongToken',
      'WrongToken',
      'WrongToken',
    ]);
    expect(await connectChain(options({ escrow: money.token })).verify()).toMatchObject({
      status: 'False',
      reason: 'NoContract',
    });
    expect(await connectChain(options()).verify()).toEqual({ ready: true });
  });
});
