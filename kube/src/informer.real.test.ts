import { acquireTestCluster } from '@gridlease/e2e/cluster/testCluster';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { configMaps } from './builtins.ts';
import { type ResourceClient, resourceClient } from './resources.ts';
import { aConfigMap, type ConfigMap, clusterVia, follow } from './testing/followed.ts';
import { startTcpProxy } from './testing/tcpProxy.ts';
import { aNamespace, eventually, type TestNamespace } from './testing/testNamespace.ts';

let kubeconfigPath: string;
let namespace: TestNamespace;
let client: ResourceClient<ConfigMap>;

beforeAll(async () => {
  kubeconfigPath = (await acquireTestCluster()).hub.kubeconfig;
  namespace = await aNamespace(kubeconfigPath);
  client = resourceClient<ConfigMap>(namespace.cluster, configMaps);
});

afterAll(async () => {
  await namespace?.[Symbol.asyncDispose]();
});

const remove = (object: ConfigMap) => client.delete(object.metadata, { uid: object.metadata.uid! });

describe('an informer on a real API server', () => {
  test('tells what was there as part of the first list, then what happens', async () => {
    const labels = { test: 'plain' };
    const first = await client.create(aConfigMap(namespace.name, 'plain-a', 1, labels));
    await using followed = await follow(namespace, 'plain');
    expect(followed.changes).toEqual([{ type: 'added', initial: true }]);
    await client.create(aConfigMap(namespace.name, 'plain-b', 1, labels));
    await client.replace({ ...first, data: { n: '2' } });
    await remove(first);
    await eventually('the deletion was seen', () => followed.lines.length === 4);
    expect(followed.lines).toEqual([
      'added plain-a 1',
      'added plain-b 1',
      'updated plain-a 2',
      'deleted plain-a 2',
    ]);
    expect(followed.informer.list().map(({ metadata }) => metadata.name)).toEqual(['plain-b']);
    expect(followed.informer.ageMs()).toBeLessThan(10_000);
  });

  test('keeps objects frozen, without managed fields, and finds them by index', async () => {
    const created = await client.create(
      aConfigMap(namespace.name, 'indexed', 7, { test: 'index' }),
    );
    await using followed = await follow(namespace, 'index', namespace.cluster, {
      indexes: { n: ({ data }) => [data?.['n'] ?? ''] },
    });
    const [found] = followed.informer.byIndex('n', '7');
    expect(found?.metadata.uid).toBe(created.metadata.uid);
    expect(found?.metadata).not.toHaveProperty('managedFields');
    expect(Object.isFrozen(found?.data)).toBe(true);
    expect(followed.informer.byIndex('n', '8')).toEqual([]);
  });

  test('survives a handler that throws, and the others hear everything', async () => {
    await using followed = await follow(namespace, 'throws');
    const heard: string[] = [];
    followed.informer.onChange(() => {
      throw new Error('broken');
    });
    followed.informer.onChange((object) => void heard.push(object.metadata.name));
    await client.create(aConfigMap(namespace.name, 'throws-a', 1, { test: 'throws' }));
    await client.create(aConfigMap(namespace.name, 'throws-b', 1, { test: 'throws' }));
    await eventually('both were heard', () => heard.length === 2);
    const metric = namespace.cluster.registry.getSingleMetric(
      'gridlease_informer_handler_errors_total',
    )!;
    expect((await metric.get()).values[0]?.value).toBe(2);
  });

  test('shows our own write before the watch brings it, and tells it once', async () => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    await using followed = await follow(namespace, 'own', clusterVia(kubeconfigPath, proxy));
    proxy.freeze();
    const written = await client.create(aConfigMap(namespace.name, 'own', 1, { test: 'own' }));
    followed.informer.observe(written);
    expect(followed.informer.get(`${namespace.name}/own`)?.data).toEqual({ n: '1' });
    followed.informer.observe(await client.replace({ ...written, data: { n: '2' } }));
    followed.informer.observe(written);
    await proxy.restore();
    await client.create(aConfigMap(namespace.name, 'own-marker', 1, { test: 'own' }));
    await eventually('the watch caught up', () => followed.lines.includes('added own-marker 1'));
    expect(followed.lines).toEqual(['added own 1', 'updated own 2', 'added own-marker 1']);
  });

  test('leaves out our own write to an object that it was not asked to follow', async () => {
    await using followed = await follow(namespace, 'selected');
    const other = await client.create(aConfigMap(namespace.name, 'other', 1, { test: 'other' }));
    followed.informer.observe(other);
    expect(followed.informer.list()).toEqual([]);
  });
});
