import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFundTo } from '@gridlease/contracts/escrow';
import { isEnded, type TransactionStore } from '@gridlease/contracts/transaction';
import type { TransactionSender } from '@gridlease/contracts/transactionSender';
import { chainTransactionStore } from '@gridlease/crds/chainTransactionStore';
import type { ChainTransaction } from '@gridlease/crds/chaintransaction';
import { chainTransactions } from '@gridlease/crds/resources';
import { ConnectionError } from '@gridlease/kube/apiError';
import { systemClock } from '@gridlease/kube/clock';
import { getCondition } from '@gridlease/kube/conditions';
import { Informer } from '@gridlease/kube/informer';
import { until } from '@gridlease/kube/testing/until';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Hex, LocalAccount } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { connectChain } from './chain.ts';
import type { ChainError } from './chainError.ts';
import { operatorClients } from './clients.ts';
import { type LossyRpc, openLossyRpc } from './testing/lossyRpc.ts';
import { newParties, openEscrow } from './testing/moneyHub.ts';
import { openTestHub, type TestHub } from './testing/testHub.ts';
import { senderFor } from './transactions.ts';

jest.setTimeout(120_000);

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
let sender: TransactionSender;
let hub: TestHub;
let clients: ReturnType<typeof operatorClients>;
let store: TransactionStore;
const stop = new AbortController();
const namespace = 'gridlease-system';

beforeAll(async () => {
  rpc = await openLossyRpc(env.chain.rpcURL);
  money = await openEscrow(env.chain.rpcURL, env.chain.chainId, env.chain.accounts[10]!.privateKey);
  await money.giveCoins(tenant.address);
  await money.giveCoins(delegate.address);
  await money.deposit(tenant, 1_000n);
  await money.authorize(tenant, delegate.address, 1_000n);
  hub = await openTestHub();
  clients = operatorClients(hub.operator);
  const informer = new Informer<ChainTransaction>({
    cluster: hub.operator,
    definition: chainTransactions,
    namespace,
  });
  informer.start(stop.signal);
  store = chainTransactionStore({
    client: clients.transactions,
    informer,
    namespace,
    fieldManager: 'gridlease-operator',
    now: () => new Date(),
  });
}, 60_000);

afterAll(async () => {
  stop.abort();
  await rpc?.[Symbol.asyncDispose]();
  await hub?.close();
});

const options = (change: object = {}) => ({
  rpcURL: rpc.url,
  chainId: env.chain.chainId,
  escrow: money.escrow,
  token: { address: money.token, symbol: 'tUSD', decimals: 6 },
  finality: 'Finalized' as const,
  ...change,
});

function senderOn(on: TransactionStore, more: object = {}, account: LocalAccount = delegate) {
  return senderFor(connectChain(options()), account, { store: on, clock: systemClock, ...more });
}
const newSender = (account: LocalAccount = delegate, more: object = {}) =>
  senderOn(store, more, account);

beforeEach(() => {
  rpc.fate = () => 'deliver';
  sender = newSender();
});

const fundTo = (targetReserved: bigint, generation = 1) => ({
  operation: 'FundChannel' as const,
  description: `to ${targetReserved}`,
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

/** What is sent with this is stored, and no block can end it. */
const loseBroadcasts = () => {
  rpc.fate = (method) => (method === 'eth_sendRawTransaction' ? 'loseRequest' : 'deliver');
};

/** Looks until nothing is open; what fails meanwhile is tried again. */
const finished = () =>
  until('final', async () => {
    const { records } = await sender.resolve().catch(() => ({ records: [] }));
    return records.length > 0 && records.every(isEnded);
  });

describe('a transaction', () => {
  test('is stored under its nonce before it is sent, tells where it stands, and can be waited for', async () => {
    const before = await nonce();
    loseBroadcasts();
    expect(await sender.send(fundTo(10n))).toMatchObject({ state: 'Sent' });
    expect(await sender.send(fundTo(20n))).toMatchObject({ state: 'Busy' });
    rpc.fate = () => 'deliver';
    const name = `tx-${env.chain.chainId}-${delegate.address.slice(2).toLowerCase()}-${before}`;
    const ref = { namespace, name };
    expect((await clients.transactions.get(ref)).spec).toMatchObject({ description: 'to 10' });
    await finished();
    const { status } = await clients.transactions.get(ref);
    expect(getCondition(status?.conditions, 'Succeeded')).toMatchObject({
      status: 'True',
      reason: 'Final',
      message: expect.stringMatching(/^mined in block \d+, which is final$/),
    });
    expect([await nonce(), await reserved()]).toEqual([before + 1, 10n]);
  });

  test('happens once when the answer to it, and the first writes of what became of it, are lost', async () => {
    const before = await nonce();
    rpc.fate = (method) => (method === 'eth_sendRawTransaction' ? 'loseAnswer' : 'deliver');
    expect(await sender.send(fundTo(30n))).toMatchObject({ state: 'Sent' });
    rpc.fate = () => 'deliver';
    let losses = 2;
    hub.operator.fail = (method) => {
      if (method === 'PUT' && losses-- > 0) throw new ConnectionError('lost on the way');
    };
    await finished();
    hub.operator.fail = undefined;
    expect(losses).toBeLessThan(0);
    expect([await nonce(), await reserved()]).toEqual([before + 1, 30n]);
  });

  test('is concluded about nothing while the chain is silent, and is sent again when it speaks', async () => {
    const before = await nonce();
    loseBroadcasts();
    await sender.send(fundTo(50n));
    rpc.fate = () => 'loseRequest';
    await expect(sender.resolve()).rejects.toThrow(/failed/);
    await expect(sender.send(fundTo(60n))).rejects.toThrow(/failed/);
    rpc.fate = () => 'deliver';
    await finished();
    expect([await nonce(), await reserved()]).toEqual([before + 1, 50n]);
  });

  test('of a program that has ended is taken over by the next one, and by two at once', async () => {
    const before = await nonce();
    loseBroadcasts();
    await sender.send(fundTo(70n));
    rpc.fate = () => 'deliver';
    const [one, two] = [newSender(), newSender()];
    expect(await one.send(fundTo(70n))).toMatchObject({ state: 'Busy' });
    await Promise.all([one.resolve(), two.resolve()]);
    await finished();
    expect([await nonce(), await reserved()]).toEqual([before + 1, 70n]);
  });

  test('whose nonce is taken by a process with a cache of its own is not sent', async () => {
    const before = await nonce();
    const behind = senderOn({
      ...store,
      list: async () => [],
    });
    loseBroadcasts();
    await sender.send(fundTo(80n));
    expect(await behind.send(fundTo(85n))).toMatchObject({
      state: 'Busy',
      message: `nonce ${before} was taken by another process`,
    });
    rpc.fate = () => 'deliver';
    await finished();
    expect([await nonce(), await reserved()]).toEqual([before + 1, 80n]);
  });

  test('is deleted some time after its end is final', async () => {
    const ofOurs = async () =>
      (await clients.transactions.list({ namespace })).items.filter(
        ({ spec }) => spec.signer === delegate.address,
      ).length;
    expect(await ofOurs()).toBeGreaterThan(1);
    await senderOn(store, { keepMs: -1_000_000 }).resolve();
    expect(await ofOurs()).toBe(0);
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
    const noop = { ...fundTo(1n), to: money.token, data: '0x313ce567' as Hex };
    expect(await poor.send(noop)).toMatchObject({ state: 'GasTooLow', balance: 0n });
  });

  test('at a price above the cap', async () => {
    await expect(newSender(delegate, { maxFeePerGas: 1n }).send(fundTo(99n))).rejects.toThrow(
      'more than the 1 wei allowed',
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
