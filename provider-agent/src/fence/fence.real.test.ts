import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GPULease } from '@gridlease/crds/gpulease';
import { agentUser, LABEL_LEASE_UID, OPERATOR_USER } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import * as resources from '@gridlease/crds/resources';
import * as builtins from '@gridlease/kube/builtins';
import { systemClock } from '@gridlease/kube/clock';
import { connectCluster } from '@gridlease/kube/cluster';
import { Informer } from '@gridlease/kube/informer';
import { silentLogger } from '@gridlease/kube/log';
import { createRegistry } from '@gridlease/kube/metrics';
import type { KubeObject } from '@gridlease/kube/object';
import { createRemoval } from '@gridlease/kube/removal';
import { resourceClient } from '@gridlease/kube/resources';
import { startTcpProxy } from '@gridlease/kube/testing/tcpProxy';
import { until } from '@gridlease/kube/testing/until';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { leaseUidIndex } from '../clusterView.ts';
import { createHeartbeat } from '../heartbeat.ts';
import { aLease, aLeaseRecord } from '../testing/builders.ts';
import { apply, createNode, kubectl, root, testEnvironment } from '../testing/environment.ts';
import type { FenceDeps, FencedPod, RenewalClock } from './deps.ts';
import { createFence } from './reconcile.ts';

/** The fence between a real hub that can be cut off and real pods on simulated nodes. */

const env = testEnvironment();
const suffix = randomBytes(3).toString('hex');
const providerName = `f${suffix}`;
const hubNamespace = `gridlease-provider-${providerName}`;
const recordNamespace = `gridlease-fence-${suffix}`;
const nodeName = `gpu-fence-${suffix}`;
const userAgent = 'fence-test/0';
/** So long after the fence at most, design.md rule 2. */
const killMs = 20_000;

const hub = connectCluster({ name: 'hub', kubeconfigPath: env.hub.kubeconfig, userAgent });
const own = connectCluster({ name: 'own', kubeconfigPath: env.provider.kubeconfig, userAgent });
const proxy = await startTcpProxy(serverOf(env.hub.kubeconfig));
const throughProxy = connectThroughProxy();
/** Leases are the operator's to write, their status the agent's; admission knows them by name. */
const as = (user: string, cluster: typeof hub = hub): typeof hub => ({
  ...cluster,
  request: (request) => {
    const identity = {
      'Impersonate-User': user,
      'Impersonate-Group': 'gridlease:platform-admins',
    };
    return cluster.request({ ...request, headers: { ...request.headers, ...identity } });
  },
});
const asOperator = resourceClient<GPULease>(as(OPERATOR_USER), resources.gpuLeases);
const asAgent = (cluster: typeof hub) =>
  resourceClient<GPULease>(as(agentUser(providerName), cluster), resources.gpuLeases);
const records = resourceClient<LeaseRecord>(own, resources.leaseRecords);
const pods = resourceClient<FencedPod>(own, builtins.pods);
const stops: (() => Promise<void>)[] = [];

function serverOf(kubeconfig: string): string {
  return JSON.parse(kubectl(kubeconfig, ['config', 'view', '--raw', '-o', 'json'])).clusters[0]
    .cluster.server;
}

function connectThroughProxy(): typeof hub {
  const file = join(tmpdir(), `gridlease-fence-${suffix}.json`);
  const raw = JSON.parse(kubectl(env.hub.kubeconfig, ['config', 'view', '--raw', '-o', 'json']));
  raw.clusters[0].cluster.server = proxy.url;
  writeFileSync(file, JSON.stringify(raw), { mode: 0o600 });
  const cluster = connectCluster({ name: 'hub', kubeconfigPath: file, userAgent });
  rmSync(file);
  return cluster;
}

/** An agent's fence, with a heartbeat of its own unless `renewals` says otherwise. */
async function startFence(
  options: {
    readonly renewals?: RenewalClock;
    readonly isLeader?: boolean;
    readonly start?: boolean;
  } = {},
) {
  const abort = new AbortController();
  const registry = createRegistry({ processMetrics: false });
  /** Milliseconds by which this process has slept without noticing. */
  let sleptMs = 0;
  const clock = {
    now: () => systemClock.now(),
    monotonicMs: () => systemClock.monotonicMs() + sleptMs,
  };
  const informers = {
    records: new Informer<LeaseRecord>({
      cluster: own,
      definition: resources.leaseRecords,
      namespace: recordNamespace,
    }),
    pods: new Informer<FencedPod>({
      cluster: own,
      definition: builtins.pods,
      namespace: recordNamespace,
      labelSelector: LABEL_LEASE_UID,
      indexes: leaseUidIndex,
    }),
  };
  const heartbeat = createHeartbeat({
    client: resourceClient(throughProxy, builtins.leases),
    namespace: hubNamespace,
    identity: 'test',
    // A look on its own has as long for its renewal as the fence gives it.
    intervalSeconds: options.start === false ? 10 : 1,
    shared: { read: async () => undefined, write: async () => undefined },
    isLeading: () => true,
    clock,
    registry,
    log: silentLogger,
  });
  const workloads = {
    deployments: resourceClient<KubeObject>(own, builtins.deployments),
    replicaSets: resourceClient<KubeObject>(own, builtins.replicaSets),
    jobs: resourceClient<KubeObject>(own, builtins.jobs),
    pods,
  };
  const deps: FenceDeps = {
    renewals: options.renewals ?? heartbeat,
    isLeader: () => options.isLeader ?? true,
    hubNamespace,
    recordNamespace,
    informers: { ...informers, leases: { observe: () => undefined } },
    clients: { ...workloads, records, leases: asAgent(throughProxy) },
    remove: createRemoval(workloads),
    clock,
    registry,
    log: silentLogger,
  };
  const fence = createFence(deps);
  for (const informer of Object.values(informers)) informer.start(abort.signal);
  await Promise.all(Object.values(informers).map((informer) => informer.synced(abort.signal)));
  if (options.renewals === undefined) {
    void heartbeat.lead(abort.signal);
    await until('a renewal', () => heartbeat.lastRenewalMs !== undefined);
  }
  if (options.start !== false) fence.start(abort.signal);
  stops.push(async () => {
    abort.abort();
    await fence.stopped;
  });
  return { fence, heartbeat, signal: abort.signal, sleep: (ms: number) => (sleptMs += ms) };
}

/** A lease that runs: at the hub, in the agent's memory, and as a Job with one pod. */
async function aRunningLease(fenceSeconds: number) {
  const name = `lease-${randomBytes(4).toString('hex')}`;
  const { lease } = await aLease({ name, namespace: hubNamespace, terms: { fenceSeconds } });
  const stored = await asOperator.create({
    ...lease,
    metadata: { namespace: hubNamespace, name },
  });
  const uid = stored.metadata.uid!;
  const record = await aLeaseRecord({
    name,
    uid,
    namespace: hubNamespace,
    terms: { fenceSeconds },
  });
  const labels = { [LABEL_LEASE_UID]: uid };
  kubectl(
    env.provider.kubeconfig,
    ['create', '-f', '-'],
    JSON.stringify({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, namespace: recordNamespace, labels },
      spec: {
        backoffLimit: 0,
        podReplacementPolicy: 'Failed',
        template: {
          metadata: { labels },
          spec: {
            restartPolicy: 'Never',
            terminationGracePeriodSeconds: 600,
            nodeSelector: { 'kubernetes.io/hostname': nodeName },
            containers: [
              { name: 'task', image: 'x', env: [{ name: 'SIMULATED_SECONDS', value: '3600' }] },
            ],
          },
        },
      },
    }),
  );
  const alive = async () => (await pods.list({ labelSelector: `${LABEL_LEASE_UID}=${uid}` })).items;
  await until('a running pod', async () => (await alive())[0]?.status?.phase === 'Running');
  await records.create({
    ...record,
    metadata: { ...record.metadata, namespace: recordNamespace },
    spec: {
      ...record.spec,
      acceptance: { ...record.spec.acceptance, acceptedMs: String(Date.now()) },
    },
  });
  return {
    uid,
    alive,
    atHub: () => asOperator.get(stored.metadata),
    fenced: async () => (await records.get({ namespace: recordNamespace, name: uid })).spec.fenced,
    giveUp: async () => {
      const { spec, ...rest } = await asOperator.get(stored.metadata);
      const time = new Date().toISOString();
      const lost = { time, reason: 'ProviderLost' as const, message: 'silent for 100 s' };
      const end = { desiredState: 'Stopped' as const, stopTime: time, lost };
      await asOperator.replace({ ...rest, spec: { ...spec, ...end } });
    },
  };
}

beforeAll(() => {
  apply(env.hub.kubeconfig, join(root, 'crds/manifests/hub'));
  apply(env.provider.kubeconfig, join(root, 'crds/manifests/provider'));
  kubectl(env.hub.kubeconfig, ['create', 'namespace', hubNamespace]);
  kubectl(env.provider.kubeconfig, ['create', 'namespace', recordNamespace]);
  createNode(env.provider.kubeconfig, nodeName, `Fence-${suffix}`);
}, 60_000);

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await proxy.restore();
  for (const { metadata } of (await records.list({ namespace: recordNamespace })).items) {
    await records.delete(metadata, { uid: metadata.uid! });
  }
}, 60_000);

afterAll(async () => {
  const gone = ['--wait=false', '--ignore-not-found'];
  kubectl(env.hub.kubeconfig, ['delete', 'namespace', hubNamespace, ...gone]);
  kubectl(env.provider.kubeconfig, ['delete', 'namespace', recordNamespace, ...gone]);
  kubectl(env.provider.kubeconfig, ['delete', 'node', nodeName, ...gone]);
  await proxy[Symbol.asyncDispose]();
  for (const cluster of [hub, own, throughProxy]) await cluster.close();
}, 60_000);

test.each(['refuses', 'is silent'])(
  'a hub that %s: pods are gone in time, but those that may go on',
  async (how) => {
    const { heartbeat } = await startFence();
    const kept = await aRunningLease(0);
    const fenced = await aRunningLease(3);
    await until('a renewal', () => performance.now() - heartbeat.lastRenewalMs! < 1_000);
    const cutMs = performance.now();
    if (how === 'refuses') await proxy.refuse();
    else proxy.freeze();
    await until('the end of the pods', async () => (await fenced.alive()).length === 0);
    // The last renewal was sent at most a second before.
    expect(performance.now() - cutMs).toBeLessThan(3_000 + killMs);
    expect(performance.now() - cutMs).toBeGreaterThan(1_500);
    expect(await fenced.fenced()).toBeDefined();
    const [pod] = await kept.alive();
    expect(pod).toMatchObject({ status: { phase: 'Running' } });
    expect(pod?.metadata.deletionTimestamp).toBeUndefined();
    expect(await kept.fenced()).toBeUndefined();
  },
  120_000,
);

test('a hub that is back before the fence: nothing is killed, and nothing is asked', async () => {
  const { heartbeat } = await startFence();
  const lease = await aRunningLease(20);
  await proxy.refuse();
  await until('a missed renewal', () => performance.now() - heartbeat.lastRenewalMs! > 3_000);
  await proxy.restore();
  await until('a renewal', () => performance.now() - heartbeat.lastRenewalMs! < 1_000);
  expect(await lease.alive()).toHaveLength(1);
  expect(await lease.fenced()).toBeUndefined();
  expect((await lease.atHub()).status?.heldTime).toBeUndefined();
}, 120_000);

test('a provider that slept and was not replaced goes on, and the hub can’t give the lease up any more', async () => {
  const lease = await aRunningLease(60);
  const { fence, signal, sleep } = await startFence({ start: false });
  await fence.look(signal);
  const before = await lease.atHub();
  sleep(100_000);
  await fence.look(signal);
  expect(await lease.alive()).toHaveLength(1);
  expect(await lease.fenced()).toBeUndefined();
  expect((await lease.atHub()).status?.heldTime).toBeDefined();
  // What a hub would do that looked at the heartbeat before it was renewed.
  await expect(
    asOperator.replace({
      ...before,
      spec: {
        ...before.spec,
        stopTime: before.metadata.creationTimestamp!,
        desiredState: 'Stopped',
      },
    }),
  ).rejects.toMatchObject({ isConflict: true });
}, 120_000);

test('a provider that slept and was replaced kills, though the hub answers', async () => {
  const lease = await aRunningLease(60);
  const { fence, signal, sleep } = await startFence({ start: false });
  await fence.look(signal);
  await lease.giveUp();
  sleep(100_000);
  await fence.look(signal);
  await until('the end of the pods', async () => (await lease.alive()).length === 0);
  expect(await lease.fenced()).toBeDefined();
}, 120_000);

test('a replica that does not lead kills when the leader has told nothing, and not when it has', async () => {
  const lease = await aRunningLease(3);
  let lastRenewalMs = performance.now();
  let isLeaderAlive = true;
  const renewals: RenewalClock = {
    get lastRenewalMs() {
      return lastRenewalMs;
    },
    refresh: async () => {
      if (isLeaderAlive) lastRenewalMs = performance.now();
    },
  };
  const { fence, signal } = await startFence({ renewals, isLeader: false, start: false });
  // It slept; what it then reads is new.
  lastRenewalMs -= 60_000;
  await fence.look(signal);
  expect(performance.now() - lastRenewalMs).toBeLessThan(60_000);
  expect(await lease.fenced()).toBeUndefined();
  isLeaderAlive = false;
  const silentMs = performance.now();
  await until('the end of the pods', async () => {
    await fence.look(signal);
    return (await lease.alive()).length === 0;
  });
  expect(performance.now() - silentMs).toBeLessThan(3_000 + killMs);
  expect(await lease.fenced()).toBeDefined();
}, 120_000);
