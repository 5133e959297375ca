import { hashDocument } from '@gridlease/contracts/canonicalJson';
import { escrowDomain } from '@gridlease/contracts/domain';
import {
  hashLeaseTerms,
  type LeaseTerms,
  recoverLeaseTerms,
} from '@gridlease/contracts/leaseTerms';
import type { GPUJob, GPUJobSpecInput } from '@gridlease/crds/gpujob';
import { API_VERSION, FINALIZER_LEASES } from '@gridlease/crds/labels';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import * as kinds from '@gridlease/crds/resources';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { ConnectionError } from '@gridlease/kube/apiError';
import { getCondition, setCondition } from '@gridlease/kube/conditions';
import { resourceClient } from '@gridlease/kube/resources';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { isAddressEqual } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { acceptAndRun, answer, end, saying } from './testing/agentAnswers.ts';
import { addressOf, image } from './testing/builders.ts';
import { type RunningStages, startStages, type Told } from './testing/jobStages.ts';
import { addProvider, type ProviderOptions, providerIsKnown } from './testing/market.ts';
import { openTestHub, type TestHub } from './testing/testHub.ts';

jest.setTimeout(180_000);

let hub: TestHub;
let running: RunningStages;
const signer = privateKeyToAccount(generatePrivateKey());
const agent = privateKeyToAccount(generatePrivateKey());
const escrow = addressOf('escrow');
const token = { address: addressOf('token'), symbol: 'tUSD', decimals: 6 };
const chainId = 31_337;
const domain = escrowDomain({ chainId, escrow });
const events: Told[] = [];

const metadata = (name: string, namespace?: string) => ({
  name,
  labels: hub.labels,
  ...(namespace === undefined ? {} : { namespace }),
});

async function applyJob(name: string, spec: Partial<GPUJobSpecInput>): Promise<GPUJob> {
  const body = {
    batch: {},
    workload: { image },
    gpu: { count: 1 },
    budget: { accountName: 'team' },
    runtime: { maxDurationSeconds: 3_600 },
    ...spec,
  };
  return resourceClient<GPUJob>(hub.admin, kinds.gpuJobs).create({
    apiVersion: API_VERSION,
    kind: 'GPUJob',
    metadata: metadata(name, hub.namespace),
    spec: body as GPUJob['spec'],
  });
}

/** Waits on the informers that the stages use, never on a clock. */
async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const { informers } = running;
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      stopAll();
      const jobs = informers.jobs.list().map(({ metadata: { name }, status }) => [name, status]);
      reject(new Error(`never came: ${what}\n${JSON.stringify(jobs, null, 1)}`));
    }, 60_000);
    const check = (): void => {
      const found = look();
      if (found === undefined || found === false) return;
      clearTimeout(timer);
      stopAll();
      resolve(found as T);
    };
    const stops = [informers.jobs, informers.leases, informers.records].map((informer) =>
      informer.onChange(check),
    );
    const stopAll = (): void => {
      for (const stop of stops) stop();
    };
    check();
  });
}

const jobNamed = (name: string) => running.informers.jobs.get(`${hub.namespace}/${name}`);
const condition = (name: string, type: string) =>
  getCondition(jobNamed(name)?.status?.conditions, type);
const leasesOf = (name: string) =>
  running.informers.leases.byIndex('job', `${hub.namespace}/${name}`);

function untilReason(name: string, type: string, reason: string) {
  return until(`${name} ${type}/${reason}`, () => {
    const found = condition(name, type);
    return found?.reason === reason ? found : undefined;
  });
}

/** A provider that jobs can be placed with from now on. */
async function aKnownProvider(options: ProviderOptions): Promise<string> {
  const name = await addProvider({ hub, agent, domain }, options);
  await providerIsKnown(running.informers, name);
  return name;
}

beforeAll(async () => {
  hub = await openTestHub();
  await resourceClient<SettlementChain>(hub.admin, kinds.settlementChains).create({
    apiVersion: API_VERSION,
    kind: 'SettlementChain',
    metadata: metadata(`chain-${hub.id}`),
    spec: {
      chainId,
      rpcSecretRef: { namespace: 'gridlease-system', name: 'none', key: 'url' },
      escrow,
      token,
      finality: 'Finalized',
    },
  });
  const account = await resourceClient<PaymentAccount>(hub.admin, kinds.paymentAccounts).create({
    apiVersion: API_VERSION,
    kind: 'PaymentAccount',
    metadata: metadata('team', hub.namespace),
    spec: { address: addressOf('tenant'), chainName: `chain-${hub.id}` },
  });
  await resourceClient<PaymentAccount>(hub.operator, kinds.paymentAccounts).replaceStatus({
    ...account,
    status: {
      delegateAddress: signer.address,
      free: '10000',
      reserved: '0',
      spent: '0',
      delegateLimit: '10000',
      delegateSpent: '0',
      conditions: setCondition([], saying('Ready', 'True', 'Funded'), new Date()),
    },
  });
  running = await startStages(hub, { signer, events });
}, 120_000);

afterAll(async () => {
  await running?.stop();
  await hub?.close();
}, 60_000);

describe('a job on a real API server', () => {
  test('is admitted, placed with signed terms, and ends with its result on it', async () => {
    const alpha = await aKnownProvider({ name: 'alpha', product: 'H100', price: '2.10', gpus: 4 });
    const before = hub.operator.writes.length;
    const job = await applyJob('one', { gpu: { count: 1, products: ['H100'] } });
    const lease = await until('a lease', () => leasesOf('one')[0]);
    expect(lease.spec).toMatchObject({
      providerName: alpha,
      epoch: 1,
      tasks: { indexes: '0', parallelism: 1, gpusPerTask: 1 },
      desiredState: 'Running',
    });

    const { terms, termsSignature } = lease.spec;
    const signed: LeaseTerms = {
      ...terms,
      hubEpoch: BigInt(terms.hubEpoch),
      pricePerGpuHour: BigInt(terms.pricePerGpuHour),
      maxAmount: BigInt(terms.maxAmount),
      acceptBy: BigInt(terms.acceptBy),
    };
    const recovered = await recoverLeaseTerms(domain, signed, termsSignature);
    expect(isAddressEqual(recovered, signer.address)).toBe(true);
    expect(hashLeaseTerms(domain, signed)).toMatch(/^0x/);
    expect(terms.maxAmount).toBe('2100000');
    expect(hashDocument(JSON.parse(lease.spec.workloadDocument!))).toBe(terms.workloadHash);
    const record = running.informers.records.get(`${hub.namespace}/${lease.metadata.name}`);
    const { digest, ...rest } = record!.spec;
    expect(hashDocument(rest)).toBe(digest);
    await untilReason('one', 'Placed', 'Placed');
    expect(jobNamed('one')?.metadata.finalizers).toEqual([FINALIZER_LEASES]);

    await acceptAndRun(hub, agent.address, lease);
    await untilReason('one', 'Succeeded', 'Running');
    await end(hub, lease, { completed: '0', reason: 'Completed' });
    await untilReason('one', 'Succeeded', 'Completed');
    expect(jobNamed('one')?.status).toMatchObject({
      provider: alpha,
      product: 'H100',
      tasks: '1/1',
      epoch: 1,
      leases: [{ state: 'Completed', attempt: 0 }],
    });
    hub.kubectl(
      ...['wait', '--for=condition=Succeeded', `gpujob/${job.metadata.name}`],
      ...['-n', hub.namespace, '--timeout=60s'],
    );
    const writes = hub.operator.writes.slice(before);
    // Admitted, finalizer, record, workload, lease, Placed, Running, Completed.
    expect(writes.filter((write) => !write.includes('events')).length).toBeLessThanOrEqual(8);
  });

  test('waits with the figures, and starts when an offer fits', async () => {
    await applyJob('wait', { gpu: { count: 1, products: ['B200'] } });
    const waiting = await untilReason('wait', 'Placed', 'UnknownProduct');
    expect(waiting.message).toMatch(/nobody offers B200: offered: .*H100 from 2\.10 tUSD/);
    const succeeded = await untilReason('wait', 'Succeeded', 'UnknownProduct');
    expect(succeeded.status).toBe('Unknown');
    await addProvider(
      { hub, agent, domain },
      { name: 'bravo', product: 'B200', price: '5', gpus: 2 },
    );
    await untilReason('wait', 'Placed', 'Placed');
    expect(leasesOf('wait')).toHaveLength(1);
  });

  test('never takes a GPU twice, however many want it at once', async () => {
    await aKnownProvider({ name: 'crowd', product: 'A100', price: '1', gpus: 4 });
    const names = Array.from({ length: 12 }, (_, index) => `crowd-${index}`);
    await Promise.all(
      names.map((name) => applyJob(name, { gpu: { count: 1, products: ['A100'] } })),
    );
    const waiting = () => names.filter((name) => condition(name, 'Placed')?.status === 'False');
    const leased = () => names.flatMap((name) => leasesOf(name));
    await until(
      'four leases, and eight that wait',
      () =>
        names.every((name) => condition(name, 'Placed') !== undefined) &&
        leased().length >= 4 &&
        waiting().length === 8,
    );
    expect(leased()).toHaveLength(4);
    const first = leased()[0]!;
    await acceptAndRun(hub, agent.address, first);
    await end(hub, first, { completed: '0', reason: 'Completed' });
    await until('a fifth lease', () => leased().length === 5);
  });

  test('goes to the next provider when the cheapest refuses', async () => {
    const cheap = await aKnownProvider({ name: 'cheap', product: 'L4', price: '0.30', gpus: 2 });
    const dear = await aKnownProvider({ name: 'dear', product: 'L4', price: '0.40', gpus: 2 });
    await applyJob('refused', { gpu: { count: 1, products: ['L4'] } });
    const first = await until('a lease', () => leasesOf('refused')[0]);
    expect(first.spec.providerName).toBe(cheap);
    await answer(hub, first, (status) => ({
      ...status,
      conditions: setCondition(
        status.conditions,
        saying('Accepted', 'False', 'Draining'),
        new Date(),
      ),
    }));
    const second = await until('another lease', () =>
      leasesOf('refused').find(({ spec }) => spec.epoch === 2),
    );
    expect(second.spec.providerName).toBe(dear);
    expect(events.map(({ reason }) => reason)).toContain('LeaseRefused');
  });

  test('tries a failed task again, and fails for good when its retries are used up', async () => {
    await aKnownProvider({ name: 'retry', product: 'L40S', price: '1', gpus: 2 });
    await applyJob('fails', {
      batch: { completions: 2, retryLimit: 1 },
      gpu: { count: 1, products: ['L40S'] },
    });
    const first = await until('a lease', () => leasesOf('fails')[0]);
    await acceptAndRun(hub, agent.address, first);
    await end(hub, first, { completed: '0', failed: '1', reason: 'TaskFailed' });
    const second = await until('a second attempt', () =>
      leasesOf('fails').find(({ spec }) => spec.epoch === 2),
    );
    expect(second.spec.tasks.indexes).toBe('1');
    await acceptAndRun(hub, agent.address, second);
    await end(hub, second, { failed: '1', reason: 'TaskFailed' });
    const over = await untilReason('fails', 'Succeeded', 'RetryLimitExceeded');
    expect(over).toMatchObject({ status: 'False' });
    expect(jobNamed('fails')?.status).toMatchObject({
      tasks: '1/2',
      failed: 1,
      completedIndexes: '0',
      failedIndexes: '1',
      leases: [{ attempt: 0 }, { attempt: 1 }],
    });
  });

  test('stops its leases when suspended, and goes on with new ones', async () => {
    await aKnownProvider({ name: 'pause', product: 'T4', price: '0.20', gpus: 2 });
    await applyJob('pause', { gpu: { count: 1, products: ['T4'] } });
    const first = await until('a lease', () => leasesOf('pause')[0]);
    await acceptAndRun(hub, agent.address, first);
    await untilReason('pause', 'Succeeded', 'Running');
    const client = resourceClient<GPUJob>(hub.admin, kinds.gpuJobs);
    await client.mergePatch(jobNamed('pause')!.metadata, { spec: { suspend: true } });
    await until('a stopped lease', () => leasesOf('pause')[0]?.spec.desiredState === 'Stopped');
    // What it pays for after that depends on this time.
    expect(leasesOf('pause')[0]?.spec.stopTime).toBeDefined();
    await untilReason('pause', 'Succeeded', 'Stopping');
    await end(hub, first, { reason: 'Stopped' });
    await untilReason('pause', 'Succeeded', 'Suspended');
    await client.mergePatch(jobNamed('pause')!.metadata, { spec: { suspend: false } });
    const second = await until('a new lease', () =>
      leasesOf('pause').find(({ spec }) => spec.epoch === 2),
    );
    expect(second.spec.tasks.indexes).toBe('0');
    const record = await until('its record', () =>
      running.informers.records.get(`${hub.namespace}/${second.metadata.name}`),
    );
    expect(record.spec.attempt).toBe(0);
  });

  test('is deleted only after its pods are gone', async () => {
    await aKnownProvider({ name: 'gone', product: 'V100', price: '0.50', gpus: 2 });
    const job = await applyJob('gone', { gpu: { count: 1, products: ['V100'] } });
    const lease = await until('a lease', () => leasesOf('gone')[0]);
    await acceptAndRun(hub, agent.address, lease);
    await until('an accepted lease', () => leasesOf('gone')[0]?.status?.acceptance !== undefined);
    const client = resourceClient<GPUJob>(hub.admin, kinds.gpuJobs);
    await client.delete(job.metadata, { uid: job.metadata.uid! });
    await until('a stopped lease', () => leasesOf('gone')[0]?.spec.desiredState === 'Stopped');
    expect((await client.find(job.metadata))?.metadata.finalizers).toEqual([FINALIZER_LEASES]);
    await end(hub, lease, { reason: 'Stopped' });
    await until('no job', () => jobNamed('gone') === undefined);
  });

  test('gets the same lease when the operator dies between record and lease', async () => {
    await aKnownProvider({ name: 'crash', product: 'P100', price: '0.50', gpus: 2 });
    hub.operator.fail = (method, path) => {
      if (method === 'POST' && path.endsWith('/gpuleases')) {
        throw new ConnectionError('the operator died here');
      }
    };
    await applyJob('crash', { gpu: { count: 1, products: ['P100'] } });
    const record = await until('a record', () =>
      running.informers.records.list().find(({ spec }) => spec.jobRef.name === 'crash'),
    );
    await running.stop();
    hub.operator.fail = undefined;
    running = await startStages(hub, { signer, events });
    const lease = await until('the lease', () => leasesOf('crash')[0]);
    expect(lease.metadata.name).toBe(record.metadata.name);
    await untilReason('crash', 'Placed', 'Placed');
    expect(leasesOf('crash')).toHaveLength(1);
    const records = running.informers.records.list();
    expect(records.filter(({ spec }) => spec.jobRef.name === 'crash')).toHaveLength(1);
  });
});
