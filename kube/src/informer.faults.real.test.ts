import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { acquireTestCluster } from '@gridlease/e2e/cluster/testCluster';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { configMaps } from './builtins.ts';
import type { Cluster } from './cluster.ts';
import { Informer } from './informer.ts';
import { type ResourceClient, resourceClient } from './resources.ts';
import { aConfigMap, type ConfigMap, clusterVia, endsOf, follow } from './testing/followed.ts';
import { startTcpProxy } from './testing/tcpProxy.ts';
import { aNamespace, eventually, type TestNamespace } from './testing/testNamespace.ts';
import { aWidget, type Widget, widgetClient, widgets } from './testing/widget.ts';

jest.setTimeout(180_000);

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

describe('an informer whose connection or server fails', () => {
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
      let object = await client.create(aConfigMap(namespace.name, 'cut', 0, labels));
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
    const first = await client.create(aConfigMap(namespace.name, 'again', 1, labels));
    await using followed = await follow(namespace, 'again', clusterVia(kubeconfigPath, proxy));
    await proxy.refuse();
    await remove(first);
    await client.create(aConfigMap(namespace.name, 'again', 2, labels));
    await eventually('it noticed', () => followed.informer.lastError !== undefined);
    await proxy.restore();
    await eventually('it caught up', () => followed.lines.length === 3);
    expect(followed.lines).toEqual(['added again 1', 'deleted again 1', 'added again 2']);
    expect(followed.informer.lastError).toBeUndefined();
  });

  test('gives up a connection that went silent, and catches up', async () => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    const cluster = clusterVia(kubeconfigPath, proxy);
    await using followed = await follow(namespace, 'silent', cluster, { silenceMs: 2_000 });
    proxy.freeze();
    await client.create(aConfigMap(namespace.name, 'silent', 1, { test: 'silent' }));
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
    await using real = clusterVia(kubeconfigPath, proxy);
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
    await using real = clusterVia(kubeconfigPath, proxy);
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
    await client.create(aConfigMap(namespace.name, 'paged', 1, { test: 'paged' }));
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
    await using followed = await follow(namespace, 'paged', older);
    expect(followed.lines).toEqual(['added paged 1']);
    expect(await gets()).toBe(before + 1);
  });

  test('waiting for the first list ends with the reason why there is none', async () => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    await proxy.refuse();
    await using cluster = clusterVia(kubeconfigPath, proxy);
    const informer = new Informer<ConfigMap>({ cluster, definition: configMaps });
    const stop = new AbortController();
    informer.start(stop.signal);
    await eventually('it was refused', () => informer.lastError !== undefined);
    await expect(informer.synced(undefined, 100)).rejects.toThrow('ECONNREFUSED');
    expect(informer.hasSynced).toBe(false);
    stop.abort();
    await informer.stopped;
  });
});
