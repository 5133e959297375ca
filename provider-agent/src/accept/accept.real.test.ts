import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { LeaseWorkload } from '@gridlease/crds/leaseworkload';
import * as resources from '@gridlease/crds/resources';
import { ApiError } from '@gridlease/kube/apiError';
import { systemClock } from '@gridlease/kube/clock';
import { type Cluster, connectCluster } from '@gridlease/kube/cluster';
import { getCondition, isTrue } from '@gridlease/kube/conditions';
import { Informer } from '@gridlease/kube/informer';
import { silentLogger } from '@gridlease/kube/log';
import { createRegistry } from '@gridlease/kube/metrics';
import type { ResourceClient } from '@gridlease/kube/resources';
import { resourceClient } from '@gridlease/kube/resources';
import { until } from '@gridlease/kube/testing/until';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { freeGPUs, planCapacity, tasksThatFit } from '../capacity.ts';
import { gpusOfNode } from '../gpuNodes.ts';
import {
  aLease,
  anOffer,
  aWorkloadDocument,
  people,
  testDomain,
  testHub,
  testProduct,
} from '../testing/builders.ts';
import { aNode } from '../testing/clusterBuilders.ts';
import { apply, kubectl, root, testEnvironment } from '../testing/environment.ts';
import { createAcceptStage } from './reconcile.ts';

/** The accept stage over real API servers: what survives a crash, a race and an empty channel. */

const env = testEnvironment();
const suffix = randomBytes(3).toString('hex');
const hubNamespace = `gridlease-provider-a${suffix}`;
const recordNamespace = `gridlease-accept-${suffix}`;
const folder = mkdtempSync(join(tmpdir(), 'gridlease-accept-'));
const userAgent = 'accept-test/0';
const hub = connectCluster({ name: 'hub', kubeconfigPath: env.hub.kubeconfig, userAgent });
const own = connectCluster({ name: 'own', kubeconfigPath: env.provider.kubeconfig, userAgent });
const records = resourceClient<LeaseRecord>(own, resources.leaseRecords);
let operator: Cluster;
let agent: Cluster;

/** An identity with rights in the hub's provider namespace: admission tells operator and agent apart. */
function identity(namespace: string, name: string): Cluster {
  const { kubeconfig } = env.hub;
  apply(kubeconfig, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  apply(kubeconfig, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
  const rights = ['--clusterrole=cluster-admin', `--serviceaccount=${namespace}:${name}`];
  kubectl(kubeconfig, ['create', 'rolebinding', name, '-n', hubNamespace, ...rights]);
  const token = kubectl(kubeconfig, ['create', 'token', name, '-n', namespace]).trim();
  const raw = JSON.parse(kubectl(kubeconfig, ['config', 'view', '--raw', '-o', 'json']));
  raw.users = raw.users.map((user: { name: string }) => ({ name: user.name, user: { token } }));
  const kubeconfigPath = join(folder, name);
  writeFileSync(kubeconfigPath, JSON.stringify(raw), { mode: 0o600 });
  return connectCluster({ name, kubeconfigPath, userAgent });
}

type Options = {
  /** What the channel has in reserve, smallest units; may change while the stage runs. */
  readonly reserve?: () => bigint;
  readonly fundDeadlineSeconds?: number;
  /** Stands in for the client of leases at the hub. */
  readonly leases?: (client: ResourceClient<GPULease>) => ResourceClient<GPULease>;
};

const stages: (() => Promise<void>)[] = [];

function startStage(options: Options = {}) {
  const abort = new AbortController();
  const informers = {
    leases: new Informer<GPULease>({
      cluster: agent,
      definition: resources.gpuLeases,
      namespace: hubNamespace,
    }),
    workloads: new Informer<LeaseWorkload>({
      cluster: agent,
      definition: resources.leaseWorkloads,
      namespace: hubNamespace,
    }),
    records: new Informer<LeaseRecord>({
      cluster: own,
      definition: resources.leaseRecords,
      namespace: recordNamespace,
    }),
  };
  const client = resourceClient<GPULease>(agent, resources.gpuLeases);
  const stage = createAcceptStage({
    own: {
      providerName: 'alpha',
      owner: people.owner.address,
      hub: testHub,
      chainId: 31_337n,
      escrow: testDomain.verifyingContract,
      token: { symbol: 'tUSD', decimals: 6 },
    },
    hubName: 'hub',
    agent: people.agent,
    domain: testDomain,
    hubNamespace,
    recordNamespace,
    clients: { leases: options.leases?.(client) ?? client, records },
    informers,
    offers: {
      offer: () => ({ product: testProduct, offer: currentOffer, withdrawn: false }),
      loaded: Promise.resolve(),
    },
    // One node with eight GPUs, and what the records promise of it.
    capacity: (wish) => {
      const capacity = planCapacity({
        nodes: gpusOfNode(aNode()).groups,
        unusable: [],
        holds: [],
        reservations: informers.records
          .list()
          .filter(({ spec }) => spec.state !== 'Ended')
          .map(({ spec }) => ({
            leaseUid: spec.leaseRef.uid,
            product: spec.product,
            gpusPerTask: spec.tasks.gpusPerTask,
            tasks: spec.tasks.parallelism,
          })),
      });
      return {
        tasksThatFit: tasksThatFit(capacity, wish),
        freeGPUs: freeGPUs(capacity, wish.product),
        allocatable: [],
      };
    },
    isolationClasses: () => ['runc'],
    canCopyOutputs: false,
    closedDestinations: () => [],
    channelView: async () => ({
      latest: { generation: 1 },
      closing: false,
      headroom: (exposures) =>
        exposures.reduce((rest, exposure) => rest - exposure, options.reserve?.() ?? 10n ** 9n),
    }),
    isRetired: () => false,
    stated: () => 0n,
    hubEpochsOfChannels: () => [],
    stopSeconds: 20,
    fundDeadlineSeconds: options.fundDeadlineSeconds ?? 120,
    clock: systemClock,
    registry: createRegistry({ processMetrics: false }),
    log: silentLogger,
  });
  for (const informer of Object.values(informers)) informer.start(abort.signal);
  stage.start(abort.signal);
  const stop = async () => {
    abort.abort();
    await stage.stopped;
  };
  stages.push(stop);
  return { stop };
}

const currentOffer = anOffer({ validUntil: BigInt(Math.floor(Date.now() / 1000) + 3600) });

/** Places a lease for `gpus` tasks of one GPU each, as the operator would. */
async function place(gpus = 2): Promise<GPULease> {
  const id = randomBytes(3).toString('hex');
  const { lease, workload } = await aLease({
    name: `lease-${id}`,
    namespace: hubNamespace,
    offer: currentOffer,
    tasks: { indexes: `0-${gpus - 1}`, parallelism: gpus, gpusPerTask: 1 },
    document: aWorkloadDocument({
      job: { namespace: 'team', name: 'train', uid: `job-${id}` },
      completions: gpus,
    }),
    terms: { acceptBy: BigInt(Math.floor(Date.now() / 1000) + 60) },
  });
  await resourceClient<LeaseWorkload>(operator, resources.leaseWorkloads).create(workload);
  const { namespace, name } = lease.metadata;
  const leases = resourceClient<GPULease>(operator, resources.gpuLeases);
  return leases.create({ ...lease, metadata: { namespace: namespace!, name } });
}

const look = (lease: GPULease) =>
  resourceClient<GPULease>(hub, resources.gpuLeases).get(lease.metadata);
const answer = (lease: GPULease) =>
  until('an answer', async () => {
    const now = await look(lease);
    return getCondition(now.status?.conditions, 'Accepted') && now;
  });
const funded = (lease: GPULease) =>
  until('the money', async () => isTrue((await look(lease)).status?.conditions, 'Funded'));
const recordOf = (lease: GPULease) =>
  records.find({ namespace: recordNamespace, name: lease.metadata.uid! });

beforeAll(() => {
  apply(env.hub.kubeconfig, join(root, 'crds/manifests/hub'));
  apply(env.provider.kubeconfig, join(root, 'crds/manifests/provider'));
  kubectl(env.hub.kubeconfig, ['create', 'namespace', hubNamespace]);
  kubectl(env.provider.kubeconfig, ['create', 'namespace', recordNamespace]);
  operator = identity('gridlease-system', 'gridlease-operator');
  agent = identity(hubNamespace, 'agent');
}, 60_000);

afterEach(async () => {
  for (const stop of stages.splice(0)) await stop();
  const { items } = await records.list({ namespace: recordNamespace });
  for (const { metadata } of items) await records.delete(metadata, { uid: metadata.uid! });
});

afterAll(async () => {
  const gone = ['--wait=false', '--ignore-not-found'];
  kubectl(env.hub.kubeconfig, ['delete', 'namespace', hubNamespace, ...gone]);
  kubectl(env.provider.kubeconfig, ['delete', 'namespace', recordNamespace, ...gone]);
  for (const cluster of [hub, own, operator, agent]) await cluster?.close();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

describe('accepting', () => {
  test('an agent that crashed between its record and its answer gives the very same answer', async () => {
    const crashed = Promise.withResolvers<void>();
    const first = startStage({
      leases: (client) => ({
        ...client,
        replaceStatus: async () => {
          crashed.resolve();
          throw new Error('the process died here');
        },
      }),
    });
    const lease = await place();
    await crashed.promise;
    await first.stop();
    expect((await look(lease)).status).toBeUndefined();
    const stored = await until('the record', () => recordOf(lease));

    startStage();
    const answered = await answer(lease);
    expect(answered.status?.acceptance).toEqual(stored.spec.acceptance);
    expect(isTrue(answered.status?.conditions, 'Funded')).toBe(true);
  }, 60_000);

  test('a withdrawal between record and answer wins, and the GPUs are free again', async () => {
    const leases = resourceClient<GPULease>(operator, resources.gpuLeases);
    let raced = false;
    let conflict: unknown;
    startStage({
      leases: (client) => ({
        ...client,
        replaceStatus: async (object, options) => {
          if (!raced) {
            raced = true;
            await leases.mergePatch(object.metadata, { spec: { desiredState: 'Withdrawn' } });
          }
          try {
            return await client.replaceStatus(object, options);
          } catch (error) {
            conflict = error;
            throw error;
          }
        },
      }),
    });
    const lease = await place(8);
    const record = await until('the end of the record', async () => {
      const found = await recordOf(lease);
      return found?.spec.state === 'Ended' && found;
    });
    expect(record.spec.finished).toMatchObject({ succeeded: false, reason: 'Withdrawn' });
    expect(conflict).toBeInstanceOf(ApiError);
    expect((conflict as ApiError).isConflict).toBe(true);
    expect((await look(lease)).status).toBeUndefined();
    expect(isTrue((await answer(await place(8))).status?.conditions, 'Accepted')).toBe(true);
  }, 60_000);

  test('leases that arrive together are never promised more GPUs than there are', async () => {
    const placed = await Promise.all(Array.from({ length: 6 }, () => place(3)));
    startStage();
    const answers = await Promise.all(placed.map(answer));
    const reasons = answers.map(
      ({ status }) => getCondition(status?.conditions, 'Accepted')?.reason,
    );
    expect(reasons.filter((reason) => reason === 'Accepted')).toHaveLength(2);
    expect(reasons.filter((reason) => reason === 'InsufficientCapacity')).toHaveLength(4);
    const refused = answers.find(({ status }) => !isTrue(status?.conditions, 'Accepted'));
    expect(getCondition(refused?.status?.conditions, 'Accepted')?.message).toBe(
      `needs 3 ${testProduct} (3 tasks of 1), has 2 free, room for 2 tasks`,
    );
  }, 60_000);

  test('terms that two leases carry are accepted for one of them', async () => {
    const first = await place(1);
    const { namespace, labels } = first.metadata;
    const leases = resourceClient<GPULease>(operator, resources.gpuLeases);
    const second = await leases.create({
      ...first,
      metadata: {
        namespace: namespace!,
        name: `${first.metadata.name}-b`,
        ...(labels && { labels }),
      },
    });
    startStage();
    const answers = await Promise.all([first, second].map(answer));
    const refused = answers.find(({ status }) => !isTrue(status?.conditions, 'Accepted'));
    const accepted = answers.find((lease) => lease !== refused)!;
    expect(getCondition(refused?.status?.conditions, 'Accepted')).toMatchObject({
      reason: 'TermsInvalid',
      message: `the same terms were accepted for lease ${accepted.metadata.name}: they pay for one lease`,
    });
    expect(await recordOf(refused!)).toBeUndefined();
  }, 60_000);

  test('money comes to those that wait in the order in which they were accepted', async () => {
    // One lease of 2 GPUs needs 0.099167 tUSD beyond what is paid.
    let reserve = 0n;
    startStage({ reserve: () => reserve });
    const first = await place();
    expect(getCondition((await answer(first)).status?.conditions, 'Funded')).toMatchObject({
      reason: 'WaitingForFunds',
      message: 'needs 0.099167 tUSD in reserve for 1 leases, has 0 tUSD',
    });
    const second = await place();
    await answer(second);
    reserve = 99_167n;
    await funded(first);
    expect(isTrue((await look(second)).status?.conditions, 'Funded')).toBe(false);
    reserve = 198_334n;
    await funded(second);
  }, 60_000);

  test('a lease that nobody funds ends unbilled after its deadline', async () => {
    startStage({ reserve: () => 0n, fundDeadlineSeconds: 1 });
    const lease = await place();
    const record = await until('the end of the record', async () => {
      const found = await recordOf(lease);
      return found?.spec.state === 'Ended' && found;
    });
    expect(record.spec.finished).toMatchObject({
      succeeded: false,
      reason: 'NotFunded',
      message: 'not funded within 1 s: needs 0.099167 tUSD in reserve for 1 leases, has 0 tUSD',
    });
  }, 60_000);
});
