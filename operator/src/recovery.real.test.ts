import { escrowDomain } from '@gridlease/contracts/domain';
import type { GPUJob, GPUJobSpecInput } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { API_VERSION, FINALIZER_LEASES } from '@gridlease/crds/labels';
import { leaseIsActive, leaseOutcome } from '@gridlease/crds/leaseState';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import * as kinds from '@gridlease/crds/resources';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { getCondition, setCondition } from '@gridlease/kube/conditions';
import { resourceClient } from '@gridlease/kube/resources';
import { until } from '@gridlease/kube/testing/until';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { acceptAndRun, answer, end, saying } from './testing/agentAnswers.ts';
import { addressOf, image } from './testing/builders.ts';
import { type RunningStages, startStages, type Told } from './testing/jobStages.ts';
import { addProvider, providerIsKnown } from './testing/market.ts';
import { startRecovery } from './testing/recoveryHub.ts';
import { openTestHub, type TestHub } from './testing/testHub.ts';

/** queue, match, lease and recovery on a real API server; the heartbeats' clock is the test's. */

let hub: TestHub;
let running: RunningStages;
let recovery: Awaited<ReturnType<typeof startRecovery>>;
const events: Told[] = [];
const told: Told[] = [];
const signer = privateKeyToAccount(generatePrivateKey());
const agent = privateKeyToAccount(generatePrivateKey());
const escrow = addressOf('escrow');
const domain = escrowDomain({ chainId: 31_337, escrow });
const inNamespace = (name: string) => ({ name, namespace: hub.namespace, labels: hub.labels });

beforeAll(async () => {
  hub = await openTestHub();
  const token = { address: addressOf('token'), symbol: 'tUSD', decimals: 6 };
  await resourceClient<SettlementChain>(hub.admin, kinds.settlementChains).create({
    apiVersion: API_VERSION,
    kind: 'SettlementChain',
    metadata: { name: `chain-${hub.id}`, labels: hub.labels },
    spec: {
      chainId: 31_337,
      rpcSecretRef: { namespace: 'gridlease-system', name: 'none', key: 'url' },
      escrow,
      token,
      finality: 'Finalized',
    },
  });
  const account = await resourceClient<PaymentAccount>(hub.admin, kinds.paymentAccounts).create({
    apiVersion: API_VERSION,
    kind: 'PaymentAccount',
    metadata: inNamespace('team'),
    spec: { address: addressOf('tenant'), chainName: `chain-${hub.id}` },
  });
  await resourceClient<PaymentAccount>(hub.operator, kinds.paymentAccounts).replaceStatus({
    ...account,
    status: {
      delegateAddress: signer.address,
      free: '100000',
      reserved: '0',
      spent: '0',
      delegateLimit: '100000',
      delegateSpent: '0',
      conditions: setCondition([], saying('Ready', 'True', 'Funded'), new Date()),
    },
  });
  running = await startStages(hub, { signer, events });
  recovery = await startRecovery(hub, running.informers, told);
}, 180_000);

afterAll(async () => {
  await recovery?.stop();
  await running?.stop();
  await hub?.close();
}, 60_000);

/** Those of the tests before are silent for good, which must say nothing about the next. */
async function shutOutAll(): Promise<void> {
  const known = () => running.informers.providers.list();
  for (const { metadata } of known()) {
    await recovery.admin.providers.mergePatch(metadata, { spec: { hubAccepted: false } });
  }
  await until('they are shut out', () => known().every(({ spec }) => !spec.hubAccepted));
}

/** Time in which these providers are heard and all others are silent. */
async function passHearing(names: readonly string[], seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 30) {
    await recovery.pass(Math.min(left, 30));
    await recovery.beat(...names);
  }
  await recovery.rest();
}

/** Three providers of a product that no other test has; the first is the cheapest. */
async function providersOf(product: string): Promise<readonly [string, string, string]> {
  await shutOutAll();
  const names: string[] = [];
  for (const [index, letter] of ['a', 'b', 'c'].entries()) {
    const name = `${product.toLowerCase()}-${letter}`;
    names.push(
      await addProvider(
        { hub, agent, domain },
        { name, product, price: String(index + 1), gpus: 8 },
      ),
    );
  }
  for (const name of names) await providerIsKnown(running.informers, name);
  await recovery.beat(...names);
  return names as never;
}

/** What the federation stage says of a provider that is silent. */
async function unreachable(name: string): Promise<void> {
  const provider = await recovery.admin.providers.get({ name });
  const update = {
    type: 'Ready',
    status: 'Unknown',
    reason: 'Unreachable',
    message: 'silent',
  } as const;
  const conditions = setCondition(provider.status?.conditions, update, new Date());
  await resourceClient<GPUProvider>(hub.operator, kinds.gpuProviders).replaceStatus({
    ...provider,
    status: { ...provider.status, conditions },
  });
}

async function aJob(name: string, product: string, spec: Partial<GPUJobSpecInput> = {}) {
  const body = {
    batch: {},
    workload: { image },
    gpu: { count: 1, products: [product] },
    budget: { accountName: 'team' },
    runtime: { maxDurationSeconds: 3_600 },
    ...spec,
  };
  return recovery.admin.jobs.create({
    apiVersion: API_VERSION,
    kind: 'GPUJob',
    metadata: inNamespace(name),
    spec: body as GPUJob['spec'],
  });
}

const leasesOf = (name: string) =>
  running.informers.leases.byIndex('job', `${hub.namespace}/${name}`);
const stored = (lease: GPULease) => recovery.admin.leases.get(lease.metadata);
const replaceable = async (name: string) =>
  getCondition((await recovery.admin.providers.get({ name })).status?.conditions, 'Replaceable');

/** Waits for the job's only active lease, and has its provider's agent take it. */
async function taken(name: string): Promise<GPULease> {
  const lease = await until(`${name} has a lease`, () => leasesOf(name).find(leaseIsActive));
  await acceptAndRun(hub, agent.address, lease);
  return until(`${name} runs`, () => {
    const found = leasesOf(name).find(({ metadata }) => metadata.uid === lease.metadata.uid);
    return found !== undefined && leaseOutcome(found).state === 'Running' && found;
  });
}

/** Looks again after each second of the test's clock: what lost a race is repeated by that clock. */
const untilInTime = <T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> =>
  until(what, async () => {
    const found = await look();
    if (found === undefined || found === false) await recovery.pass(1);
    return found;
  });

const fence = { failover: { onDisconnect: 'Fence' } } as const;
const keep = { failover: { onDisconnect: 'KeepRunning' } } as const;

test('a silent provider keeps its leases for 100 s; then their tasks run elsewhere with the next epoch', async () => {
  const [alpha, bravo, charlie] = await providersOf('LOSTA');
  const placement = { providers: { deny: [bravo, charlie] } };
  await aJob('moved', 'LOSTA', { batch: { completions: 4, parallelism: 4 }, ...fence, placement });
  await aJob('stays', 'LOSTA', { ...keep, placement });
  const lease = await taken('moved');
  const kept = await taken('stays');
  expect([lease, kept].map(({ spec }) => spec.providerName)).toEqual([alpha, alpha]);
  expect([lease, kept].map(({ spec }) => spec.terms.fenceSeconds)).toEqual([60, 0]);
  await answer(hub, lease, (status) => ({ ...status, completedIndexes: '2' }));
  await until('two is done', () => leasesOf('moved')[0]?.status?.completedIndexes === '2');
  await recovery.beat(alpha, bravo, charlie);

  const elsewhere = { spec: { placement: { providers: { deny: [charlie] } } } };
  await recovery.admin.jobs.mergePatch(inNamespace('moved'), elsewhere);
  await passHearing([bravo, charlie], 50);
  await unreachable(alpha);
  await passHearing([bravo, charlie], 49);
  expect((await stored(lease)).spec.lost).toBeUndefined();
  expect(await replaceable(alpha)).toBeUndefined();

  await recovery.pass(2);
  const lost = await stored(lease);
  expect(lost.spec).toMatchObject({
    desiredState: 'Stopped',
    stopTime: expect.any(String),
    lost: { reason: 'ProviderLost', completedIndexes: '2' },
  });
  expect(lost.spec.lost?.message).toContain(`nothing was heard of provider ${alpha} for 10`);
  expect(leaseOutcome(lost)).toMatchObject({ state: 'Failed', reason: 'ProviderLost' });
  expect(await replaceable(alpha)).toMatchObject({ status: 'True', reason: 'ProviderLost' });
  expect((await stored(kept)).spec).toMatchObject({ desiredState: 'Running' });
  expect((await stored(kept)).spec.lost).toBeUndefined();

  const next = await taken('moved');
  expect(next.spec).toMatchObject({ providerName: bravo, epoch: lost.spec.epoch + 1 });
  expect(next.spec.tasks.indexes).toBe('0-1,3');
  // The old provider comes back: what it reports counts no more, and it is told by the object itself.
  await end(hub, lost, { completed: '0-3', reason: 'Completed' });
  await recovery.beat(alpha);
  await until('the condition is gone', async () => (await replaceable(alpha)) === undefined);
  await end(hub, next, { completed: '0-1,3', reason: 'Completed' });
  const done = await until('the job has ended', async () => {
    const job = await recovery.admin.jobs.get(inNamespace('moved'));
    return getCondition(job.status?.conditions, 'Succeeded')?.status === 'True' && job;
  });
  expect(done.status).toMatchObject({ completedIndexes: '0-3', epoch: next.spec.epoch });
  expect(told.filter(({ reason }) => reason === 'ProviderLost')).toHaveLength(1);
}, 180_000);

test('an agent that comes back in the last moment keeps its lease, whoever writes first', async () => {
  const [alpha, bravo, charlie] = await providersOf('LOSTB');
  await aJob('raced', 'LOSTB', { placement: { providers: { deny: [bravo, charlie] } } });
  const lease = await taken('raced');
  await recovery.beat(alpha);
  let touched = 0;
  // The heartbeat was read and is old; now the agent renews and touches its lease, then the loss is written.
  recovery.before.loss = async () => {
    touched += 1;
    await recovery.renew(alpha);
    await answer(hub, lease, (status) => ({ ...status, heldTime: new Date().toISOString() }));
  };
  await passHearing([bravo, charlie], 102);
  recovery.before.loss = undefined;
  expect(touched).toBe(1);
  await recovery.pass(5);
  expect((await stored(lease)).spec).toMatchObject({ desiredState: 'Running' });
  expect((await stored(lease)).spec.lost).toBeUndefined();
  expect(await replaceable(alpha)).toBeUndefined();
}, 180_000);

test('while most providers are silent nothing is replaced, but what is deleted or abandoned is let go', async () => {
  const [alpha, bravo, charlie] = await providersOf('LOSTC');
  for (const [name, provider] of [
    ['held', alpha],
    ['gone', alpha],
    ['kept', alpha],
    ['given-up', bravo],
  ] as const) {
    const others = [alpha, bravo, charlie].filter((one) => one !== provider);
    const placement = { providers: { deny: others } };
    await aJob(name, 'LOSTC', { placement, ...(name === 'kept' ? keep : fence) });
  }
  const held = await taken('held');
  const gone = await taken('gone');
  const kept = await taken('kept');
  const givenUp = await taken('given-up');
  await recovery.beat(alpha, bravo, charlie);
  await recovery.pass(130);
  for (const lease of [held, gone, kept, givenUp]) {
    expect((await stored(lease)).spec.lost).toBeUndefined();
  }
  for (const name of [alpha, bravo, charlie]) {
    expect(await replaceable(name)).toMatchObject({ status: 'False', reason: 'OutageGuard' });
  }
  expect((await replaceable(alpha))?.message).toContain('3 of 3 providers are silent');
  expect(await recovery.metric('gridlease_replacement_frozen')).toBe(1);
  expect(told.filter(({ reason }) => reason === 'OutageGuard')).toHaveLength(3);

  // Nothing replaces what is deleted: it is let go, with a fence and without.
  for (const name of ['gone', 'kept']) {
    const job = await recovery.admin.jobs.get(inNamespace(name));
    expect(job.metadata.finalizers).toContain(FINALIZER_LEASES);
    await recovery.admin.jobs.delete(job.metadata, { uid: job.metadata.uid! });
    await until(`${name} is being deleted`, () => {
      const found = running.informers.jobs.get(`${hub.namespace}/${name}`);
      return found === undefined || found.metadata.deletionTimestamp !== undefined;
    });
    await recovery.pass(6);
    await untilInTime(
      `${name} is gone`,
      async () => (await recovery.admin.jobs.find(inNamespace(name))) === undefined,
    );
  }
  expect((await stored(gone)).spec.lost).toMatchObject({ reason: 'ProviderLost' });
  expect((await stored(kept)).spec.lost).toMatchObject({ reason: 'ProviderLost' });

  await recovery.admin.providers.mergePatch(
    { name: bravo },
    { spec: { abandoned: { reason: 'the hall burnt down' } } },
  );
  const abandoned = await untilInTime('abandoned', async () => (await stored(givenUp)).spec.lost);
  expect(abandoned).toMatchObject({
    reason: 'Abandoned',
    message: `an admin abandoned provider ${bravo}: the hall burnt down`,
  });
  expect((await stored(held)).spec.lost).toBeUndefined();

  // One is back: with the abandoned one aside, one of two is silent, and that is no outage.
  // The last to come back get 40 s more.
  await recovery.beat(charlie);
  await passHearing([charlie], 35);
  expect((await stored(held)).spec.lost).toBeUndefined();
  await passHearing([charlie], 15);
  const { lost } = (await stored(held)).spec;
  expect(lost?.reason).toBe('ProviderLost');
  expect(await recovery.metric('gridlease_replacement_frozen')).toBe(0);
  expect(await recovery.metric('gridlease_leases_lost_total', ['reason', 'Abandoned'])).toBe(1);
  expect(await replaceable(charlie)).toBeUndefined();
}, 240_000);

test('a renewal that no watch has told of is found before anything is written', async () => {
  const [alpha, bravo, charlie] = await providersOf('LOSTD');
  await aJob('unheard', 'LOSTD', { placement: { providers: { deny: [bravo, charlie] } } });
  const lease = await taken('unheard');
  await recovery.beat(alpha, bravo, charlie);
  recovery.watch.deafTo = lease.metadata.namespace;
  await passHearing([bravo, charlie], 70);
  await recovery.renew(alpha);
  await passHearing([bravo, charlie], 40);
  expect((await stored(lease)).spec).toMatchObject({ desiredState: 'Running' });
  expect((await stored(lease)).spec.lost).toBeUndefined();
  // It counts as heard from when it was read, and its next silence begins there.
  await passHearing([bravo, charlie], 85);
  expect((await stored(lease)).spec.lost).toBeUndefined();
  await passHearing([bravo, charlie], 20);
  const { lost } = (await stored(lease)).spec;
  recovery.watch.deafTo = undefined;
  expect(lost?.reason).toBe('ProviderLost');
}, 180_000);
