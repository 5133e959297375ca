import { acquireTestCluster } from '@gridlease/e2e/cluster/testCluster';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createOnce,
  ensureFinalizer,
  NameTakenError,
  releaseFinalizer,
  updateStatus,
  withFinalizer,
  withoutFinalizer,
} from './apply.ts';
import { setCondition } from './conditions.ts';
import { Informer } from './informer.ts';
import type { ResourceClient } from './resources.ts';
import { aNamespace, type TestNamespace } from './testing/testNamespace.ts';
import { aWidget, type Widget, widgetClient, widgets } from './testing/widget.ts';

let namespace: TestNamespace;
let client: ResourceClient<Widget>;

beforeAll(async () => {
  namespace = await aNamespace((await acquireTestCluster()).hub.kubeconfig);
  client = await widgetClient(namespace.cluster);
});

afterAll(async () => {
  await namespace?.[Symbol.asyncDispose]();
});

const fieldManager = 'gridlease-kube-test';
const finalizer = 'kubetest.gridlease.dev/held';

async function requests(method: string): Promise<number> {
  const metric = namespace.cluster.registry.getSingleMetric('rest_client_requests_total')!;
  return (await metric.get()).values
    .filter(({ labels }) => labels['method'] === method)
    .reduce((sum, { value }) => sum + value, 0);
}

describe('updateStatus', () => {
  test('writes once, and not at all when nothing changes', async () => {
    const object = await client.create(aWidget(namespace.name, 'once'));
    const mutate = (current: Widget) => ({
      ...current.status,
      conditions: setCondition(
        current.status?.conditions,
        { type: 'Ready', status: 'True', reason: 'Made', message: '' },
        new Date(),
      ),
    });
    const written = await updateStatus({ client, object, fieldManager, mutate });
    expect(written.status?.conditions).toHaveLength(1);
    const before = await requests('PUT');
    const again = await updateStatus({ client, object: written, fieldManager, mutate });
    expect(again).toBe(written);
    expect(await requests('PUT')).toBe(before);
  });

  test('loses no update when several write at once', async () => {
    const object = await client.create(aWidget(namespace.name, 'race'));
    const mutate = ({ status }: Widget) => ({ ...status, count: (status?.count ?? 0) + 1 });
    const writer = () => updateStatus({ client, object, fieldManager, mutate });
    await Promise.all([writer(), writer(), writer(), writer()]);
    expect((await client.get(object.metadata)).status?.count).toBe(4);
  });

  test('reads from the cache, and what it wrote is there at once', async () => {
    const object = await client.create(aWidget(namespace.name, 'cached'));
    const stop = new AbortController();
    const informer = new Informer<Widget>({
      cluster: namespace.cluster,
      definition: widgets,
      namespace: namespace.name,
      freeze: true,
    });
    informer.start(stop.signal);
    await informer.synced();
    const before = await requests('GET');
    const update = { client, informer, object, fieldManager };
    for (let count = 1; count <= 5; count++) {
      await updateStatus({ ...update, mutate: ({ status }) => ({ ...status, count }) });
      expect(informer.get(`${namespace.name}/cached`)?.status?.count).toBe(count);
    }
    expect(await requests('GET')).toBe(before);
    stop.abort();
    await informer.stopped;
  });

  test('does not write to another object that took the name', async () => {
    const object = await client.create(aWidget(namespace.name, 'reborn'));
    await client.delete(object.metadata, { uid: object.metadata.uid! });
    const next = await client.create(aWidget(namespace.name, 'reborn'));
    const update = { client, object, fieldManager, mutate: () => ({ phase: 'Old' }) };
    await expect(updateStatus(update)).rejects.toMatchObject({ status: 409 });
    expect((await client.get(next.metadata)).status).toBeUndefined();
  });
});

describe('createOnce', () => {
  test('returns what an earlier try made', async () => {
    const accept = (existing: Widget) => existing.spec?.size === 3;
    const first = await createOnce(client, aWidget(namespace.name, 'made', 3), { accept });
    const second = await createOnce(client, aWidget(namespace.name, 'made', 3), { accept });
    expect(second.metadata.uid).toBe(first.metadata.uid);
  });

  test('does not take what somebody else made under that name', async () => {
    await client.create(aWidget(namespace.name, 'taken', 1));
    const making = createOnce(client, aWidget(namespace.name, 'taken', 2), {
      accept: ({ spec }) => spec?.size === 2,
    });
    await expect(making).rejects.toBeInstanceOf(NameTakenError);
  });

  test('waits for one of that name that is on its way out', async () => {
    const object = withFinalizer(aWidget(namespace.name, 'going'), finalizer);
    const going = await client.create(object);
    await client.delete(going.metadata, { uid: going.metadata.uid! });
    const making = createOnce(client, aWidget(namespace.name, 'going'), { accept: () => true });
    await expect(making).rejects.toMatchObject({ retry: 'backoff' });
    const held = await client.get(going.metadata);
    await releaseFinalizer({ client, object: held, finalizer, fieldManager });
    expect(await client.find(going.metadata)).toBeUndefined();
  });
});

describe('a finalizer', () => {
  test('is written once, keeps the others and holds the object until it is released', async () => {
    const created = await client.create(
      withFinalizer(aWidget(namespace.name, 'held'), 'kubetest.gridlease.dev/other'),
    );
    const change = { client, finalizer, fieldManager };
    const held = await ensureFinalizer({ ...change, object: created });
    expect(held.metadata.finalizers).toEqual(['kubetest.gridlease.dev/other', finalizer]);
    expect(await ensureFinalizer({ ...change, object: held })).toBe(held);
    const stale = releaseFinalizer({ ...change, object: withFinalizer(created, finalizer) });
    await expect(stale).rejects.toMatchObject({ isConflict: true });
    const released = await releaseFinalizer({ ...change, object: held });
    expect(released.metadata.finalizers).toEqual(['kubetest.gridlease.dev/other']);
    await releaseFinalizer({
      ...change,
      object: released,
      finalizer: 'kubetest.gridlease.dev/other',
    });
  });

  test('is added and removed without touching the object given', () => {
    const object = aWidget('n', 'pure');
    const added = withFinalizer(object, finalizer);
    expect(object.metadata.finalizers).toBeUndefined();
    expect(withFinalizer(added, finalizer)).toBe(added);
    expect(withoutFinalizer(added, finalizer).metadata.finalizers).toEqual([]);
    expect(withoutFinalizer(object, finalizer)).toBe(object);
  });
});
