import { acquireTestCluster } from '@gridlease/e2e/cluster/testCluster';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { configMaps } from './builtins.ts';
import { allCaughtUp, caughtUp } from './caughtUp.ts';
import { silentLogger } from './log.ts';
import { type ResourceClient, resourceClient } from './resources.ts';
import { aConfigMap, type ConfigMap, clusterVia, follow } from './testing/followed.ts';
import { startTcpProxy } from './testing/tcpProxy.ts';
import { aNamespace, type TestNamespace } from './testing/testNamespace.ts';

let kubeconfigPath: string;
let namespace: TestNamespace;
let client: ResourceClient<ConfigMap>;
const { signal } = new AbortController();

beforeAll(async () => {
  kubeconfigPath = (await acquireTestCluster()).hub.kubeconfig;
  namespace = await aNamespace(kubeconfigPath);
  client = resourceClient<ConfigMap>(namespace.cluster, configMaps);
});

afterAll(async () => {
  await namespace?.[Symbol.asyncDispose]();
});

describe('a cache that has caught up', () => {
  test('holds everything that was written before it was asked', async () => {
    const labels = { test: 'caught' };
    const gone = await client.create(aConfigMap(namespace.name, 'caught-gone', 1, labels));
    const kept = await client.create(aConfigMap(namespace.name, 'caught-kept', 1, labels));
    await using followed = await follow(namespace, 'caught');
    for (let n = 2; n < 12; n++) {
      await client.create(aConfigMap(namespace.name, `caught-${n}`, n, labels));
    }
    await client.replace({ ...kept, data: { n: '2' } });
    await client.delete(gone.metadata, { uid: gone.metadata.uid! });
    await caughtUp(followed.informer, signal);
    const known = followed.informer
      .list()
      .map(({ metadata, data }) => [metadata.name, data?.['n']]);
    expect(known).toHaveLength(11);
    expect(known).toContainEqual(['caught-kept', '2']);
    expect(known).not.toContainEqual(['caught-gone', '1']);
  });

  test('is had at once of a kind on which nothing happens', async () => {
    await client.create(aConfigMap(namespace.name, 'quiet', 1, { test: 'quiet' }));
    await using followed = await follow(namespace, 'quiet');
    // The other's writes move the cluster's version on, and no event of ours says so.
    await client.create(aConfigMap(namespace.name, 'noise', 1, { test: 'noise' }));
    // Without being asked the server would tell the version once a minute.
    await caughtUp(followed.informer, AbortSignal.timeout(20_000));
    expect(followed.informer.list()).toHaveLength(1);
  });

  test('is not had while its watch is silent, and not waited for beyond a limit', async () => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    await using followed = await follow(namespace, 'silent', clusterVia(kubeconfigPath, proxy));
    proxy.freeze();
    await client.create(aConfigMap(namespace.name, 'unheard', 1, { test: 'silent' }));
    // It is asked on a way of its own: what answers there may not be what the watch hangs on.
    const informer = {
      cluster: namespace.cluster,
      definition: followed.informer.definition,
      selection: followed.informer.selection,
      get seenVersion() {
        return followed.informer.seenVersion;
      },
      get: (key: string) => followed.informer.get(key),
      list: () => followed.informer.list(),
      synced: async () => undefined,
    };
    const warned: unknown[] = [];
    const log = { ...silentLogger, warn: (context: unknown) => warned.push(context) };
    await allCaughtUp([informer], { signal, timeoutMs: 500, log });
    expect(warned).toEqual([expect.objectContaining({ what: 'hub/configmaps' })]);
    const caught = caughtUp(informer, AbortSignal.timeout(20_000));
    await proxy.restore();
    await caught;
    expect(followed.informer.list()).toHaveLength(1);
  });
});
