import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Address } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { hasWorked, isEnded, type TransactionStore } from '../ts/transaction.ts';
import type { TransactionSender } from '../ts/transactionSender.ts';
import { type MemoryStore, memoryStore } from './memoryStore.ts';
import { aChain, type Fate } from './transactions.ts';

jest.setTimeout(120_000);

let chain: Awaited<ReturnType<typeof aChain>>;
beforeAll(async () => {
  chain = await aChain();
});
afterAll(async () => {
  await chain?.[Symbol.asyncDispose]();
});

const stranger = (): Address => privateKeyToAccount(generatePrivateKey()).address;
const states = (store: MemoryStore) =>
  [...store.records.values()].map(({ status }) => status.state);

/** Mines and looks until nothing is open. */
async function finish(sender: TransactionSender): Promise<void> {
  for (let block = 0; block < 12; block++) {
    const { records } = await sender.resolve();
    if (records.every(isEnded)) return;
    await chain.mine();
  }
  throw new Error('did not become final in 12 blocks');
}

describe('a transaction', () => {
  test('is stored before it is sent, and goes from Built by Mined and Safe to Final', async () => {
    const [account, store, to] = [await chain.key(), memoryStore(), stranger()];
    const sender = chain.sender(account, store);
    expect(await sender.send(chain.mint(to))).toMatchObject({ state: 'Sent' });
    expect(states(store)).toEqual(['Built']);
    const seen: string[] = [];
    for (let block = 0; block < 4; block++) {
      const { changes, busy } = await sender.resolve();
      seen.push(...changes.map(({ state }) => state));
      expect(busy).toBe(block === 0 ? 'minting 1' : undefined);
      await chain.mine();
    }
    expect(seen).toEqual(['Sent', 'Mined', 'Safe', 'Final']);
    const [record] = store.records.values();
    expect(record!.name).toBe(`tx-31337-${account.address.slice(2).toLowerCase()}-0`);
    expect(record!.status).toMatchObject({ receipt: { success: true } });
    expect(record!.status.finishedTime).toBeDefined();
    expect(await chain.minted(to)).toBe(1n);
  });

  test('asks the chain nothing when all is final', async () => {
    const [account, store] = [await chain.key(), memoryStore()];
    await chain.sender(account, store).send(chain.mint(stranger()));
    await finish(chain.sender(account, store));
    const silent = chain.sender(account, store, { fate: () => 'loseRequest' });
    expect(await silent.resolve()).toMatchObject({ busy: undefined, changes: [] });
  });

  test.each(['loseRequest', 'loseAnswer'] as const)(
    'that is sent while the chain is cut off (%s) is Unknown, happens once, and its nonce is not used for another',
    async (lost) => {
      const [account, store, to] = [await chain.key(), memoryStore(), stranger()];
      const cut = (method: string): Fate =>
        /send|getTransactionBy/i.test(method) ? lost : 'deliver';
      const sender = chain.sender(account, store, { fate: cut });
      expect(await sender.send(chain.mint(to))).toMatchObject({ state: 'Sent' });
      expect(states(store)).toEqual(['Unknown']);
      expect(await sender.send(chain.mint(to, 5n))).toMatchObject({ state: 'Busy' });
      const again = chain.sender(account, store);
      const { changes } = await again.resolve();
      if (lost === 'loseAnswer') expect(changes).toMatchObject([{ did: 'Record', state: 'Sent' }]);
      await finish(again);
      expect([await chain.minted(to), await chain.nonce(account.address)]).toEqual([1n, 1]);
    },
  );

  test('that a reorganisation takes back is sent again byte for byte', async () => {
    const [account, store, to] = [await chain.key(), memoryStore(), stranger()];
    const sender = chain.sender(account, store);
    await chain.mine(3);
    await sender.send(chain.mint(to));
    await chain.mine();
    expect((await sender.resolve()).changes).toMatchObject([{ state: 'Mined' }]);
    await chain.reorganise(1);
    expect(await chain.minted(to)).toBe(0n);
    const { changes, busy } = await sender.resolve();
    expect(changes).toMatchObject([{ before: 'Mined', state: 'Sent', did: 'Resend' }]);
    expect(busy).toBe('minting 1');
    await finish(sender);
    const [record] = store.records.values();
    expect(record!.status.replacements).toBeUndefined();
    expect(record!.status.receipt!.transactionHash).toBe(record!.spec.signed.hash);
    expect([await chain.minted(to), await chain.nonce(account.address)]).toEqual([1n, 1]);
  });

  test('that a rollback takes back together with the next one comes back in order', async () => {
    const [account, store, to] = [await chain.key(), memoryStore(), stranger()];
    const sender = chain.sender(account, store);
    await chain.mine(3);
    for (const amount of [1n, 2n]) {
      await sender.send(chain.mint(to, amount));
      await chain.mine();
      await sender.resolve();
    }
    await chain.control.request({ method: 'anvil_rollback', params: [2] } as never);
    expect((await sender.resolve()).changes.map(({ state }) => state)).toEqual(['Sent', 'Sent']);
    await finish(sender);
    expect([await chain.minted(to), await chain.nonce(account.address)]).toEqual([3n, 2]);
  });

  test('that is stuck is signed again for a bounded, higher fee, and one of the forms counts', async () => {
    const [account, store, to] = [await chain.key(), memoryStore(), stranger()];
    const sender = chain.sender(account, store, { replaceAfterMs: 0, maxReplacements: 3 });
    await sender.send(chain.mint(to));
    const { changes } = await sender.resolve();
    expect(changes).toMatchObject([{ did: 'Replace', state: 'Sent' }]);
    const [record] = store.records.values();
    const [raised] = record!.status.replacements!;
    const before = BigInt(record!.spec.signed.maxFeePerGas);
    expect(BigInt(raised!.maxFeePerGas) * 8n).toBeGreaterThanOrEqual(before * 9n);
    await finish(chain.sender(account, store));
    expect([...store.records.values()][0]!.status.receipt!.transactionHash).toBe(raised!.hash);
    expect([await chain.minted(to), await chain.nonce(account.address)]).toEqual([1n, 1]);
  });

  test('is not raised above the cap: it waits', async () => {
    const [account, store, to] = [await chain.key(), memoryStore(), stranger()];
    await chain.sender(account, store).send(chain.mint(to));
    const { maxFeePerGas } = [...store.records.values()][0]!.spec.signed;
    const cap = { replaceAfterMs: 0, maxFeePerGas: BigInt(maxFeePerGas) };
    expect((await chain.sender(account, store, cap).resolve()).changes).toEqual([]);
    await finish(chain.sender(account, store));
    expect(await chain.minted(to)).toBe(1n);
  });

  test('that nobody mines at any price is given up: its nonce is used by one that does nothing', async () => {
    const [account, store, to] = [await chain.key(), memoryStore(), stranger()];
    const sender = chain.sender(account, store, { replaceAfterMs: 0, maxReplacements: 1 });
    await sender.send(chain.mint(to));
    const steps = [await sender.resolve(), await sender.resolve()];
    expect(steps.map(({ changes }) => changes[0]?.did)).toEqual(['Replace', 'Cancel']);
    await finish(chain.sender(account, store));
    expect(states(store)).toEqual(['Dropped']);
    expect([await chain.minted(to), await chain.nonce(account.address)]).toEqual([0n, 1]);
    expect(await sender.send(chain.mint(to))).toMatchObject({ state: 'Sent' });
    await finish(chain.sender(account, store));
    expect(await chain.minted(to)).toBe(1n);
  });

  test('whose nonce a transaction from elsewhere uses is Replaced once that is final', async () => {
    const [account, store, to] = [await chain.key(), memoryStore(), stranger()];
    const sender = chain.sender(account, store, {
      fate: (m) => (/send/i.test(m) ? 'loseRequest' : 'deliver'),
    });
    await sender.send(chain.mint(to));
    const elsewhere = chain.sender(account, memoryStore());
    await elsewhere.send(chain.mint(to, 7n));
    await chain.mine();
    expect((await sender.resolve()).changes).toMatchObject([{ state: 'Unknown' }]);
    await finish(sender);
    expect(states(store)).toEqual(['Replaced']);
    expect(await chain.minted(to)).toBe(7n);
  });
});

describe('a nonce', () => {
  test('is used by one of two senders; the other finds it taken and adapts', async () => {
    const [account, store, to] = [await chain.key(), memoryStore(), stranger()];
    const [one, two] = [chain.sender(account, store), chain.sender(account, store)];
    const sent = await Promise.all([one.send(chain.mint(to)), two.send(chain.mint(to))]);
    expect(sent.map(({ state }) => state).sort()).toEqual(['Busy', 'Sent']);
    expect(store.records.size).toBe(1);
    const loser = sent[0]!.state === 'Busy' ? one : two;
    expect((await loser.resolve()).busy).toBe('minting 1');
    await finish(loser);
    expect(await loser.send(chain.mint(to, 2n))).toMatchObject({ state: 'Sent' });
    await finish(one);
    expect([await chain.minted(to), await chain.nonce(account.address)]).toEqual([3n, 2]);
  });

  test('that no intent holds and later ones wait for is used up', async () => {
    const [account, store, to] = [await chain.key(), memoryStore(), stranger()];
    const sender = chain.sender(account, store);
    await chain.mine(3);
    for (const whom of [stranger(), to]) {
      await sender.send(chain.mint(whom, 2n));
      await chain.mine();
      await sender.resolve();
    }
    await chain.reorganise(2);
    store.forget([...store.records.keys()][0]!);
    await sender.resolve();
    const answer = await sender.send(chain.mint(to, 4n));
    expect(answer).toMatchObject({ state: 'Busy' });
    await finish(sender);
    const operations = [...store.records.values()].map(
      ({ spec }) => `${spec.nonce} ${spec.operation}`,
    );
    expect(operations.sort()).toEqual(['0 ReleaseNonce', '1 FundChannel']);
    expect([await chain.minted(to), await chain.nonce(account.address)]).toEqual([2n, 2]);
  });
});

describe('nothing is stored', () => {
  test('for a call that the contract would refuse', async () => {
    const [account, store] = [await chain.key(), memoryStore()];
    const refused = { ...chain.mint(stranger()), data: '0x12345678' as const };
    await expect(chain.sender(account, store).send(refused)).rejects.toThrow(/revert/);
    expect(store.records.size).toBe(0);
  });

  test('for a key without coin, or at a price above the cap', async () => {
    const [poor, store] = [privateKeyToAccount(generatePrivateKey()), memoryStore()];
    const answer = await chain.sender(poor, store).send(chain.mint(stranger()));
    expect(answer).toMatchObject({ state: 'GasTooLow', balance: 0n });
    const rich = chain.sender(await chain.key(), store, { maxFeePerGas: 1n });
    await expect(rich.send(chain.mint(stranger()))).rejects.toThrow('waiting for a lower price');
    expect(store.records.size).toBe(0);
  });
});

/** Ends the process at its `at`-th request to chain or store: done, but never answered. */
function mortal(at: number) {
  let count = 0;
  const isDead = () => count > at;
  async function through<T>(work: () => Promise<T>): Promise<T> {
    count++;
    if (isDead()) throw new Error('the process has ended');
    const result = await work();
    if (count >= at) throw new Error('the process has ended');
    return result;
  }
  const store = (inner: TransactionStore): TransactionStore => ({
    list: (...args) => through(() => inner.list(...args)),
    create: (...args) => through(() => inner.create(...args)),
    update: (...args) => through(() => inner.update(...args)),
    delete: (...args) => through(() => inner.delete(...args)),
  });
  const fate = (): Fate => {
    count++;
    if (isDead()) return 'loseRequest';
    return count === at ? 'loseAnswer' : 'deliver';
  };
  return { store, fate, isDead };
}

test('a process that ends at any request does nothing twice and forgets nothing', async () => {
  /** The caller's side: sends unless it has worked or is on its way. */
  async function live(sender: TransactionSender, to: Address): Promise<void> {
    for (let block = 0; block < 8; block++) {
      const { records, busy } = await sender.resolve();
      if (busy === undefined && !records.some(hasWorked)) await sender.send(chain.mint(to));
      if (records.length > 0 && records.every(isEnded)) return;
      await chain.mine();
    }
  }
  for (let at = 1; ; at++) {
    const [account, store, to] = [await chain.key(), memoryStore(), stranger()];
    const life = mortal(at);
    const first = chain.sender(account, life.store(store), { fate: life.fate });
    const survived = await live(first, to).then(
      () => !life.isDead(),
      () => false,
    );
    await live(chain.sender(account, store), to);
    await finish(chain.sender(account, store));
    const outcome = [at, await chain.minted(to), await chain.nonce(account.address)];
    expect(outcome).toEqual([at, 1n, 1]);
    if (survived) break;
    expect(at).toBeLessThan(100);
  }
}, 300_000);
