import { acquireTestCluster } from '@gridlease/e2e/cluster/testCluster';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TimeoutError } from './abort.ts';
import { ApiError, ConnectionError } from './apiError.ts';
import { apiServerCheck } from './apiServerCheck.ts';
import { configMaps } from './builtins.ts';
import { type Cluster, type ClusterOptions, connectCluster } from './cluster.ts';
import type { KubeObject } from './object.ts';
import { type ResourceClient, resourceClient } from './resources.ts';
import { startTcpProxy } from './testing/tcpProxy.ts';
import {
  aNamespace,
  eventually,
  kubeConfigVia,
  type TestNamespace,
} from './testing/testNamespace.ts';

type ConfigMap = KubeObject & { readonly data?: Readonly<Record<string, string>> };

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

function aConfigMap(name: string, data: Record<string, string> = {}): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: namespace.name },
    data,
  };
}

const via = (url: string, options: Partial<ClusterOptions> = {}): Cluster =>
  connectCluster({
    name: 'hub',
    kubeConfig: kubeConfigVia(kubeconfigPath, url),
    userAgent: 'gridlease-kube-test',
    ...options,
  });

const namespaceOf = (
  cluster: Cluster,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
) =>
  cluster.request<KubeObject>({
    method: 'GET',
    path: `/api/v1/namespaces/${namespace.name}`,
    ...options,
  });

test('an API server that hangs is not ready, and is again once it goes on', async () => {
  await using proxy = await startTcpProxy(namespace.cluster.server);
  await using cluster = via(proxy.url);
  const { check } = apiServerCheck(cluster, { timeoutMs: 500, reuseMs: 0 });
  const isReady = async (): Promise<boolean> => (await check()) === undefined;
  await eventually('it is ready', isReady);
  proxy.freeze();
  expect(await check()).toMatch(/\/version took longer than 500 ms/);
  await proxy.restore();
  await eventually('it is ready again', isReady);
});

describe('a connection to an API server', () => {
  test('is used again: 60 requests in a row need no more than two, 60 at once than allowed', async () => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    await using cluster = via(proxy.url, { connections: 4 });
    for (let i = 0; i < 60; i++) await namespaceOf(cluster);
    // Two, because the next request may come before the last one's connection is back in the pool.
    expect(proxy.accepted).toBeLessThanOrEqual(2);
    await Promise.all(Array.from({ length: 60 }, () => namespaceOf(cluster)));
    expect(proxy.accepted).toBeLessThanOrEqual(4);
  });

  test('that is lost is made again for a read', async () => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    await using cluster = via(proxy.url);
    await namespaceOf(cluster);
    proxy.cut();
    expect((await namespaceOf(cluster)).metadata.name).toBe(namespace.name);
  });

  test('that is refused ends in an error that says so, and a write is sent once', async () => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    await using cluster = via(proxy.url);
    await proxy.refuse();
    const error = await resourceClient<ConfigMap>(cluster, configMaps)
      .create(aConfigMap('refused'))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(String(error)).toContain('ECONNREFUSED');
    const metric = await cluster.registry.getSingleMetric('rest_client_requests_total')!.get();
    expect(metric.values).toMatchObject([
      { value: 1, labels: { code: '<error>', method: 'POST' } },
    ]);
  });

  test('that hangs ends with the time limit, and with the caller', async () => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    await using cluster = via(proxy.url);
    await namespaceOf(cluster);
    proxy.freeze();
    const startedAt = performance.now();
    await expect(namespaceOf(cluster, { timeoutMs: 100 })).rejects.toBeInstanceOf(TimeoutError);
    const stop = new AbortController();
    const waiting = namespaceOf(cluster, { signal: stop.signal });
    stop.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
    // Well before the connection itself is given up.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

test('a wrong token is refused with a typed error, and the next one given is used', async () => {
  let token = 'wrong';
  await using cluster = via(namespace.cluster.server, { tokenSource: { token: () => token } });
  const error = await namespaceOf(cluster).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ status: 401, isUnauthorized: true });
  const config = kubeConfigVia(kubeconfigPath, namespace.cluster.server);
  token = config.getCurrentUser()!.token!;
  expect((await namespaceOf(cluster)).metadata.name).toBe(namespace.name);
});

describe('a client of one kind', () => {
  test('creates, reads, replaces, patches, applies and deletes', async () => {
    const created = await client.create(aConfigMap('verbs', { n: '1' }));
    expect((await client.get(created.metadata)).data).toEqual({ n: '1' });
    const replaced = await client.replace({ ...created, data: { n: '2' } });
    expect(replaced.data).toEqual({ n: '2' });
    const patched = await client.mergePatch(created.metadata, { data: { m: '1', n: null } });
    expect(patched.data).toEqual({ m: '1' });
    const applied = await client.apply(aConfigMap('verbs', { a: '1' }), { fieldManager: 'test' });
    expect(applied.data).toEqual({ m: '1', a: '1' });
    await client.delete(created.metadata, { uid: created.metadata.uid! });
    expect(await client.find(created.metadata)).toBeUndefined();
    expect(await client.delete(created.metadata, { uid: created.metadata.uid! })).toBeUndefined();
  });

  test('refuses to replace what it has not read, and loses a race with a typed conflict', async () => {
    await expect(client.replace(aConfigMap('unread'))).rejects.toThrow('needs a resourceVersion');
    const created = await client.create(aConfigMap('race'));
    await client.replace({ ...created, data: { by: 'other' } });
    const error = await client.replace({ ...created, data: {} }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ isConflict: true, isAlreadyExists: false, reason: 'Conflict' });
  });

  test('does not delete another object of the same name', async () => {
    const created = await client.create(aConfigMap('precondition'));
    const options = { uid: '00000000-0000-0000-0000-000000000000' };
    await expect(client.delete(created.metadata, options)).rejects.toMatchObject({
      isConflict: true,
    });
    expect(await client.find(created.metadata)).toBeDefined();
  });

  test('lists all pages, with the type that the server leaves out', async () => {
    const names = ['page-1', 'page-2', 'page-3', 'page-4', 'page-5'];
    for (const name of names) await client.create(aConfigMap(name));
    const list = await client.list({ namespace: namespace.name, limit: 2 });
    const listed = list.items.map(({ metadata }) => metadata.name);
    expect(listed).toEqual(expect.arrayContaining(names));
    expect(list.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(BigInt(list.resourceVersion)).toBeGreaterThan(0n);
  });

  test('tells fields that another manager owns as a conflict, unless it is told to take them', async () => {
    await client.apply(aConfigMap('owned', { n: '1' }), { fieldManager: 'one' });
    const other = aConfigMap('owned', { n: '2' });
    const error = await client
      .apply(other, { fieldManager: 'two' })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).causes).toMatchObject([{ reason: 'FieldManagerConflict' }]);
    const taken = await client.apply(other, { fieldManager: 'two', force: true });
    expect(taken.data).toEqual({ n: '2' });
  });
});
