import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { amountFor } from '@gridlease/contracts/amount';
import { encodeSettle, readChannels } from '@gridlease/contracts/escrow';
import { type UsageRow, usageRowsRoot } from '@gridlease/contracts/usageRow';
import {
  hashUsageStatement,
  signUsageStatement,
  type UsageStatement,
} from '@gridlease/contracts/usageStatement';
import { recoverVoucher } from '@gridlease/contracts/voucher';
import { chainTransactionStore } from '@gridlease/crds/chainTransactionStore';
import type { ChainTransaction } from '@gridlease/crds/chaintransaction';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import { API_VERSION, LABEL_JOB_NAMESPACE, providerNamespace } from '@gridlease/crds/labels';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import * as kinds from '@gridlease/crds/resources';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { ApiError, ConnectionError } from '@gridlease/kube/apiError';
import * as builtins from '@gridlease/kube/builtins';
import { systemClock } from '@gridlease/kube/clock';
import { getCondition, isTrue, setCondition, toMicroTime } from '@gridlease/kube/conditions';
import { eventRecorder } from '@gridlease/kube/events';
import { Informer } from '@gridlease/kube/informer';
import { silentLogger } from '@gridlease/kube/log';
import type { KubeObject } from '@gridlease/kube/object';
import { resourceClient } from '@gridlease/kube/resources';
import { until } from '@gridlease/kube/testing/until';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { type LocalAccount, zeroHash } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { createBillingStage } from './billing/stage.ts';
import { createChains } from './chains.ts';
import { operatorClients } from './clients.ts';
import type { RoleBinding } from './federation/objects.ts';
import { createFederationStage } from './federation/stage.ts';
import { checkGrant } from './grantCheck.ts';
import { createHeartbeats, type HeartbeatLease } from './heartbeats.ts';
import { checkOffer } from './offerCheck.ts';
import { givenUp } from './recovery/giveUp.ts';
import { accountIndex } from './settlement/indexes.ts';
import { createSettlementStage } from './settlement/stage.ts';
import { openLossyRpc } from './testing/lossyRpc.ts';
import { newParties, openEscrow } from './testing/moneyHub.ts';
import { acceptedStatus, signedLease, signedOffer } from './testing/signedObjects.ts';
import { openTestHub } from './testing/testHub.ts';
import { senderFor } from './transactions.ts';

/** The three money stages on a real API server and a real chain; the test is tenant, admin and agent. */

const file = process.env['GRIDLEASE_TEST_ENV'] ?? join(tmpdir(), 'gridlease-test-env-0/env.json');
const env = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly chain: { readonly rpcURL: string; readonly chainId: number };
};
const parties = newParties();
const key = privateKeyToAccount(generatePrivateKey());
/** Everything that the delegate has signed, in order. */
const signed: { readonly primaryType: string; readonly message: Record<string, unknown> }[] = [];
const delegate: LocalAccount = {
  ...key,
  signTypedData: (typed) => {
    signed.push(typed as never);
    return key.signTypedData(typed);
  },
};
const stop = new AbortController();
const registry = new Registry();

type World = Awaited<ReturnType<typeof start>>;
let world: World;

async function start() {
  const hub = await openTestHub();
  const rpc = await openLossyRpc(env.chain.rpcURL);
  const money = await openEscrow(env.chain.rpcURL, env.chain.chainId, hub.accounts[9]!);
  const providerName = `money-${hub.id}`;
  const namespace = providerNamespace(providerName);
  const agentCluster = hub.agent(providerName);
  const clients = operatorClients(hub.operator);
  const kubeSystem = await clients.namespaces.get({ name: 'kube-system' });
  const common = { cluster: hub.admin };
  const mine = { ...common, labelSelector: `gridlease.dev/test=${hub.id}` };
  const informers = {
    leases: new Informer<GPULease>({
      ...common,
      namespace,
      definition: kinds.gpuLeases,
      indexes: accountIndex,
    }),
    channels: new Informer<PaymentChannel>({
      ...common,
      namespace,
      definition: kinds.paymentChannels,
      indexes: accountIndex,
    }),
    accounts: new Informer<PaymentAccount>({
      ...common,
      namespace: hub.namespace,
      definition: kinds.paymentAccounts,
    }),
    chains: new Informer<SettlementChain>({ ...mine, definition: kinds.settlementChains }),
    providers: new Informer<import('@gridlease/crds/gpuprovider').GPUProvider>({
      ...mine,
      definition: kinds.gpuProviders,
    }),
    offers: new Informer<GPUOffer>({ ...common, namespace, definition: kinds.gpuOffers }),
    inventories: new Informer<import('@gridlease/crds/gpuinventory').GPUInventory>({
      ...common,
      namespace,
      definition: kinds.gpuInventories,
    }),
    transactions: new Informer<ChainTransaction>({
      ...common,
      namespace: 'gridlease-system',
      definition: kinds.chainTransactions,
    }),
    heartbeats: new Informer<HeartbeatLease>({ ...common, namespace, definition: builtins.leases }),
    roleBindings: new Informer<RoleBinding>({
      ...common,
      namespace,
      definition: builtins.roleBindings,
    }),
  };
  const clock = systemClock;
  const recorder = eventRecorder({
    cluster: hub.operator,
    reportingController: 'gridlease.dev/operator',
    reportingInstance: 'test',
  });
  const heartbeats = createHeartbeats({ informer: informers.heartbeats, clock });
  const chains = createChains({ secrets: clients.secrets });
  const transactions = chainTransactionStore({
    client: clients.transactions,
    informer: informers.transactions,
    namespace: 'gridlease-system',
    fieldManager: 'gridlease-operator',
    now: () => clock.now(),
  });
  const signerFor = async () => delegate;
  const shared = {
    clients,
    informers,
    signerFor,
    recorder,
    clock,
    log: silentLogger,
    registry,
    heartbeats,
  };
  const stages = [
    createFederationStage({ ...shared, hubUid: kubeSystem.metadata.uid!, checkOffer }),
    createBillingStage({ ...shared, checkGrant }),
    createSettlementStage({
      ...shared,
      chains,
      createSender: (chain, account) => senderFor(chain, account, { store: transactions, clock }),
      stopSeconds: 20,
      pollMs: 200,
    }),
  ];
  for (const informer of Object.values(informers)) informer.start(stop.signal);
  for (const stage of stages) stage.start(stop.signal);
  return {
    hub,
    rpc,
    money,
    providerName,
    namespace,
    clients,
    chains,
    heartbeats,
    recorder,
    hubUid: kubeSystem.metadata.uid!,
    admin: operatorClients(hub.admin),
    agent: {
      leases: resourceClient<GPULease>(agentCluster, kinds.gpuLeases),
      channels: resourceClient<PaymentChannel>(agentCluster, kinds.paymentChannels),
      offers: resourceClient<GPUOffer>(agentCluster, kinds.gpuOffers),
      inventories: resourceClient<KubeObject>(agentCluster, kinds.gpuInventories),
      heartbeats: resourceClient<KubeObject>(agentCluster, builtins.leases),
    },
    stopped: () => Promise.all([...stages, ...Object.values(informers)].map((one) => one.stopped)),
  };
}

beforeAll(async () => {
  world = await start();
}, 60_000);

afterAll(async () => {
  stop.abort();
  await world.stopped();
  await world.recorder.close();
  world.chains.close();
  const { admin, hub, namespace, providerName } = world;
  const gone = async (client: typeof admin.chains, name: string) => {
    const found = await client.find({ name });
    if (found?.metadata.uid !== undefined)
      await client.delete({ name }, { uid: found.metadata.uid });
  };
  for (const name of ['chain', 'wrong', 'empty']) await gone(admin.chains, `${name}-${hub.id}`);
  await gone(admin.providers as never, providerName);
  await gone(admin.namespaces as never, namespace);
  await gone(admin.namespaces as never, hub.namespace);
  await world.rpc[Symbol.asyncDispose]();
  await hub.close();
}, 30_000);

function aChain(name: string, change: Partial<SettlementChain['spec']> = {}): SettlementChain {
  const { hub, money } = world;
  return {
    apiVersion: API_VERSION,
    kind: 'SettlementChain',
    metadata: { name: `${name}-${hub.id}`, labels: hub.labels },
    spec: {
      chainId: money.chainId,
      rpcSecretRef: { namespace: 'gridlease-system', name: `chain-${hub.id}`, key: 'url' },
      escrow: money.escrow,
      token: { address: money.token, symbol: 'tUSD', decimals: 6 },
      finality: 'Finalized',
      ...change,
    },
  };
}

const readyOf = (object: { status?: { conditions?: never } } | KubeObject | undefined) =>
  getCondition(
    (object as { status?: { conditions?: never } } | undefined)?.status?.conditions,
    'Ready',
  );

/** The agent renews. */
async function renew(): Promise<void> {
  const { agent, namespace } = world;
  const existing = await agent.heartbeats.find({ namespace, name: 'agent' });
  const renewTime = toMicroTime(new Date());
  const spec = { holderIdentity: 'agent', leaseDurationSeconds: 40, renewTime };
  const metadata = { name: 'agent', namespace };
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
  if (existing === undefined) await agent.heartbeats.create(lease as KubeObject);
  else await agent.heartbeats.replace({ ...existing, spec } as KubeObject);
}

/** Renews, and waits until the hub has heard it: usage later than that by more than 40 s is refused. */
async function beat(): Promise<void> {
  const { heartbeats, namespace } = world;
  const sinceMs = Date.now();
  await renew();
  await until('the renewal is heard', () => (heartbeats.lastSeenMs(namespace) ?? 0) >= sinceMs);
}

test('a chain is ready when it is the one stated, and says what is wrong when not', async () => {
  const { admin, hub } = world;
  await admin.chains.create(aChain('chain'));
  const reasonOf = async (name: string) =>
    readyOf(await admin.chains.get({ name: `${name}-${hub.id}` }))?.reason;
  await until(
    'the missing Secret is named',
    async () => (await reasonOf('chain')) === 'SecretNotFound',
  );
  await admin.secrets.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `chain-${hub.id}`, namespace: 'gridlease-system' },
    data: { url: Buffer.from(world.rpc.url).toString('base64') },
  });
  await admin.chains.create(aChain('wrong', { chainId: 4_242 }));
  await admin.chains.create(aChain('empty', { escrow: parties.tenant.address }));
  await until('ready', async () => (await reasonOf('chain')) === 'Ready');
  await until(
    'the other chain id is named',
    async () => (await reasonOf('wrong')) === 'WrongChainId',
  );
  await until(
    'the missing contract is named',
    async () => (await reasonOf('empty')) === 'NoContract',
  );
}, 120_000);

test('a provider gets its namespace and rights, is ready while it renews, and loses its rights at once', async () => {
  const { admin, agent, hub, namespace, providerName } = world;
  await admin.providers.create({
    apiVersion: API_VERSION,
    kind: 'GPUProvider',
    metadata: { name: providerName, labels: hub.labels },
    spec: { address: parties.owner.address, hubAccepted: true, region: 'eu', jurisdiction: 'DE' },
  } as never);
  const provider = () => admin.providers.get({ name: providerName });
  await until('the agent may write', () =>
    renew().then(
      () => true,
      () => false,
    ),
  );
  await until(
    'waiting for an inventory',
    async () => readyOf(await provider())?.reason === 'NoInventory',
  );
  await agent.inventories.create({
    apiVersion: API_VERSION,
    kind: 'GPUInventory',
    metadata: { name: providerName, namespace },
    spec: {
      observedTime: new Date().toISOString(),
      pools: [
        {
          product: 'H100',
          rawProducts: ['H100'],
          memoryMiB: 81_559,
          capacity: 8,
          healthy: 8,
          used: 0,
          leased: 0,
          free: 8,
          nodeFree: [8],
        },
      ],
      isolationClasses: ['runc'],
      cachedImages: [],
      unlabelledNodes: [],
    },
  } as never);
  const offer = await signedOffer({
    ...world,
    domain: world.money.domain,
    parties,
    labels: hub.labels,
  });
  await agent.offers.create(offer);
  const ready = await until('ready', async () => {
    const found = await provider();
    return isTrue(found.status?.conditions, 'Ready') && found;
  });
  expect(ready.status).toMatchObject({
    gpus: '8/8',
    products: 'H100',
    agentAddress: parties.agent.address,
  });

  const forged = await signedOffer({
    ...world,
    domain: world.money.domain,
    parties,
    labels: hub.labels,
    product: 'L40S',
  });
  const created = await agent.offers.create({
    ...forged,
    spec: { ...forged.spec, signature: offer.spec.signature },
  });
  const bad = await until('the forged offer is named', async () => {
    const found = getCondition((await provider()).status?.conditions, 'OffersValid');
    return found?.reason === 'SomeInvalid' && found;
  });
  expect(bad.message).toContain(`${forged.metadata.name}: OfferSignatureInvalid`);
  await agent.offers.delete(created.metadata, { uid: created.metadata.uid! });

  await admin.providers.mergePatch({ name: providerName }, { spec: { hubAccepted: false } });
  const startedAt = performance.now();
  await until('the agent is refused', () =>
    renew().then(
      () => false,
      (error: unknown) => error instanceof ApiError && error.isForbidden,
    ),
  );
  // Sooner than anything that only time brings about.
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  await until('not accepted', async () => readyOf(await provider())?.reason === 'NotAccepted');
  await admin.providers.mergePatch({ name: providerName }, { spec: { hubAccepted: true } });
  await until('ready again', async () => readyOf(await provider())?.status === 'True');
  await until('the agent may write again', () =>
    renew().then(
      () => true,
      () => false,
    ),
  );
}, 120_000);

test('an account is told step by step what it lacks until it can pay', async () => {
  const { admin, hub, money } = world;
  await admin.accounts.create({
    apiVersion: API_VERSION,
    kind: 'PaymentAccount',
    metadata: { name: 'team', namespace: hub.namespace },
    spec: { address: parties.tenant.address, chainName: `chain-${hub.id}` },
  });
  const told = async (reason: string) =>
    (
      await until(`told ${reason}`, async () => {
        const ready = readyOf(await admin.accounts.get({ namespace: hub.namespace, name: 'team' }));
        return ready?.reason === reason && ready;
      })
    ).message;
  expect(await told('EscrowEmpty')).toContain(money.escrow);
  await money.giveCoins(parties.tenant.address);
  await money.deposit(parties.tenant, 10_000_000n);
  expect(await told('DelegateNotAuthorized')).toContain(`authorize(${delegate.address}, limit)`);
  await money.authorize(parties.tenant, delegate.address, 8_000_000n);
  expect(await told('DelegateGasTooLow')).toContain(delegate.address);
  await money.giveCoins(delegate.address);
  await told('Funded');
  const account = await admin.accounts.get({ namespace: hub.namespace, name: 'team' });
  expect(account.status).toMatchObject({
    escrowed: '10',
    free: '10',
    delegateLimit: '8',
    delegateAddress: delegate.address,
  });
}, 120_000);

test('leases are funded, billed row by row, and settled when their money is final', async () => {
  const { admin, agent, clients, hub, money, namespace, providerName } = world;
  const account = await admin.accounts.get({ namespace: hub.namespace, name: 'team' });
  const make = async (name: string) =>
    clients.leases.create(
      await signedLease({
        domain: money.domain,
        parties,
        delegate,
        providerName,
        account,
        name,
        hubUid: world.hubUid,
      }),
    );
  const [good, bad, refused] = [await make('good'), await make('bad'), await make('refused')];
  expect(good.metadata.labels?.[LABEL_JOB_NAMESPACE]).toBe(hub.namespace);
  const lease = (name: string) => admin.leases.get({ namespace, name });
  const channelRef = { namespace, name: good.spec.channelName };

  await agent.leases.replaceStatus({
    ...refused,
    status: {
      conditions: setCondition(
        [],
        { type: 'Accepted', status: 'False', reason: 'Draining', message: 'no' },
        new Date(),
      ),
    },
  });
  await until(
    'a refused lease costs nothing',
    async () =>
      getCondition((await lease('refused')).status?.conditions, 'Settled')?.reason ===
      'NothingToSettle',
  );

  // One unit a GPU-millisecond, 35 s at risk a lease: each may still cost 35,000.
  const ends = {
    tenant: parties.tenant.address,
    provider: parties.owner.address,
    signer: delegate.address,
  };
  const onChain = async () => (await readChannels(money.publicClient, money.escrow, [ends]))[0]!;
  await until(
    'funded to at least the exposure',
    async () => (await onChain()).reserved >= 140_000n,
  );
  expect((await onChain()).reserved).toBeLessThanOrEqual(210_000n);

  for (const one of [good, bad]) {
    const current = await lease(one.metadata.name);
    await agent.leases.replaceStatus({
      ...current,
      status: await acceptedStatus(current, money.domain, parties.agent),
    });
  }
  const idOf = async (name: string) => (await lease(name)).status!.leaseId!;
  await beat();
  const fromMs = BigInt(Date.now());
  const row = async (name: string, gpuMs: bigint, more: Partial<UsageRow> = {}) => ({
    name,
    row: {
      leaseId: await idOf(name),
      fromMs,
      toMs: fromMs + gpuMs,
      gpuMs,
      amount: amountFor(3_600_000n, gpuMs),
      credit: 0n,
      segmentsRoot: zeroHash,
      last: false,
      ...more,
    },
  });
  let prev: UsageStatement['prev'] = zeroHash;
  async function state(rows: readonly { name: string; row: UsageRow }[]) {
    const plain = rows.map((one) => one.row);
    const statement: UsageStatement = {
      ...ends,
      generation: 1,
      seq: BigInt(Date.now()),
      atMs: BigInt(Date.now()),
      rowCount: rows.length,
      rowsRoot: usageRowsRoot(plain),
      foldedAmount: 0n,
      foldedHead: zeroHash,
      cumulative: plain.reduce((sum, { amount, credit }) => sum + amount - credit, 0n),
      prev,
    };
    const hash = hashUsageStatement(money.domain, statement);
    prev = hash;
    const signature = await signUsageStatement(parties.agent, money.domain, statement);
    const current = await admin.channels.get(channelRef);
    await agent.channels.replaceStatus({
      ...current,
      status: {
        ...current.status,
        statement: {
          seq: statement.seq.toString(),
          atMs: statement.atMs.toString(),
          rowCount: statement.rowCount,
          rowsRoot: statement.rowsRoot,
          foldedAmount: '0',
          foldedHead: zeroHash,
          cumulative: statement.cumulative.toString(),
          prev: statement.prev,
          hash,
          agent: parties.agent.address,
          signature,
        },
        rows: rows.map(({ name, row: one }) => ({
          leaseId: one.leaseId,
          leaseName: name,
          fromMs: one.fromMs.toString(),
          toMs: one.toMs.toString(),
          gpuMs: one.gpuMs.toString(),
          amount: one.amount.toString(),
          credit: one.credit.toString(),
          segmentsRoot: one.segmentsRoot,
          last: one.last,
        })),
      },
    });
    return until('answered', async () => {
      const channel = await admin.channels.get(channelRef);
      return channel.spec.reply?.statementHash === hash && channel;
    });
  }

  const first = await state([
    await row('good', 3_000n),
    await row('bad', 2_000n, { amount: 2_001n }),
  ]);
  expect(first.spec.reply?.refusals).toMatchObject([
    { leaseId: await idOf('bad'), reason: 'WrongAmount' },
  ]);
  expect(first.spec.voucher).toMatchObject({ generation: 1, cumulative: '3000' });
  expect(
    await recoverVoucher(
      money.domain,
      { ...ends, generation: 1, cumulative: 3_000n },
      first.spec.voucher!.signature,
    ),
  ).toBe(delegate.address);
  await until('the dispute is on its lease alone', async () =>
    isTrue((await lease('bad')).status?.conditions, 'MeterDisputed'),
  );
  expect(getCondition((await lease('good')).status?.conditions, 'MeterDisputed')).toBeUndefined();

  // The write of the next reply is lost twice: what is signed again must be what was signed before.
  let losses = 2;
  hub.operator.fail = (method, path) => {
    if (method !== 'PUT' || !path.endsWith(`/paymentchannels/${channelRef.name}`)) return;
    if (losses-- > 0) throw new ConnectionError('lost on the way');
  };
  const second = await state([await row('good', 4_000n, { last: true }), await row('bad', 2_000n)]);
  hub.operator.fail = undefined;
  expect(losses).toBeLessThanOrEqual(0);
  const vouchers = signed.filter(({ primaryType }) => primaryType === 'Voucher');
  expect(vouchers.map(({ message }) => message['cumulative'])).toEqual([
    3_000n,
    6_000n,
    6_000n,
    6_000n,
  ]);
  const replies = signed.filter(({ primaryType }) => primaryType === 'StatementReply');
  expect(replies.slice(1).map(({ message }) => message)).toEqual(
    replies.slice(1).map(() => replies.at(-1)?.message),
  );
  expect(second.spec.voucher?.cumulative).toBe('6000');
  expect(second.spec.finals).toMatchObject([
    { leaseName: 'good', amount: '4000', gpuMs: '4000', cumulative: '6000' },
  ]);
  await until(
    'the dispute is over',
    async () =>
      getCondition((await lease('bad')).status?.conditions, 'MeterDisputed')?.status === 'False',
  );
  const done = await lease('good');
  await agent.leases.replaceStatus({
    ...done,
    status: {
      ...done.status,
      endTime: new Date().toISOString(),
      conditions: setCondition(
        done.status?.conditions,
        { type: 'Succeeded', status: 'True', reason: 'Completed', message: 'done' },
        new Date(),
      ),
    },
  });
  expect(getCondition((await lease('good')).status?.conditions, 'Settled')).toBeUndefined();

  // The lease is written first; a failure before it is taken off the channel repeats nothing.
  losses = 1;
  hub.operator.fail = (method, path) => {
    if (method !== 'PUT' || !path.endsWith(`/paymentchannels/${channelRef.name}`)) return;
    if (losses-- > 0) throw new ConnectionError('lost on the way');
  };
  const { voucher } = second.spec;
  const receipt = await money.settle(
    encodeSettle(parties.owner.address, [
      { tenant: ends.tenant, generation: 1, cumulative: 6_000n, signature: voucher!.signature },
    ]),
  );
  const settled = await until('settled', async () => {
    const found = await lease('good');
    return isTrue(found.status?.conditions, 'Settled') && found;
  });
  expect(settled.status?.settlement).toEqual({
    amount: '4000',
    gpuMilliseconds: '4000',
    cumulative: '6000',
    transactionHash: receipt.transactionHash,
    blockNumber: receipt.blockNumber.toString(),
  });
  await until(
    'taken off the channel',
    async () => (await admin.channels.get(channelRef)).spec.finals.length === 0,
  );
  hub.operator.fail = undefined;
  expect(losses).toBeLessThanOrEqual(0);
  expect((await lease('good')).metadata.resourceVersion).toBe(settled.metadata.resourceVersion);
  expect((await admin.channels.get(channelRef)).spec.voucher?.cumulative).toBe('6000');

  const page = await registry.metrics();
  expect(page).toContain('gridlease_statements_total{result="partly_refused"} 1');
  expect(page).toContain('gridlease_statements_total{result="accepted"} 1');
  expect(page).toMatch(/gridlease_chain_tx_total{op="fund",result="mined"} [12]\n/);
  expect(page).toContain('gridlease_settlement_lag_seconds_count 1');

  // A lease is lost with its provider; what comes of it later is paid up to what was accepted before.
  const gone = await make('gone');
  await until('it is seen', async () => (await lease('gone')).metadata.uid === gone.metadata.uid);
  const taken = await agent.leases.replaceStatus({
    ...gone,
    status: await acceptedStatus(gone, money.domain, parties.agent),
  });
  await beat();
  const last = await row('good', 4_000n, { last: true });
  const later = BigInt(Date.now());
  const goneRow = (gpuMs: bigint, more: Partial<UsageRow> = {}) =>
    row('gone', gpuMs, { fromMs: later, toMs: later + gpuMs, ...more });
  const third = await state([last, await row('bad', 2_500n), await goneRow(3_000n)]);
  expect(third.spec).toMatchObject({ reply: { refusals: [] }, voucher: { cumulative: '9500' } });
  const loss = { lease: taken, reason: 'ProviderLost', message: 'silent for 100 s' } as const;
  await clients.leases.replace(givenUp(loss, { now: new Date(), lastSeenMs: Date.now() }));
  const ended = await until('it is on its way to the chain, unasked', async () => {
    const { finals } = (await admin.channels.get(channelRef)).spec;
    return finals.length > 0 && finals;
  });
  expect(ended).toMatchObject([
    { leaseName: 'gone', gpuMs: '3000', amount: '3000', cumulative: '9500' },
  ]);

  const fourth = await state([
    last,
    await row('bad', 2_800n),
    await goneRow(5_000n, { last: true }),
  ]);
  expect(fourth.spec.reply?.refusals).toMatchObject([
    { leaseId: await idOf('gone'), reason: 'LeaseLost' },
  ]);
  expect(fourth.spec.voucher?.cumulative).toBe('9800');
  expect(fourth.spec.finals).toEqual(ended);
  await money.settle(
    encodeSettle(parties.owner.address, [
      {
        tenant: ends.tenant,
        generation: 1,
        cumulative: 9_800n,
        signature: fourth.spec.voucher!.signature,
      },
    ]),
  );
  const paid = await until('what it had cost is settled', async () => {
    const found = await lease('gone');
    return isTrue(found.status?.conditions, 'Settled') && found;
  });
  expect(paid.status?.settlement).toMatchObject({ amount: '3000', gpuMilliseconds: '3000' });
  for (const name of ['gone', 'bad', 'good']) {
    expect(isTrue((await lease(name)).status?.conditions, 'MeterDisputed')).toBe(false);
  }
  await until(
    'and taken off, once',
    async () => (await admin.channels.get(channelRef)).spec.finals.length === 0,
  );
  const credited = await goneRow(5_000n, { last: true, credit: 2_000n });
  const fifth = await state([last, await row('bad', 2_900n), credited]);
  expect(fifth.spec.reply?.refusals).toEqual([]);
  expect(fifth.spec).toMatchObject({ finals: [], voucher: { cumulative: '9900' } });
}, 240_000);

test('a chain that falls silent closes nothing, charges nothing, and is found again', async () => {
  const { admin, hub, namespace, rpc } = world;
  const ref = { namespace: hub.namespace, name: 'team' };
  // Figures alone are written at most every 10 s.
  const before = await until('the last figures are told', async () => {
    const account = await admin.accounts.get(ref);
    return account.status?.spent === '0.0099' && account;
  });
  const channels = (await admin.channels.list({ namespace })).items;
  rpc.fate = () => 'loseRequest';
  await until('the silence is told', async () => {
    const ready = readyOf(await admin.chains.get({ name: `chain-${hub.id}` }));
    return ready?.status === 'Unknown' && ready.reason === 'Unreachable';
  });
  const silent = await until('the account waits', async () => {
    const account = await admin.accounts.get(ref);
    return readyOf(account)?.reason === 'ChainNotReady' && account;
  });
  expect(readyOf(silent)?.status).toBe('Unknown');
  const { conditions: _now, ...figures } = silent.status!;
  const { conditions: _then, ...known } = before.status!;
  expect(figures).toEqual(known);
  expect((await admin.channels.list({ namespace })).items).toEqual(channels);
  rpc.fate = () => 'deliver';
  await until('it is found again', async () =>
    isTrue((await admin.accounts.get(ref)).status?.conditions, 'Ready'),
  );
}, 120_000);

test('a warm channel is funded before any lease needs it', async () => {
  const { admin, clients, hub, money, providerName } = world;
  const ends = {
    tenant: parties.tenant.address,
    provider: parties.owner.address,
    signer: delegate.address,
  };
  const warmChannels = [{ providerName, amount: '0.5' }];
  await admin.accounts.mergePatch(
    { namespace: hub.namespace, name: 'team' },
    { spec: { warmChannels } },
  );
  await until('warm', async () => {
    const [channel] = await readChannels(money.publicClient, money.escrow, [ends]);
    return channel!.reserved - channel!.claimed >= 500_000n;
  });
  const account = await until('told', async () => {
    const found = await clients.accounts.get({ namespace: hub.namespace, name: 'team' });
    return found.status?.spent === '0.0099' && found.status?.delegateSpent !== '0' && found;
  });
  expect(account.status).toMatchObject({ escrowed: '9.9902' });
}, 60_000);
