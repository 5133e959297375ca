import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { acquireTestCluster } from '@gridlease/e2e/cluster/testCluster';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { configMaps } from './builtins.ts';
import { type Cluster, connectCluster } from './cluster.ts';
import { type Change, Informer, type InformerOptions } from './informer.ts';
import type { KubeObject } from './object.ts';
import { type ResourceClient, resourceClient } from './resources.ts';
import { startTcpProxy, type TcpProxy } from './testing/tcpProxy.ts';
import {
  aNamespace,
  eventually,
  kubeConfigVia,
  type TestNamespace,
} from './testing/testNamespace.ts';
import { aWidget, type Widget, widgetClient, widgets } from './testing/widget.ts';

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

function aConfigMap(name: string, n: number, labels: Record<string, string> = {}): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: namespace.name, labels },
    data: { n: String(n) },
  };
}

const remove = (object: ConfigMap) => client.delete(object.metadata, { uid: object.metadata.uid! });

type Followed = AsyncDisposable & {
  readonly informer: Informer<ConfigMap>;
  readonly lines: string[];
  readonly changes: readonly Change[];
};

/** A running informer that notes `<type> <name> <n>` for each change of objects of one label. */
async function follow(
  label: string,
  cluster: Cluster = namespace.cluster,
  options: Partial<InformerOptions<ConfigMap>> = {},
): Promise<Followed> {
  const stop = new AbortController();
  const lines: string[] = [];
  const changes: Change[] = [];
  const informer = new Informer<ConfigMap>({
    cluster,
    definition: configMaps,
    namespace: namespace.name,
    labelSelector: `test=${label}`,
    freeze: true,
    ...options,
  });
  informer.onChange((object, _, change) => {
    changes.push(change);
    lines.push(`${change.type} ${object.metadata.name} ${object.data?.['n']}`);
  });
  informer.start(stop.signal);
  await informer.synced();
  return {
    informer,
    lines,
    changes,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await informer.stopped;
      if (cluster !== namespace.cluster) await cluster.close();
    },
  };
}

function clusterVia(proxy: TcpProxy, requestTimeoutMs = 2_000): Cluster {
  return connectCluster({
    name: 'hub',
    kubeConfig: kubeConfigVia(kubeconfigPath, proxy.url),
    userAgent: 'gridlease-kube-test',
    requestTimeoutMs,
  });
}

async function endsOf(cluster: Cluster, reason: string): Promise<number> {
  const { values } = await cluster.registry
    .getSingleMetric('gridlease_informer_watch_ends_total')!
    .get();
  return values.find(({ labels }) => labels['reason'] === reason)?.value ?? 0;
}

describe('an informer on a real API server', () => {
  test('tells what was there as part of the first list, then what happens', async () => {
    const labels = { test: 'plain' };
    const first = await client.create(aConfigMap('plain-a', 1, labels));
    await using followed = await follow('plain');
    expect(followed.changes).toEqual([{ type: 'added', initial: true }]);
    await client.create(aConfigMap('plain-b', 1, labels));
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
    const created = await client.create(aConfigMap('indexed', 7, { test: 'index' }));
    await using followed = await follow('index', namespace.cluster, {
      indexes: { n: ({ data }) => [data?.['n'] ?? ''] },
    });
    const [found] = followed.informer.byIndex('n', '7');
    expect(found?.metadata.uid).toBe(created.metadata.uid);
    expect(found?.metadata).not.toHaveProperty('managedFields');
    expect(Object.isFrozen(found?.data)).toBe(true);
    expect(followed.informer.byIndex('n', '8')).toEqual([]);
  });

  test('survives a handler that throws, and the others hear everything', async () => {
    await using followed = await follow('throws');
    const heard: string[] = [];
    followed.informer.onChange(() => {
      throw new Error('broken');
    });
    followed.informer.onChange((object) => void heard.push(object.metadata.name));
    await client.create(aConfigMap('throws-a', 1, { test: 'throws' }));
    await client.create(aConfigMap('throws-b', 1, { test: 'throws' }));
    await eventually('both were heard', () => heard.length === 2);
    const metric = namespace.cluster.registry.getSingleMetric(
      'gridlease_informer_handler_errors_total',
    )!;
    expect((await metric.get()).values[0]?.value).toBe(2);
  });

  test('shows our own write before the watch brings it, and tells it once', async () => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    await using followed = await follow('own', clusterVia(proxy));
    proxy.freeze();
    const written = await client.create(aConfigMap('own', 1, { test: 'own' }));
    followed.informer.observe(written);
    expect(followed.informer.get(`${namespace.name}/own`)?.data).toEqual({ n: '1' });
    followed.informer.observe(await client.replace({ ...written, data: { n: '2' } }));
    followed.informer.observe(written);
    await proxy.restore();
    await client.create(aConfigMap('own-marker', 1, { test: 'own' }));
    await eventually('the watch caught up', () => followed.lines.includes('added own-marker 1'));
    expect(followed.lines).toEqual(['added own 1', 'updated own 2', 'added own-marker 1']);
  });

  test('sees every change exactly once and in order while its connection is cut again and again', async () => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    const child = spawn(
      process.execPath,
      [
        fileURLToPath(new URL('./testing/follow.ts', import.meta.url)),
        ...['--kubeconfig', kubeconfigPath, '--server', proxy.url, '--namespace', namespace.name],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const exited = once(child, 'exit');
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    await eventually('the child listed', () => lines.includes('synced'));

    const wanted: string[] = [];
    const labels = { followed: 'yes' };
    for (let round = 0; round < 6; round++) {
      let object = await client.create(aConfigMap('cut', 0, labels));
      const { uid } = object.metadata;
      wanted.push(`added cut ${uid} 0`);
      for (let n = 1; n <= 5; n++) {
        if (n === 2) proxy.cut();
        object = await client.replace({ ...object, data: { n: String(n) } });
        wanted.push(`updated cut ${uid} ${n}`);
      }
      await remove(object);
      wanted.push(`deleted cut ${uid} 5`);
      if (round === 3) {
        await proxy.refuse();
        await proxy.restore();
      }
      await eventually('the child heard of it', () => lines.length > wanted.length);
    }
    expect(lines.slice(1)).toEqual(wanted);
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  test('sees an object that was recreated while it was cut off as deleted and added', async () => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    const labels = { test: 'again' };
    const first = await client.create(aConfigMap('again', 1, labels));
    await using followed = await follow('again', clusterVia(proxy));
    await proxy.refuse();
    await remove(first);
    await client.create(aConfigMap('again', 2, labels));
    await eventually('it noticed', () => followed.informer.lastError !== undefined);
    await proxy.restore();
    await eventually('it caught up', () => followed.lines.length === 3);
    expect(followed.lines).toEqual(['added again 1', 'deleted again 1', 'added again 2']);
    expect(followed.informer.lastError).toBeUndefined();
  });

  test('gives up a connection that went silent, and catches up', async () => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    const cluster = clusterVia(proxy);
    await using followed = await follow('silent', cluster, { silenceMs: 300 });
    proxy.freeze();
    await client.create(aConfigMap('silent', 1, { test: 'silent' }));
    await eventually('the silence was noticed', async () => (await endsOf(cluster, 'silent')) > 0);
    expect(followed.lines).toEqual([]);
    await proxy.restore();
    await eventually('it caught up', () => followed.lines.length === 1);
  });

  test('lists again when its position is too old, and tells only what changed', async () => {
    const client = await widgetClient(namespace.cluster);
    const kept = await client.create(aWidget(namespace.name, 'kept'));
    const lost = await client.create(aWidget(namespace.name, 'lost'));
    await using proxy = await startTcpProxy(namespace.cluster.server);
    await using real = clusterVia(proxy);
    let isAgeing = false;
    // The server itself says 410: this kind is younger than the position that is asked for.
    const ageing: Cluster = {
      ...real,
      watch: (request) => {
        const resumes = request.query?.['resourceVersion'] !== undefined;
        if (!isAgeing || !resumes) return real.watch(request);
        isAgeing = false;
        return real.watch({ ...request, query: { ...request.query, resourceVersion: '1' } });
      },
    };
    const stop = new AbortController();
    const lines: string[] = [];
    const informer = new Informer<Widget>({
      cluster: ageing,
      definition: widgets,
      namespace: namespace.name,
    });
    informer.onChange(({ metadata }, _, { type }) => void lines.push(`${type} ${metadata.name}`));
    informer.start(stop.signal);
    await informer.synced();
    lines.length = 0;
    await client.replace({ ...kept, spec: { size: 2 } });
    await eventually('the update was seen', () => lines.length === 1);
    isAgeing = true;
    proxy.cut();
    await client.delete(lost.metadata, { uid: lost.metadata.uid! });
    await eventually('it caught up', () => lines.length === 2);
    expect(await endsOf(real, 'expired')).toBe(1);
    expect(lines).toEqual(['updated kept', 'deleted lost']);
    stop.abort();
    await informer.stopped;
  });

  test('does not bring back the dead when the server answers with an older list', async () => {
    const client = await widgetClient(namespace.cluster);
    const dead = await client.create(aWidget(namespace.name, 'dead'));
    await using proxy = await startTcpProxy(namespace.cluster.server);
    await using real = clusterVia(proxy);
    const lists: unknown[] = [];
    let isBehind = false;
    // Two API servers behind one address, the second of them behind: its list is one recorded
    // before, and the position it is asked for next is unknown to it.
    const lagging: Cluster = {
      ...real,
      async request<R>(request: Parameters<Cluster['request']>[0]): Promise<R> {
        if (isBehind) {
          isBehind = false;
          return lists[0] as R;
        }
        const answer = await real.request<R>(request);
        lists.push(answer);
        return answer;
      },
      watch: ({ query, ...request }) => {
        const resourceVersion = isBehind ? '1' : query?.['resourceVersion'];
        const asked = { ...query, resourceVersion, resourceVersionMatch: undefined };
        return real.watch({ ...request, query: asked });
      },
    };
    const lines: string[] = [];
    const stop = new AbortController();
    const informer = new Informer<Widget>({
      cluster: lagging,
      definition: widgets,
      namespace: namespace.name,
      fieldSelector: 'metadata.name=dead',
    });
    informer.onChange(({ metadata }, _, { type }) => void lines.push(`${type} ${metadata.name}`));
    informer.start(stop.signal);
    await informer.synced();
    await client.delete(dead.metadata, { uid: dead.metadata.uid! });
    await eventually('the deletion was seen', () => lines.length === 2);
    isBehind = true;
    proxy.cut();
    await eventually('a current list was asked for and taken', () => lists.length === 2);
    await eventually('the cache is current', () => informer.lastError === undefined);
    const refused = real.registry.getSingleMetric('gridlease_informer_refused_total')!;
    expect((await refused.get()).values[0]?.value).toBe(1);
    expect(lines).toEqual(['added dead', 'deleted dead']);
    expect(informer.list()).toEqual([]);
    stop.abort();
    await informer.stopped;
  });

  test('falls back to pages where the server refuses to stream the list', async () => {
    await client.create(aConfigMap('paged', 1, { test: 'paged' }));
    // Without this parameter the server answers 422, as one that has the feature switched off.
    const older: Cluster = {
      ...namespace.cluster,
      watch: ({ query, ...request }) =>
        namespace.cluster.watch({
          ...request,
          query: { ...query, resourceVersionMatch: undefined },
        }),
    };
    const lists = namespace.cluster.registry.getSingleMetric('rest_client_requests_total')!;
    const gets = async () =>
      (await lists.get()).values
        .filter(({ labels }) => labels['method'] === 'GET')
        .reduce((sum, { value }) => sum + value, 0);
    const before = await gets();
    await using followed = await follow('paged', older);
    expect(followed.lines).toEqual(['added paged 1']);
    expect(await gets()).toBe(before + 1);
  });

  test('waiting for the first list ends with the reason why there is none', async () => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    await proxy.refuse();
    await using cluster = clusterVia(proxy, 500);
    const informer = new Informer<ConfigMap>({ cluster, definition: configMaps });
    const stop = new AbortController();
    informer.start(stop.signal);
    await expect(informer.synced(undefined, 700)).rejects.toThrow('ECONNREFUSED');
    expect(informer.hasSynced).toBe(false);
    stop.abort();
    await informer.stopped;
  });
});
