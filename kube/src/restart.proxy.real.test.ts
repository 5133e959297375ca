import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FaultProxy, startFaultProxy } from '@gridlease/e2e/chaos/faultProxy';
import { ApiClient } from '@gridlease/e2e/cluster/apiClient';
import { type ApiServer, startApiServer } from '@gridlease/e2e/cluster/apiServer';
import { ensureAssets } from '@gridlease/e2e/cluster/assets';
import { compact } from '@gridlease/e2e/cluster/compact';
import { startEtcd } from '@gridlease/e2e/cluster/etcd';
import { writeKubeconfig } from '@gridlease/e2e/cluster/kubeconfig';
import { Processes } from '@gridlease/e2e/cluster/processes';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { configMaps } from './builtins.ts';
import { type Cluster, connectCluster } from './cluster.ts';
import { Informer } from './informer.ts';
import { type ResourceClient, resourceClient } from './resources.ts';
import { aConfigMap, type ConfigMap, endsOf } from './testing/followed.ts';
import { eventually, kubeConfigVia } from './testing/testNamespace.ts';
import { stateOf, witness } from './testing/witness.ts';

const minutes = (count: number) => count * 60_000;
const namespace = 'default';
let dir: string;
let processes: Processes;
let etcdURL: string;
let apiServer: ApiServer;
let proxy: FaultProxy;
/** Past the proxy. */
let direct: Cluster;
let client: ResourceClient<ConfigMap>;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gridlease-restart-'));
  processes = new Processes(dir);
  const common = { dir, processes, assets: await ensureAssets() };
  etcdURL = await startEtcd({ ...common, name: 'etcd' });
  apiServer = await startApiServer({ ...common, name: 'apiserver', etcdURL });
  const file = join(dir, 'kubeconfig');
  writeKubeconfig(file, apiServer.accessAs('bootstrap'), { cluster: 'test', user: 'bootstrap' });
  proxy = await startFaultProxy({
    server: apiServer.server,
    certificateFile: apiServer.certificateAuthorityFile,
    keyFile: apiServer.servingKeyFile,
  });
  const userAgent = 'gridlease-kube-test';
  direct = connectCluster({ name: 'hub', kubeConfig: kubeConfigVia(file), userAgent });
  client = resourceClient<ConfigMap>(direct, configMaps);
}, minutes(2));

afterAll(async () => {
  await direct?.close();
  await proxy?.[Symbol.asyncDispose]();
  await processes?.stop();
  if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
}, minutes(1));

/** Killed without a word and started again on its port and its data. */
async function restartApiServer(): Promise<void> {
  await processes.kill('apiserver');
  processes.startAgain('apiserver');
  const bootstrap = new ApiClient(apiServer.accessAs('bootstrap'));
  await eventually(
    'the API server is ready again',
    async () => (await bootstrap.request('GET', '/readyz').catch(() => '')) === 'ok',
    minutes(2),
  );
  bootstrap.close();
}

async function following(label: string, server: string) {
  const cluster = connectCluster({
    name: 'hub',
    kubeConfig: kubeConfigVia(join(dir, 'kubeconfig'), server),
    userAgent: 'gridlease-kube-test',
    requestTimeoutMs: 5_000,
  });
  const stop = new AbortController();
  const informer = new Informer<ConfigMap>({
    cluster,
    definition: configMaps,
    namespace,
    labelSelector: `test=${label}`,
  });
  const seen = witness(informer);
  informer.start(stop.signal);
  await informer.synced();
  return {
    cluster,
    informer,
    seen,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await informer.stopped;
      await cluster.close();
    },
  };
}

test(
  'informers follow on when the API server is killed, started again and without its history: one that was connected, one cut off before',
  async () => {
    await using connected = await following('connected', direct.server);
    await using cutOff = await following('cut-off', proxy.url);
    const before = {
      connected: await beginning('connected'),
      cutOff: await beginning('cut-off'),
    };
    await eventually('all were seen', () =>
      [connected, cutOff].every(({ seen }) => seen.told.length === 3),
    );
    proxy.inject([{ fault: { type: 'reset' } }]);
    proxy.endWatches('close');
    await change('cut-off', before.cutOff);
    await compact(etcdURL);
    // The new server's own memory of events begins after the lost position, too.
    await restartApiServer();
    proxy.heal();
    await change('connected', before.connected);
    for (const [label, { informer, seen }] of Object.entries({ connected, 'cut-off': cutOff })) {
      await expectCurrent(informer, label);
      expect(seen.violations).toEqual([]);
      const later = seen.told.slice(3).map((line) => line.split('@')[0]);
      expect(later.sort()).toEqual([
        `added default/${label}-again`,
        `deleted default/${label}-again`,
        `deleted default/${label}-lost`,
        `updated default/${label}-kept`,
      ]);
      await eventually('it is well again', () => informer.lastError === undefined, minutes(1));
    }
    expect(await endsOf(cutOff.cluster, 'expired')).toBeGreaterThan(0);
  },
  minutes(6),
);

type Beginning = { readonly kept: ConfigMap; readonly lost: ConfigMap; readonly again: ConfigMap };

const make = (label: string, name: string) =>
  client.create(aConfigMap(namespace, `${label}-${name}`, 1, { test: label }));
const remove = ({ metadata }: ConfigMap) => client.delete(metadata, { uid: metadata.uid! });

const beginning = async (label: string): Promise<Beginning> => ({
  kept: await make(label, 'kept'),
  lost: await make(label, 'lost'),
  again: await make(label, 'again'),
});

async function change(label: string, { kept, lost, again }: Beginning): Promise<void> {
  await remove(lost);
  await client.replace({ ...kept, data: { n: '2' } });
  await remove(again);
  await make(label, 'again');
}

async function expectCurrent(informer: Informer<ConfigMap>, label: string): Promise<void> {
  const wanted = async () =>
    String(stateOf((await client.list({ namespace, labelSelector: `test=${label}` })).items));
  await eventually(
    `${label}: the cache is what there is`,
    async () => String(stateOf(informer.list())) === (await wanted()),
    minutes(1),
  );
}
