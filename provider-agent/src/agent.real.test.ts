import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recoverAcceptance } from '@gridlease/contracts/acceptance';
import { signAgentGrant } from '@gridlease/contracts/agentGrant';
import { deployEscrow, deployTestToken } from '@gridlease/contracts/deploy';
import { escrowDomain } from '@gridlease/contracts/domain';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { hubId } from '@gridlease/contracts/ids';
import { testTokenAbi } from '@gridlease/contracts/testToken.generated';
import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { LeaseWorkload } from '@gridlease/crds/leaseworkload';
import * as resources from '@gridlease/crds/resources';
import * as builtins from '@gridlease/kube/builtins';
import { type Cluster, connectCluster } from '@gridlease/kube/cluster';
import { getCondition, isTrue } from '@gridlease/kube/conditions';
import { Informer } from '@gridlease/kube/informer';
import type { KubeObject, ResourceDefinition } from '@gridlease/kube/object';
import { resourceClient } from '@gridlease/kube/resources';
import { until } from '@gridlease/kube/testing/until';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPublicClient, createWalletClient, type Hex, http, parseEther } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { runAgent } from './agent.ts';
import { parseConfig } from './config.ts';
import { readOwnOffer } from './offer/offerObject.ts';
import { tenantNamespace } from './run/names.ts';
import { aLease, aWorkloadDocument, type LeaseOptions } from './testing/builders.ts';
import { apply, createNode, kubectl, root, testEnvironment } from './testing/environment.ts';

/**
 * The whole agent under its own identities on real API servers and a real chain: what a hub sees of
 * it, from the first heartbeat to the end of a lease. The node belongs to this test alone.
 */

const env = testEnvironment();
const suffix = randomBytes(3).toString('hex');
const providerName = `agent-${suffix}`;
const hubNamespace = `gridlease-provider-${providerName}`;
const recordNamespace = `gridlease-agent-${suffix}`;
const nodeName = `gpu-${suffix}`;
const product = `Test-${suffix}`;
const folder = mkdtempSync(join(tmpdir(), 'gridlease-agent-'));

const funder = privateKeyToAccount(env.chain.accounts[16]!.privateKey);
const [tenantKey, ownerKey, agentKey, gasKey, signerKey] = Array.from({ length: 5 }, () =>
  generatePrivateKey(),
);
const tenant = privateKeyToAccount(tenantKey!);
const owner = privateKeyToAccount(ownerKey!);
const agent = privateKeyToAccount(agentKey!);
const signer = privateKeyToAccount(signerKey!);
const transport = http(env.chain.rpcURL);
const publicClient = createPublicClient({ transport, cacheTime: 0, pollingInterval: 200 });
const wallet = createWalletClient({ account: tenant, transport });

const admin = { userAgent: 'agent-test/0' };
const hub = connectCluster({ name: 'hub', kubeconfigPath: env.hub.kubeconfig, ...admin });
const own = connectCluster({ name: 'own', kubeconfigPath: env.provider.kubeconfig, ...admin });
const leases = resourceClient<GPULease>(hub, resources.gpuLeases);
const offers = resourceClient<GPUOffer>(hub, resources.gpuOffers);
const inventories = resourceClient<GPUInventory>(hub, resources.gpuInventories);
const records = resourceClient<KubeObject>(own, resources.leaseRecords);
type TestPod = KubeObject & {
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string };
};
const pods = resourceClient<TestPod>(own, builtins.pods);

/** Leases and workloads may be written by the operator alone: this test is it. */
let operator: Cluster;

const stop = new AbortController();
let running: Promise<void> | undefined;
let escrow: Hex;
let hubUid: string;

async function send(to: Hex, call: { abi: unknown; functionName: string; args: unknown[] }) {
  const hash = await wallet.writeContract({ address: to, chain: null, ...call } as never);
  const receipt = await publicClient.waitForTransactionReceipt({ hash, timeout: 30_000 });
  expect(receipt.status).toBe('success');
}

/** A kubeconfig that holds nothing but a token of this ServiceAccount. */
function kubeconfigFor(kubeconfig: string, namespace: string, name: string, path: string): string {
  const token = kubectl(kubeconfig, ['create', 'token', name, '-n', namespace]).trim();
  const raw = JSON.parse(kubectl(kubeconfig, ['config', 'view', '--raw', '-o', 'json']));
  raw.users = raw.users.map((user: { name: string }) => ({ name: user.name, user: { token } }));
  writeFileSync(path, JSON.stringify(raw), { mode: 0o600 });
  return path;
}

async function prepareClusters(): Promise<void> {
  apply(env.hub.kubeconfig, join(root, 'crds/manifests/hub'));
  apply(env.provider.kubeconfig, join(root, 'crds/manifests/provider'));
  apply(env.hub.kubeconfig, join(root, 'provider-agent/rbac/hub'));
  // The committed rights, in a namespace of this test's own.
  const mine = readFileSync(join(root, 'provider-agent/rbac/provider/agent.yaml'), 'utf8')
    .replaceAll(/(name|namespace): gridlease-agent$/gm, `$1: ${recordNamespace}`)
    .replaceAll('serviceaccount:gridlease-agent:', `serviceaccount:${recordNamespace}:`)
    .replaceAll(
      /([nN]ame: gridlease-provider-agent-(cluster|node-leases|bindings))$/gm,
      `$1-${suffix}`,
    );
  kubectl(env.provider.kubeconfig, ['apply', '--server-side', '-f', '-'], mine);
  kubectl(env.hub.kubeconfig, ['create', 'namespace', hubNamespace]);
  kubectl(env.hub.kubeconfig, ['create', 'serviceaccount', 'agent', '-n', hubNamespace]);
  kubectl(env.hub.kubeconfig, [
    'create',
    'rolebinding',
    'agent',
    '-n',
    hubNamespace,
    '--clusterrole=gridlease-provider-agent',
    `--serviceaccount=${hubNamespace}:agent`,
  ]);
  const identity = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'gridlease-system' } },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'gridlease-operator', namespace: 'gridlease-system' },
    },
  ];
  for (const object of identity) apply(env.hub.kubeconfig, object);
  kubectl(env.hub.kubeconfig, [
    'create',
    'rolebinding',
    'operator',
    '-n',
    hubNamespace,
    '--clusterrole=cluster-admin',
    '--serviceaccount=gridlease-system:gridlease-operator',
  ]);
  const kubeconfigPath = kubeconfigFor(
    env.hub.kubeconfig,
    'gridlease-system',
    'gridlease-operator',
    join(folder, 'operator'),
  );
  operator = connectCluster({ name: 'operator', kubeconfigPath, ...admin });
  createNode(env.provider.kubeconfig, nodeName, product);
  hubUid = kubectl(env.hub.kubeconfig, [
    'get',
    'ns',
    'kube-system',
    '-o',
    'jsonpath={.metadata.uid}',
  ]);
}

async function prepareChain(): Promise<Hex> {
  const bank = createWalletClient({ account: funder, transport });
  for (const to of [tenant.address, privateKeyToAccount(gasKey!).address]) {
    const hash = await bank.sendTransaction({ to, value: parseEther('10'), chain: null });
    await publicClient.waitForTransactionReceipt({ hash, timeout: 30_000 });
  }
  const token = (await deployTestToken({ wallet, publicClient })).address;
  const treasury = tenant.address;
  const closeWindowSeconds = 86_400;
  escrow = (await deployEscrow({ wallet, publicClient, token, treasury, closeWindowSeconds }))
    .address;
  const amount = 10n ** 12n;
  await send(token, { abi: testTokenAbi, functionName: 'mint', args: [tenant.address, amount] });
  await send(token, { abi: testTokenAbi, functionName: 'approve', args: [escrow, amount] });
  await send(escrow, { abi: gpuEscrowAbi, functionName: 'deposit', args: [amount] });
  return token;
}

async function startAgent(token: Hex): Promise<void> {
  const domain = escrowDomain({ chainId: env.chain.chainId, escrow });
  const grant = {
    provider: owner.address,
    agent: agent.address,
    notBefore: 0n,
    notAfter: BigInt(Math.floor(Date.now() / 1000) + 86_400 * 30),
  };
  for (const [name, key] of Object.entries({ agent: agentKey!, gas: gasKey! })) {
    writeFileSync(join(folder, name), key, { mode: 0o600 });
  }
  const config = parseConfig({
    providerName,
    hub: {
      name: 'test',
      uid: hubUid,
      kubeconfigPath: kubeconfigFor(env.hub.kubeconfig, hubNamespace, 'agent', join(folder, 'hub')),
      namespace: hubNamespace,
    },
    cluster: {
      kubeconfigPath: kubeconfigFor(
        env.provider.kubeconfig,
        recordNamespace,
        'gridlease-provider-agent',
        join(folder, 'own'),
      ),
      namespace: recordNamespace,
    },
    chain: {
      rpcURL: env.chain.rpcURL,
      chainId: env.chain.chainId,
      escrow,
      token: { address: token, symbol: 'tUSD', decimals: 6 },
      finality: 'Finalized',
    },
    owner: owner.address,
    agentKeyPath: join(folder, 'agent'),
    gasKeyPath: join(folder, 'gas'),
    grant: {
      ...grant,
      notBefore: '0',
      notAfter: String(grant.notAfter),
      signature: await signAgentGrant(owner, domain, grant),
    },
    offers: [{ product, pricePerGPUHour: '3.60' }],
    redeem: {},
    listen: { port: 0 },
    heartbeatSeconds: 1,
    inventoryMinSeconds: 0,
    podRetentionSeconds: 3600,
    recordRetentionSeconds: 3600,
    stateDir: join(folder, 'state'),
    logLevel: process.env['LOG_LEVEL'] ?? 'error',
  });
  running = runAgent({ config, signal: stop.signal });
  // A failure to start is the test's failure, not an unhandled rejection.
  running.catch(() => undefined);
}

beforeAll(async () => {
  await prepareClusters();
  await startAgent(await prepareChain());
}, 120_000);

afterAll(async () => {
  stop.abort();
  await running?.catch(() => undefined);
  const gone = ['--wait=false', '--ignore-not-found'];
  kubectl(env.hub.kubeconfig, ['delete', 'namespace', hubNamespace, ...gone]);
  kubectl(env.provider.kubeconfig, ['delete', 'namespace', recordNamespace, ...gone]);
  const tenants = ['delete', 'namespace', '-l', `gridlease.dev/provider=${providerName}`, ...gone];
  kubectl(env.provider.kubeconfig, tenants);
  kubectl(env.provider.kubeconfig, ['delete', 'node', nodeName, ...gone]);
  const policies = 'validatingadmissionpolicies,validatingadmissionpolicybindings';
  const policy = `gridlease-provider-agent-bindings-${suffix}`;
  kubectl(env.provider.kubeconfig, ['delete', policies, policy, ...gone]);
  for (const kind of ['clusterrole', 'clusterrolebinding']) {
    const name = `gridlease-provider-agent-cluster-${suffix}`;
    kubectl(env.provider.kubeconfig, ['delete', kind, name, ...gone]);
  }
  const leftovers = `gridlease-provider-agent-node-leases-${suffix}`;
  for (const kind of ['role', 'rolebinding']) {
    kubectl(env.provider.kubeconfig, ['delete', kind, leftovers, '-n', 'kube-node-lease', ...gone]);
  }
  rmSync(folder, { recursive: true, force: true });
  await hub.close();
  await own.close();
  await operator?.close();
}, 60_000);

const pool = async () => {
  const inventory = await inventories.find({ namespace: hubNamespace, name: providerName });
  return inventory?.spec.pools.find((candidate) => candidate.product === product);
};

const theOffer = () =>
  until('the offer', async () => {
    const { items } = await offers.list({ namespace: hubNamespace });
    return items.find((offer) => offer.spec.product === product);
  });

/** Creates a lease at the hub as the operator would. */
async function place(options: Omit<LeaseOptions, 'offer'> & { readonly seconds?: string }) {
  const domain = escrowDomain({ chainId: env.chain.chainId, escrow });
  const context = { domain, agent: agent.address, decimals: 6 };
  const known = (await readOwnOffer(await theOffer(), context))!;
  const uid = `job-${randomBytes(4).toString('hex')}`;
  const document =
    options.document ??
    aWorkloadDocument({
      job: { namespace: `team-${suffix}`, name: 'train', uid },
      completions: 2,
      env: [{ name: 'SIMULATED_SECONDS', value: options.seconds ?? '2' }],
      gpu: { count: 2 },
    });
  const { terms, ...rest } = options;
  const { lease, workload } = await aLease({
    namespace: hubNamespace,
    name: `train-${randomBytes(3).toString('hex')}`,
    providerName,
    product,
    pricePerGPUHour: '3.6',
    domain,
    document,
    signer,
    offer: known.offer,
    tasks: { indexes: '0-1', parallelism: 2, gpusPerTask: 2 },
    ...rest,
    terms: {
      tenant: tenant.address,
      hub: hubId(hubUid),
      acceptBy: BigInt(Math.floor(Date.now() / 1000) + 30),
      ...terms,
    },
  });
  await resourceClient<LeaseWorkload>(operator, resources.leaseWorkloads).create(workload);
  const {
    uid: _uid,
    resourceVersion: _version,
    generation: _generation,
    ...metadata
  } = lease.metadata;
  return resourceClient<GPULease>(operator, resources.gpuLeases).create({ ...lease, metadata });
}

const fund = (amount: bigint) =>
  send(escrow, {
    abi: gpuEscrowAbi,
    functionName: 'fund',
    args: [owner.address, signer.address, 1, amount],
  });

const podsOf = async (lease: GPULease) =>
  (await pods.list({ labelSelector: `${LABEL_LEASE_UID}=${lease.metadata.uid}` })).items;

const ended = (lease: GPULease) =>
  until('the end of the lease', async () => {
    const now = await leases.get(lease.metadata);
    const succeeded = getCondition(now.status?.conditions, 'Succeeded');
    return (succeeded?.status === 'True' || succeeded?.status === 'False') && now;
  });

describe('a running agent', () => {
  test('shows its GPUs, a signed offer and a heartbeat', async () => {
    const found = await until('the pool', async () => {
      const current = await pool();
      return current?.free === 8 && current;
    });
    expect(found).toMatchObject({
      rawProducts: [`NVIDIA-${product}`],
      memoryMiB: 81_559,
      capacity: 8,
      free: 8,
      nodeFree: [8],
    });
    const offer = await theOffer();
    expect(offer.spec).toMatchObject({ pricePerGPUHour: '3.6', agent: agent.address });
    const heartbeats = resourceClient<KubeObject & { spec: { renewTime: string } }>(
      hub,
      builtins.leases,
    );
    const first = await until('a heartbeat', () =>
      heartbeats.find({ namespace: hubNamespace, name: 'agent' }),
    );
    await until('the next heartbeat', async () => {
      const next = await heartbeats.get(first.metadata);
      return next.spec.renewTime > first.spec.renewTime;
    });
  }, 60_000);

  test('refuses a lease that pays less than its offer, and says so', async () => {
    const lease = await place({ terms: { pricePerGpuHour: 3_500_000n }, pricePerGPUHour: '3.5' });
    const accepted = await until('the refusal', async () => {
      const now = await leases.get(lease.metadata);
      return getCondition(now.status?.conditions, 'Accepted');
    });
    expect(accepted).toMatchObject({ status: 'False', reason: 'PriceBelowOffer' });
    expect(accepted.message).toContain('the terms pay 3.5 tUSD, the offer asks 3.6');
    expect(
      await records.find({ namespace: recordNamespace, name: lease.metadata.uid! }),
    ).toBeUndefined();
  }, 60_000);

  test('waits for the money of a cold channel, runs the tasks once it is there, and gives the GPUs back', async () => {
    const lease = await place({ seconds: '10' });
    const waiting = await until('the acceptance', async () => {
      const now = await leases.get(lease.metadata);
      return isTrue(now.status?.conditions, 'Accepted') && now;
    });
    const { acceptance, leaseId } = waiting.status!;
    const domain = escrowDomain({ chainId: env.chain.chainId, escrow });
    const message = {
      leaseId: leaseId!,
      leaseUid: acceptance!.leaseUid,
      acceptedMs: BigInt(acceptance!.acceptedMs),
    };
    expect(await recoverAcceptance(domain, message, acceptance!.signature)).toBe(agent.address);
    expect(getCondition(waiting.status?.conditions, 'Funded')).toMatchObject({
      status: 'False',
      reason: 'WaitingForFunds',
    });
    expect(await podsOf(lease)).toEqual([]);
    await until('the promise in the inventory', async () => (await pool())?.free === 4);

    await fund(10_000_000n);
    const started = await until('running pods', async () => {
      const found = await podsOf(lease);
      return found.length === 2 && found.every((pod) => pod.status?.phase === 'Running') && found;
    });
    expect(started.map((pod) => pod.spec.nodeName)).toEqual([nodeName, nodeName]);
    const held = await until('the held GPUs', async () => {
      const current = await pool();
      return current?.leased === 4 && current.free === 4 && current;
    });
    expect(held.nodeFree).toEqual([4]);

    const done = await ended(lease);
    expect(done.status).toMatchObject({ completedIndexes: '0-1', succeeded: 2, active: 0 });
    expect(getCondition(done.status?.conditions, 'Succeeded')?.reason).toBe('Completed');
    expect(Number(done.status?.gpuMilliseconds)).toBeGreaterThan(0);
    await until('the free GPUs', async () => (await pool())?.free === 8);
    // They stay for who wants to check the bill against them.
    expect((await podsOf(lease)).map((pod) => pod.status?.phase)).toEqual([
      'Succeeded',
      'Succeeded',
    ]);
  }, 90_000);

  test('may read the logs of tenants, and of nobody else', async () => {
    const asAgent = `--as=system:serviceaccount:${recordNamespace}:gridlease-provider-agent`;
    const tenants = tenantNamespace(hubId(hubUid), `team-${suffix}`);
    const mayReadIn = (namespace: string): boolean => {
      const verb = ['auth', 'can-i', 'get', 'pods', '--subresource=log', '-n', namespace];
      try {
        return kubectl(env.provider.kubeconfig, [...verb, asAgent]).trim() === 'yes';
      } catch {
        return false; // kubectl's status says no
      }
    };
    // The lease before this one has made its namespace.
    expect([tenants, 'kube-system', recordNamespace].map(mayReadIn)).toEqual([true, false, false]);

    const apiGroup = 'rbac.authorization.k8s.io';
    const bind = (role: string, namespace: string): string => {
      const binding = {
        apiVersion: `${apiGroup}/v1`,
        kind: 'RoleBinding',
        metadata: { name: 'gridlease-tenant-logs', namespace },
        roleRef: { apiGroup, kind: 'ClusterRole', name: role },
        subjects: [{ kind: 'User', apiGroup, name: 'somebody' }],
      };
      const apply = ['apply', '--server-side', '--force-conflicts', '-f', '-', asAgent];
      return kubectl(env.provider.kubeconfig, apply, JSON.stringify(binding));
    };
    const refusal = /in the namespaces of tenants only/;
    expect(() => bind('gridlease-tenant-logs', 'kube-system')).toThrow(refusal);
    expect(() => bind('gridlease-tenant-logs', recordNamespace)).toThrow(refusal);
    expect(() => bind('cluster-admin', 'default')).toThrow(/forbidden/);
  }, 60_000);

  test('writes little for a task: three states at the hub, its record twice, and one Job', async () => {
    const watching = new AbortController();
    const versions = new Map<string, Set<string>>();
    const follow = async (
      cluster: Cluster,
      definition: ResourceDefinition,
      namespace: string,
    ): Promise<Informer<KubeObject>> => {
      const informer = new Informer<KubeObject>({ cluster, definition, namespace });
      informer.onChange(({ kind = '', metadata }, _, { type }) => {
        if (type === 'deleted') return;
        const key = `${kind}/${metadata.name}`;
        versions.set(key, (versions.get(key) ?? new Set()).add(metadata.resourceVersion!));
      });
      informer.start(watching.signal);
      await informer.synced(watching.signal);
      return informer;
    };
    const tenantNamespace = (await pods.list({ labelSelector: LABEL_LEASE_UID })).items.find(
      ({ metadata }) => metadata.labels?.['gridlease.dev/provider'] === providerName,
    )!.metadata.namespace!;
    await follow(hub, resources.gpuLeases, hubNamespace);
    await follow(own, resources.leaseRecords, recordNamespace);
    await follow(own, builtins.networkPolicies, tenantNamespace);
    const policies = [...versions.keys()].filter((key) => key.startsWith('NetworkPolicy/')).length;
    const tasks = { indexes: '0', parallelism: 1, gpusPerTask: 2 };
    const lease = await place({ tasks, seconds: '2' });
    const done = await ended(lease);
    expect(getCondition(done.status?.conditions, 'Succeeded')?.reason).toBe('Completed');
    const { uid, name } = lease.metadata;
    const record = await until('the last figures', async () => {
      const now = await records.find({ namespace: recordNamespace, name: uid! });
      return (now as LeaseRecord | undefined)?.spec.meter?.final === true && now;
    });
    const writes = (key: string) => versions.get(key)?.size ?? 0;
    await until('the last change', () =>
      versions.get(`LeaseRecord/${uid}`)?.has(record.metadata.resourceVersion!),
    );
    // The first is the hub's own: it made the lease.
    expect(writes(`GPULease/${name}`) - 1).toBeLessThanOrEqual(3);
    // A third for one that took ten seconds: that it runs.
    const { finished } = (record as LeaseRecord).spec;
    const tookMs = Date.parse(finished!.time) - Date.parse(lease.metadata.creationTimestamp!);
    expect(writes(`LeaseRecord/${uid}`)).toBeLessThanOrEqual(tookMs < 10_000 ? 2 : 3);
    const jobs = resourceClient<KubeObject>(own, builtins.jobs);
    const made = (await jobs.list({ labelSelector: `${LABEL_LEASE_UID}=${uid}` })).items;
    // Made once and never changed since; its status is the Job controller's.
    expect(made.map(({ metadata }) => metadata.generation)).toEqual([1]);
    const walls = [...versions.keys()].filter((key) => key.startsWith('NetworkPolicy/')).length;
    expect(walls).toBe(policies);
    watching.abort();
  }, 90_000);

  test('stops the tasks of a lease that the hub stops, and says so once they are gone', async () => {
    const lease = await place({ seconds: '600' });
    await until('running pods', async () => {
      const found = await podsOf(lease);
      return found.length === 2 && found.every((pod) => pod.status?.phase === 'Running');
    });
    const asOperator = resourceClient<GPULease>(operator, resources.gpuLeases);
    await asOperator.mergePatch(lease.metadata, { spec: { desiredState: 'Stopped' } });
    const done = await ended(lease);
    expect(getCondition(done.status?.conditions, 'Succeeded')?.reason).toBe('Stopped');
    // Ended is enough: the objects may go a moment later.
    const alive = (await podsOf(lease)).filter(({ status }) => status?.phase !== 'Failed');
    expect(alive).toEqual([]);
    await until('the free GPUs', async () => (await pool())?.free === 8);
  }, 90_000);

  test('takes no lease that was withdrawn before it was judged', async () => {
    const lease = await place({ spec: { desiredState: 'Withdrawn' } });
    // A second lease that is refused shows that the first one was looked at.
    const other = await place({ tasks: { indexes: '0-7', parallelism: 8, gpusPerTask: 2 } });
    const refused = await until('the refusal', async () => {
      const now = await leases.get(other.metadata);
      return getCondition(now.status?.conditions, 'Accepted');
    });
    expect(refused).toMatchObject({ status: 'False' });
    expect((await leases.get(lease.metadata)).status).toBeUndefined();
  }, 60_000);
});
