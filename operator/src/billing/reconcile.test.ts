import { recoverStatementReply } from '@gridlease/contracts/statementReply';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { ReconcileResult } from '@gridlease/kube/controller';
import { silentLogger } from '@gridlease/kube/log';
import { manualClock } from '@gridlease/kube/manualClock';
import { objectKey } from '@gridlease/kube/object';
import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { aRowOnObject, aStatedChannel, channelRef, domain, signers } from '../testing/billing.ts';
import { aLease, anAcceptance } from '../testing/builders.ts';
import { startMs } from '../testing/money.ts';
import type { BillingDeps } from './deps.ts';
import { billingMetrics } from './metrics.ts';
import { billingReconcile } from './reconcile.ts';

const key = 'gridlease-provider-alpha/channel';

/** What is stored, and what the cache shows of it; the two are set apart on purpose. */
function aHub(stored: PaymentChannel, cached = stored) {
  const hub = {
    stored,
    cached,
    lease: undefined as GPULease | undefined,
    cachedLease: undefined as GPULease | undefined,
    /** The leases that were read from the API server. */
    read: [] as string[],
    /** How many of the next writes fail without being stored. */
    failing: 0,
    /** Everything that was signed and sent to be stored. */
    sent: [] as PaymentChannel['spec'][],
    run: async (): Promise<ReconcileResult> => undefined,
  };
  const deps = {
    clients: {
      channels: {
        get: async () => hub.stored,
        replace: async (channel: PaymentChannel) => {
          hub.sent.push(channel.spec);
          if (hub.failing-- > 0) throw new Error('no answer');
          if (channel.metadata.resourceVersion !== hub.stored.metadata.resourceVersion) {
            throw new Error('conflict');
          }
          hub.stored = { ...channel, metadata: { ...channel.metadata, resourceVersion: 'next' } };
          return hub.stored;
        },
      },
      leases: {
        find: async ({ name }: { readonly name: string }) => {
          hub.read.push(name);
          return hub.lease;
        },
        replaceStatus: async (lease: GPULease) => lease,
      },
    },
    informers: {
      channels: { get: () => hub.cached, observe: () => undefined },
      leases: { get: () => hub.cachedLease, list: () => [], observe: () => undefined },
      offers: { list: () => [{ spec: { agent: signers.agent.address, grant: {} } }] },
      providers: { get: () => undefined },
    },
    signerFor: async () => signers.delegate,
    checkGrant: async () => undefined,
    heartbeats: { lastSeenMs: () => Number(startMs) },
    clock: manualClock(Number(startMs)),
    recorder: { event: () => undefined },
  } as unknown as BillingDeps;
  const receipts = { receivedMs: () => Number(startMs) };
  const reconcile = billingReconcile(deps, billingMetrics(new Registry()), receipts);
  const signal = new AbortController().signal;
  hub.run = () => reconcile(key, { signal, log: silentLogger }) as Promise<ReconcileResult>;
  return hub;
}

test('the statement that is stored is answered, not one that a late cache still shows', async () => {
  const old = await aStatedChannel({ seq: 1n });
  const stored = await aStatedChannel({ seq: 2n, resourceVersion: '2' });
  const hub = aHub(stored, old);
  expect(objectKey(stored)).toBe(key);
  await hub.run();
  expect(hub.stored.spec.reply?.statementHash).toBe(stored.status?.statement?.hash);
  expect(hub.sent).toHaveLength(1);
});

test('a row that is not counted yet is judged by its lease as it is stored', async () => {
  const hub = aHub(await aStatedChannel({ rows: [aRowOnObject(1)] }));
  hub.cachedLease = aLease({ status: { acceptance: anAcceptance } });
  await hub.run();
  expect(hub.read).toEqual(['lease-1']);
});

test('nothing is signed for a statement that was answered, though the cache doesn’t show it yet', async () => {
  const hub = aHub(await aStatedChannel());
  await hub.run();
  await hub.run();
  expect(hub.sent).toHaveLength(1);
});

test('a reply that could not be stored is given again as it was, whatever is known since', async () => {
  const hub = aHub(await aStatedChannel({ rows: [aRowOnObject(1)] }));
  hub.failing = 1;
  await expect(hub.run()).rejects.toThrow('no answer');
  hub.lease = aLease();
  await hub.run();
  expect(hub.sent).toHaveLength(2);
  expect(hub.sent[0]?.reply?.refusals[0]?.reason).toBe('LeaseUnknown');
  expect(hub.sent[1]?.reply).toEqual(hub.sent[0]?.reply);
});

test('of two statements with one number only the first gets a signature', async () => {
  const hub = aHub(await aStatedChannel({ seq: 5n }));
  hub.failing = 1;
  await expect(hub.run()).rejects.toThrow('no answer');
  hub.stored = await aStatedChannel({ seq: 5n, atMs: startMs - 1n });
  hub.cached = hub.stored;
  expect(await hub.run()).toEqual({ requeueAfterMs: expect.any(Number) });
  expect(hub.sent).toHaveLength(1);
});

test('a statement that nobody of the provider signed gets no signature, and is looked at again', async () => {
  const hub = aHub(await aStatedChannel({ by: signers.stranger }));
  expect(await hub.run()).toEqual({ requeueAfterMs: expect.any(Number) });
  expect(hub.sent).toEqual([]);
});

test('a reply is signed by the account’s delegate for this channel', async () => {
  const hub = aHub(await aStatedChannel());
  await hub.run();
  const { reply } = hub.stored.spec;
  const signed = { ...channelRef, ...reply!, cumulative: BigInt(reply!.cumulative) };
  expect(await recoverStatementReply(domain, signed, reply!.signature)).toBe(
    signers.delegate.address,
  );
});
