import type { Fault, FaultRule } from '@gridlease/e2e/chaos/faultRules';
import { acquireTestCluster } from '@gridlease/e2e/cluster/testCluster';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ApiError, ConnectionError } from './apiError.ts';
import { createOnce, ensureFinalizer, releaseFinalizer, updateStatus } from './apply.ts';
import { configMaps, events, leases } from './builtins.ts';
import type { Cluster } from './cluster.ts';
import { retryOf } from './errors.ts';
import { eventRecorder } from './events.ts';
import { Informer } from './informer.ts';
import type { KubeObject } from './object.ts';
import { type ResourceClient, resourceClient } from './resources.ts';
import { aFaultyCluster, type FaultyCluster } from './testing/faultyCluster.ts';
import { aConfigMap, type ConfigMap } from './testing/followed.ts';
import { aNamespace, eventually, type TestNamespace } from './testing/testNamespace.ts';
import { aWidget, type Widget, widgetClient, widgets } from './testing/widget.ts';
import { witness } from './testing/witness.ts';

jest.setTimeout(180_000);

let namespace: TestNamespace;
/** Past the proxy. */
let direct: ResourceClient<Widget>;
let faulty: FaultyCluster;
const timeoutMs = 2_000;

beforeAll(async () => {
  const { kubeconfig } = (await acquireTestCluster()).hub;
  namespace = await aNamespace(kubeconfig);
  direct = await widgetClient(namespace.cluster);
  faulty = await aFaultyCluster(kubeconfig, { requestTimeoutMs: timeoutMs });
});

afterAll(async () => {
  await faulty?.[Symbol.asyncDispose]();
  await namespace?.[Symbol.asyncDispose]();
});

const writes = ['create', 'update', 'patch', 'delete'] as const;

const faults: readonly (readonly [string, Fault])[] = [
  ['is lost on the way', { type: 'dropBeforeSend' }],
  ['happens and is not answered', { type: 'dropAfterCommit' }],
  ['is slow', { type: 'delay', milliseconds: 200 }],
  ['arrives after it was given up and repeated', { type: 'delay', milliseconds: timeoutMs + 400 }],
  ['meets another writer', { type: 'answer', status: 409 }],
  ['is put off', { type: 'answer', status: 429, retryAfterSeconds: 0 }],
  ['meets a server that fails', { type: 'answer', status: 500 }],
  ['is cut off', { type: 'reset' }],
];

/** The first write of each verb is hit. */
const onceEach = (fault: Fault): readonly FaultRule[] =>
  writes.map((verb) => ({ match: { verb }, times: 1, fault }));

/** What a controller does: the same again after an error, but not for ever. */
async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === 10 || retryOf(error) === 'never') throw error;
    }
  }
}

async function withFaults<T>(rules: readonly FaultRule[], work: () => Promise<T>): Promise<T> {
  faulty.proxy.inject(rules);
  try {
    return await work();
  } finally {
    faulty.proxy.heal();
  }
}

/** Everything that a stage does to an object of its own, from the first write to the last. */
async function lead(client: ResourceClient<Widget>, name: string): Promise<void> {
  const common = { client, fieldManager: 'gridlease-kube-test', finalizer: 'gridlease.dev/held' };
  const wanted = aWidget(namespace.name, name, 3);
  const accept = ({ spec }: Widget) => spec?.size === 3;
  const made = await persist(() => createOnce(client, wanted, { accept }));
  const ref = made.metadata;
  const mutate = ({ status }: Widget) => ({ ...status, phase: 'Done' });
  await persist(async () => updateStatus({ ...common, object: await client.get(ref), mutate }));
  await persist(async () => ensureFinalizer({ ...common, object: await client.get(ref) }));
  const { apiVersion, kind } = made;
  const { uid } = made.metadata;
  const metadata = { name, namespace: namespace.name, uid: uid! };
  const applied = { apiVersion, kind, metadata, spec: { size: 4 } };
  await persist(() => client.apply(applied, { fieldManager: 'other', force: true }));
  await persist(async () => releaseFinalizer({ ...common, object: await client.get(ref) }));
  await persist(() => client.delete(ref, { uid: uid! }));
}

describe('each step of an object is taken exactly once when its write', () => {
  test.each(faults)('%s', async (what, fault) => {
    const name = `steps-${faults.findIndex(([known]) => known === what)}`;
    const stop = new AbortController();
    const informer = new Informer<Widget>({
      cluster: namespace.cluster,
      definition: widgets,
      namespace: namespace.name,
      fieldSelector: `metadata.name=${name}`,
    });
    const seen = witness(informer);
    informer.start(stop.signal);
    await informer.synced();
    const before = faulty.proxy.injected(fault.type);
    await withFaults(onceEach(fault), async () => {
      await lead(resourceClient<Widget>(faulty.cluster, widgets), name);
      await eventually('all has arrived', () => faulty.proxy.pending() === 0);
    });
    expect(faulty.proxy.injected(fault.type) - before).toBe(writes.length);
    await eventually('the end was seen', () => /^deleted/.test(seen.told.at(-1) ?? ''));
    // Created, status, finalizer, apply, finalizer: what happened twice would be one more.
    const types = seen.told.map((line) => line.split(' ')[0]);
    expect(types).toEqual(['added', 'updated', 'updated', 'updated', 'updated', 'deleted']);
    expect(seen.violations).toEqual([]);
    expect(await direct.find({ namespace: namespace.name, name })).toBeUndefined();
    stop.abort();
    await informer.stopped;
  });
});

describe('an Event is written once, with its count, when its write', () => {
  test.each(faults)('%s', async (what, fault) => {
    const name = `noted-${faults.findIndex(([known]) => known === what)}`;
    const object = await direct.create(aWidget(namespace.name, name));
    await using recorder = eventRecorder({
      cluster: faulty.cluster,
      reportingController: 'gridlease.dev/kube-test',
      reportingInstance: 'here',
    });
    const note = { type: 'Warning', reason: 'Refused', action: 'Accept', note: 'full' } as const;
    await withFaults(onceEach(fault), async () => {
      for (let i = 0; i < 2; i++) {
        recorder.event(object, note);
        await recorder.flush();
      }
      await eventually('all has arrived', () => faulty.proxy.pending() === 0);
    });
    type Recorded = KubeObject & {
      readonly regarding?: { readonly uid?: string };
      readonly series?: { readonly count: number };
    };
    const { items } = await resourceClient<Recorded>(namespace.cluster, events).list({
      namespace: namespace.name,
    });
    const about = items.filter(({ regarding }) => regarding?.uid === object.metadata.uid);
    expect(about.map(({ series }) => series?.count)).toEqual([2]);
  });
});

describe('repetition has an end', () => {
  const get = (cluster: Cluster) =>
    resourceClient<ConfigMap>(cluster, configMaps).find({ namespace: namespace.name, name: 'x' });
  const create = (cluster: Cluster) =>
    resourceClient<ConfigMap>(cluster, configMaps).create(aConfigMap(namespace.name, 'bound', 1));
  const busy: Fault = { type: 'answer', status: 429, retryAfterSeconds: 0 };
  const broken: Fault = { type: 'answer', status: 500 };
  const gone: Fault = { type: 'dropBeforeSend' };

  test.each<[string, number, Fault, (cluster: Cluster) => Promise<unknown>, unknown]>([
    ['a write that is put off is sent five times', 5, busy, create, ApiError],
    ['a write that failed at the server is left to its caller', 1, broken, create, ApiError],
    ['a write without an answer is left to its caller', 1, gone, create, ConnectionError],
    ['a read that is put off is sent five times', 5, busy, get, ApiError],
    ['a read that failed at the server is sent five times', 5, broken, get, ApiError],
    ['a read without an answer is sent five times', 5, gone, get, ConnectionError],
  ])('%s', async (_, times, fault, work, wanted) => {
    const { kubeconfig } = (await acquireTestCluster()).hub;
    await using patient = await aFaultyCluster(kubeconfig, { requestTimeoutMs: 30_000 });
    patient.proxy.inject([{ match: { resource: 'configmaps' }, fault }]);
    await expect(work(patient.cluster)).rejects.toBeInstanceOf(wanted);
    expect(patient.proxy.injected(fault.type)).toBe(times);
  });
});

test('a Lease is read at once while more requests hang than the shared connections can carry', async () => {
  const { kubeconfig } = (await acquireTestCluster()).hub;
  await using patient = await aFaultyCluster(kubeconfig, { requestTimeoutMs: 30_000 });
  const { proxy, cluster } = patient;
  const slow = { type: 'delay', milliseconds: 20_000 } as const;
  proxy.inject([{ match: { resource: 'configmaps' }, fault: slow }]);
  const enough = new AbortController();
  const absent = { namespace: namespace.name, name: 'absent' };
  const maps = resourceClient<ConfigMap>(cluster, configMaps);
  const queue = Array.from({ length: 64 }, () =>
    maps.find(absent, { signal: enough.signal }).catch(() => 'gave up'),
  );
  const isFirst = await Promise.race([
    resourceClient<KubeObject>(cluster, leases)
      .find(absent)
      .then(() => true),
    ...queue.map((one) => one.then(() => false)),
  ]);
  expect(isFirst).toBe(true);
  enough.abort();
  await Promise.all(queue);
});
