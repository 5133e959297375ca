import { amountFor } from '@gridlease/contracts/amount';
import { usageRowsRoot } from '@gridlease/contracts/usageRow';
import { recoverUsageStatement } from '@gridlease/contracts/usageStatement';
import { abortable } from '@gridlease/kube/abort';
import { until } from '@gridlease/kube/testing/until';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { zeroHash } from 'viem';
import { rowFromObject } from './meter/onObject.ts';
import type { SignedVoucher } from './redeem/voucher.ts';
import {
  agent,
  clients,
  domain,
  forgetAll,
  gas,
  hub,
  hubNamespace,
  price,
  publicClient,
  recordNamespace,
  setUp,
  tearDown,
} from './testing/money.ts';
import { anAgent } from './testing/moneyAgent.ts';
import { aChannel } from './testing/moneyChannel.ts';
import { aLease } from './testing/moneyLease.ts';

beforeAll(setUp, 90_000);
afterAll(tearDown, 30_000);

const agents: Awaited<ReturnType<typeof anAgent>>[] = [];
const startAgent: typeof anAgent = async (options) => {
  const started = await anAgent(options);
  agents.push(started);
  return started;
};
afterEach(async () => {
  await Promise.all(agents.splice(0).map((one) => one.stop()));
  forgetAll();
});

/** Transactions whose end is not final. */
async function openTransactions(): Promise<number> {
  const { items } = await clients.transactions.list({ namespace: recordNamespace });
  return items.filter(({ status }) => status?.finishedTime === undefined).length;
}

async function blocksFromNow(count: bigint): Promise<void> {
  const block = await publicClient.getBlockNumber({ cacheTime: 0 });
  await until(`${count} more blocks`, async () =>
    (await publicClient.getBlockNumber({ cacheTime: 0 })) >= block + count ? true : undefined,
  );
}

describe('money from pods to the chain', () => {
  test('a lease is stated while it runs, finally stated at once, paid to the last unit, and settled', async () => {
    const channel = await aChannel();
    const running = await startAgent();
    const lease = await aLease(channel, { seconds: 24 });
    const first = await until(
      'the first statement',
      async () => (await channel.channel()).status?.statement,
    );
    const rows = (await channel.channel()).status!.rows!.map(rowFromObject);
    const { hash: _, agent: signedBy, signature, ...fields } = first;
    const statement = {
      ...channel.key,
      generation: 1,
      ...fields,
      seq: BigInt(fields.seq),
      atMs: BigInt(fields.atMs),
      foldedAmount: BigInt(fields.foldedAmount),
      cumulative: BigInt(fields.cumulative),
    };
    expect(await recoverUsageStatement(domain, statement, signature)).toBe(agent.address);
    expect(signedBy).toBe(agent.address);
    expect((await lease.status())?.running).toBeDefined();
    if (fields.rowCount === rows.length) expect(usageRowsRoot(rows)).toBe(fields.rowsRoot);

    const gpuMs = await lease.end();
    const endedMs = Date.now();
    const { last, atMs } = await until('the final row', async () => {
      await channel.pay();
      const { rows, statement } = (await channel.channel()).status ?? {};
      const last = rows?.find((row) => row.last);
      return last && { last, atMs: Number(statement!.atMs) };
    });
    // The time that it states itself: writing it down takes what the API servers take.
    expect(atMs - endedMs).toBeLessThan(5_000);
    expect(BigInt(last.gpuMs)).toBe(gpuMs);
    expect(BigInt(last.amount)).toBe(amountFor(price, gpuMs));
    const redeemed = await until('the redemption', async () => {
      await channel.pay();
      // What was vouched for while it ran may be redeemed first.
      const { redeemed } = (await channel.channel()).status ?? {};
      return redeemed !== undefined && BigInt(redeemed.cumulative) >= amountFor(price, gpuMs)
        ? redeemed
        : undefined;
    });
    expect(BigInt(redeemed.cumulative)).toBe(amountFor(price, gpuMs));
    expect((await channel.onChain()).claimed).toBe(amountFor(price, gpuMs));
    expect(running.meter.usage(lease.uid)).toMatchObject({ gpuMs, final: true, delivering: false });
    const folded = await clients.leaseRecords.get({ name: lease.uid, namespace: recordNamespace });
    expect(folded.spec.meter).toMatchObject({ final: true, folded: true, gpuMs: gpuMs.toString() });
    await until(
      'the end of the transaction',
      async () => (await openTransactions()) === 0 || undefined,
    );
    expect(running.said).toEqual([`resume ${lease.uid}`]);
  }, 90_000);

  test('an agent that dies between storing and sending, or between sending and hearing of it, pays once', async () => {
    const channel = await aChannel();
    const lease = await aLease(channel, { seconds: 3 });
    const never = (signal: AbortSignal | undefined) =>
      abortable(new Promise<never>(() => undefined), signal);
    const crashing = await startAgent({
      store: (store) => ({
        ...store,
        create: async (spec, signal) => {
          await store.create(spec, signal);
          return never(signal);
        },
      }),
    });
    const gpuMs = await lease.end();
    await until('the intent', async () => {
      await channel.pay().catch(() => undefined);
      return (await openTransactions()) === 1 || undefined;
    });
    await crashing.stop();
    expect((await channel.onChain()).claimed).toBe(0n);

    const nonce = await publicClient.getTransactionCount({ address: gas.address });
    const deaf = await startAgent({
      store: (store) => ({ ...store, update: (_record, _status, signal) => never(signal) }),
    });
    await until('the claim', async () =>
      (await channel.onChain()).claimed === amountFor(price, gpuMs) ? true : undefined,
    );
    await deaf.stop();
    await startAgent();
    const redeemed = await until(
      'the redemption',
      async () => (await channel.channel()).status?.redeemed,
    );
    expect(redeemed.cumulative).toBe(amountFor(price, gpuMs).toString());
    expect(await publicClient.getTransactionCount({ address: gas.address })).toBe(nonce + 1);
    expect(await openTransactions()).toBe(0);
  }, 120_000);

  test('a restarted agent continues the chain of statements, and lists no accepted lease twice', async () => {
    const channel = await aChannel();
    const first = await aLease(channel, { seconds: 2 });
    const before = await startAgent();
    const firstMs = await first.end();
    await until('the first lease to be accepted', async () => {
      await channel.pay();
      const record = await clients.leaseRecords.get({
        name: first.uid,
        namespace: recordNamespace,
      });
      return record.spec.meter?.folded;
    });
    await before.stop();
    const { statement } = (await channel.channel()).status!;
    await startAgent();
    const second = await aLease(channel, { seconds: 2 });
    const secondMs = await second.end();
    const last = await until('the second lease', async () => {
      await channel.pay();
      const { status } = await channel.channel();
      return status?.rows?.some((row) => row.last && row.leaseId === second.leaseId)
        ? status
        : undefined;
    });
    expect(last.statement!.prev).not.toBe(zeroHash);
    expect(BigInt(last.statement!.seq)).toBeGreaterThan(BigInt(statement!.seq));
    expect(BigInt(last.statement!.cumulative)).toBe(
      amountFor(price, firstMs) + amountFor(price, secondMs),
    );
  }, 120_000);

  test('a lease that the hub took back before it was answered is stated nowhere', async () => {
    const channel = await aChannel();
    const lease = await aLease(channel, { seconds: 60 });
    const lost = await aLease(channel, { endedAs: 'Withdrawn' });
    await startAgent();
    const folded = await until('the end of its metering', async () => {
      const ref = { name: lost.uid, namespace: recordNamespace };
      const { meter } = (await clients.leaseRecords.get(ref)).spec;
      return meter?.folded && meter;
    });
    expect(folded).toMatchObject({ final: true, gpuMs: '0' });
    const { rows } = await until('a statement', async () => {
      const { status } = await channel.channel();
      return status?.statement && status;
    });
    expect(rows?.map(({ leaseId }) => leaseId)).toEqual([lease.leaseId]);
  }, 60_000);

  test('a refused row suspends its lease and no other', async () => {
    const channel = await aChannel({ refuse: ({ gpuMs }) => BigInt(gpuMs) > 10_000_000n });
    const cheat = await aLease(channel, { seconds: 60 });
    const honest = await aLease(channel, { seconds: 61 });
    const running = await startAgent({
      transforms: {
        rows: (rows) =>
          rows.map((row) =>
            row.leaseId === cheat.leaseId ? { ...row, gpuMs: row.gpuMs + 20_000_000n } : row,
          ),
      },
    });
    await until('the suspension', async () => {
      await channel.pay();
      return running.said.find((line) => line === `suspend ${cheat.uid} MeterRefused`);
    });
    expect(running.said).not.toContain(`suspend ${honest.uid} MeterRefused`);
  }, 90_000);

  test('without its hub an agent goes on metering, stops at the grace time, and publishes later', async () => {
    const channel = await aChannel();
    const away = await startAgent({
      hub: { ...hub, request: () => Promise.reject(new Error('away')) },
    });
    const lease = await aLease(channel, { seconds: 60, graceSeconds: 4 });
    const stored = await until('a stored statement', async () => {
      const record = await channel.record().catch(() => undefined);
      return record?.spec.statement;
    });
    expect(BigInt(stored.cumulative)).toBeGreaterThan(0n);
    await until('the suspension', () =>
      away.said.find((line) => line === `suspend ${lease.uid} PaymentOverdue`),
    );
    await away.stop();
    const { statement } = (await channel.record()).spec;
    await startAgent();
    // One stored before it may come first: a cache that is being filled can lag behind.
    await until('the last stored statement, or a later one, at the hub', async () => {
      const { status } = await channel.channel();
      const seq = BigInt(status?.statement?.seq ?? 0);
      return seq >= BigInt(statement!.seq) || undefined;
    });
  }, 90_000);

  test('a voucher that the contract does not pay is said so, and not sent again', async () => {
    const channel = await aChannel();
    const nonce = await publicClient.getTransactionCount({ address: gas.address });
    const transforms = {
      voucher: (voucher: SignedVoucher) => ({ ...voucher, cumulative: voucher.cumulative + 1n }),
    };
    const running = await startAgent({ transforms });
    const lease = await aLease(channel, { seconds: 2 });
    await lease.end();
    const ready = await until('the condition', async () => {
      await channel.pay();
      const { status } = await channel.channel();
      return status?.conditions?.find(({ reason }) => reason === 'RowSkipped');
    });
    expect(ready).toMatchObject({ type: 'Ready', status: 'False' });
    expect(ready.message).toMatch(/UnknownChannel/);
    await until(
      'the end of the transaction',
      async () => (await openTransactions()) === 0 || undefined,
    );
    // Another agent knows as much: it reads what the contract said from the stored transaction.
    await running.stop();
    const cleared = await clients.channels.mergePatchStatus(
      { name: channel.name, namespace: hubNamespace },
      { status: { conditions: null } },
    );
    expect(cleared.status?.conditions).toBeUndefined();
    await startAgent({ transforms });
    await until('the condition again', async () => {
      const { status } = await channel.channel();
      return status?.conditions?.find(({ reason }) => reason === 'RowSkipped');
    });
    await blocksFromNow(2n);
    expect(await publicClient.getTransactionCount({ address: gas.address })).toBe(nonce + 1);
    expect((await channel.onChain()).claimed).toBe(0n);
  }, 90_000);

  test('a payout is counted as earned once, also when the answer to its write was lost', async () => {
    const channel = await aChannel();
    let isLost = false;
    const running = await startAgent({
      records: (records) => ({
        ...records,
        update: async (name, mutate, signal) => {
          const before = records.get(name)?.redeemed;
          const after = await records.update(name, mutate, signal);
          if (isLost || after?.redeemed === undefined || before !== undefined) return after;
          isLost = true;
          throw new Error('socket hang up');
        },
      }),
    });
    const lease = await aLease(channel, { seconds: 2 });
    const due = amountFor(price, await lease.end());
    const earned = async () => {
      const [, value] =
        /^gridlease_provider_earned_tokens_total (\S+)/m.exec(await running.registry.metrics()) ??
        [];
      return Math.round(Number(value) * 1_000_000);
    };
    await until('the count', async () => {
      await channel.pay();
      return (await earned()) >= Number(due) || undefined;
    });
    await blocksFromNow(2n);
    expect([await earned(), isLost]).toEqual([Number(due), true]);
  }, 90_000);

  test('several channels that came to rest while the chain was away are paid by one transaction', async () => {
    const both = [await aChannel(), await aChannel()];
    const nonce = await publicClient.getTransactionCount({ address: gas.address });
    let isAway = true;
    await startAgent({
      chain: (chain) => ({
        ...chain,
        sender: (options) => {
          const sender = chain.sender(options);
          return {
            ...sender,
            send: (request, signal) =>
              isAway
                ? Promise.reject(new Error('the chain is away'))
                : sender.send(request, signal),
          };
        },
      }),
    });
    const leases = await Promise.all(both.map((channel) => aLease(channel, { seconds: 2 })));
    const due = await Promise.all(leases.map((lease) => lease.end()));
    await until('both vouchers', async () => {
      for (const channel of both) await channel.pay();
      const stored = await Promise.all(
        both.map(async ({ record }) => (await record().catch(() => undefined))?.spec.voucher),
      );
      return stored.every(
        (voucher, index) => voucher?.cumulative === amountFor(price, due[index]!).toString(),
      )
        ? true
        : undefined;
    });
    // At rest is a channel without leases that still cost something, and the agent has to have seen it.
    await until('both channels at rest', async () => {
      for (const channel of both) await channel.pay();
      const folded = await Promise.all(leases.map((lease) => lease.isFolded()));
      return folded.every(Boolean) ? true : undefined;
    });
    await blocksFromNow(2n);
    isAway = false;
    for (const [index, channel] of both.entries()) {
      const redeemed = await until('the redemption', async () => {
        await channel.pay();
        return (await channel.channel()).status?.redeemed;
      });
      expect(redeemed.cumulative).toBe(amountFor(price, due[index]!).toString());
    }
    expect(await publicClient.getTransactionCount({ address: gas.address })).toBe(nonce + 1);
  }, 90_000);

  test('the metrics are in the form that Prometheus asks for', async () => {
    const running = await startAgent();
    const text = await running.registry.metrics();
    for (const name of [
      'gpu_seconds_total',
      'statements_total',
      'vouchers_total',
      'chain_tx_total',
    ]) {
      expect(text).toMatch(new RegExp(`^gridlease_${name}[ {]`, 'm'));
    }
    // promtool's rules: a help text, _total only on counters, base units, no type in the name.
    const types = [...text.matchAll(/^# TYPE (gridlease_\S+) (\S+)$/gm)];
    for (const [, name, type] of types) {
      expect(text).toMatch(new RegExp(`^# HELP ${name} .+`, 'm'));
      expect(name!.endsWith('_total')).toBe(type === 'counter');
    }
  });
});
