import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GPULease } from '@gridlease/crds/gpulease';
import { agentUser, LABEL_INDEX, LABEL_LEASE_UID, OPERATOR_USER } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import * as resources from '@gridlease/crds/resources';
import type { WorkloadDocument } from '@gridlease/crds/workloadDocument';
import { ApiError } from '@gridlease/kube/apiError';
import * as builtins from '@gridlease/kube/builtins';
import { systemClock } from '@gridlease/kube/clock';
import { connectCluster } from '@gridlease/kube/cluster';
import { Informer } from '@gridlease/kube/informer';
import { silentLogger } from '@gridlease/kube/log';
import { createRegistry } from '@gridlease/kube/metrics';
import { createRemoval } from '@gridlease/kube/removal';
import { resourceClient } from '@gridlease/kube/resources';
import { until } from '@gridlease/kube/testing/until';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { leaseUidIndex } from '../clusterView.ts';
import { hubLabel, MANAGED_BY } from '../gpuPods.ts';
import {
  aLease,
  aLeaseRecord,
  aServiceDocument,
  aWorkloadDocument,
  testHub,
} from '../testing/builders.ts';
import { apply, createNode, kubectl, root, testEnvironment } from '../testing/environment.ts';
import type { RunDeps, RunStage } from './deps.ts';
import { closedRanges } from './egress.ts';
import { createLogKeeper } from './logs.ts';
import type { Manifest } from './manifests.ts';
import { tenantNamespace } from './names.ts';
import type { ReplicaDeployment, TaskJob, TaskPod } from './objects.ts';
import { createRunStage } from './reconcile.ts';
import { renderTask } from './render.ts';
import type { LeaseUsage } from './status.ts';
import type { TaskLog } from './taskLog.ts';
import { renderFlows, renderTenant } from './tenant.ts';

/** The run stage over real API servers, a real scheduler and Job controller, and simulated kubelets. */

const env = testEnvironment();
const suffix = randomBytes(3).toString('hex');
const recordNamespace = `gridlease-run-${suffix}`;
const hubNamespace = `gridlease-provider-r${suffix}`;
const nodeName = `gpu-run-${suffix}`;
const product = `Run-${suffix}`;
const job = { namespace: `team-${suffix}`, name: 'train', uid: `job-${suffix}` };
const tenant = tenantNamespace(testHub, job.namespace);
const identity = {
  providerName: 'alpha',
  hub: hubLabel(testHub),
  managedBy: MANAGED_BY,
  leaseUid: 'lease-uid',
  epoch: 1,
  job,
};
const gpus = {
  resourceName: 'nvidia.com/gpu',
  productLabel: 'nvidia.com/gpu.product',
  rawProducts: [`NVIDIA-${product}`],
};
const userAgent = 'run-test/0';
const hub = connectCluster({ name: 'hub', kubeconfigPath: env.hub.kubeconfig, userAgent });
const own = connectCluster({ name: 'own', kubeconfigPath: env.provider.kubeconfig, userAgent });
const records = resourceClient<LeaseRecord>(own, resources.leaseRecords);
/** Leases are the operator's to write, their status the agent's; admission knows them by name. */
const as = (user: string): typeof hub => ({
  ...hub,
  request: (request) => {
    const identity = {
      'Impersonate-User': user,
      'Impersonate-Group': 'gridlease:platform-admins',
    };
    return hub.request({ ...request, headers: { ...request.headers, ...identity } });
  },
});
const leases = resourceClient<GPULease>(as(agentUser(`r${suffix}`)), resources.gpuLeases);
const pods = resourceClient<TaskPod>(own, builtins.pods);
const jobs = resourceClient<TaskJob & Manifest>(own, builtins.jobs);
const deployments = resourceClient<ReplicaDeployment & Manifest>(own, builtins.deployments);

type Quota = Manifest & { readonly status?: { readonly hard?: Readonly<Record<string, string>> } };
type Running = { readonly stage: RunStage; stop(): Promise<void> };
const started: Running[] = [];

/** A hub whose API server is not there. */
function unreachableHub() {
  const file = join(tmpdir(), `gridlease-run-${suffix}.json`);
  const raw = JSON.parse(kubectl(env.hub.kubeconfig, ['config', 'view', '--raw', '-o', 'json']));
  raw.clusters[0].cluster.server = 'https://127.0.0.1:9';
  writeFileSync(file, JSON.stringify(raw), { mode: 0o600 });
  const cluster = connectCluster({ name: 'gone', kubeconfigPath: file, userAgent });
  rmSync(file);
  return cluster;
}

function startStage(
  options: {
    readonly hubCluster?: typeof hub;
    readonly graceSeconds?: number;
    readonly selection?: typeof gpus;
    readonly podRetentionSeconds?: number;
    /** What the meter says of every lease; default nothing. */
    readonly usage?: LeaseUsage;
    /** GPUs that the tenant's namespace may hold; default 8. */
    readonly gpuLimit?: number;
    /** Is told how many pods of a lease are known when the meter is asked for its end. */
    readonly onEnd?: (knownPods: number) => void;
  } = {},
) {
  const hubCluster = options.hubCluster ?? hub;
  const abort = new AbortController();
  const informers = {
    leases: new Informer<GPULease>({
      cluster: hubCluster,
      definition: resources.gpuLeases,
      namespace: hubNamespace,
    }),
    records: new Informer<LeaseRecord>({
      cluster: own,
      definition: resources.leaseRecords,
      namespace: recordNamespace,
    }),
    jobs: new Informer<TaskJob & Manifest>({
      cluster: own,
      definition: builtins.jobs,
      namespace: tenant,
      labelSelector: LABEL_LEASE_UID,
      indexes: leaseUidIndex,
    }),
    deployments: new Informer<ReplicaDeployment & Manifest>({
      cluster: own,
      definition: builtins.deployments,
      namespace: tenant,
      labelSelector: LABEL_LEASE_UID,
      indexes: leaseUidIndex,
    }),
    pods: new Informer<TaskPod>({
      cluster: own,
      definition: builtins.pods,
      namespace: tenant,
      labelSelector: LABEL_LEASE_UID,
      indexes: leaseUidIndex,
    }),
  };
  const deps: RunDeps = {
    providerName: 'alpha',
    hub: { id: testHub, label: hubLabel(testHub) },
    managedBy: MANAGED_BY,
    hubNamespace,
    recordNamespace,
    decimals: 6,
    clients: {
      leases: hubCluster === hub ? leases : resourceClient(hubCluster, resources.gpuLeases),
      records,
      jobs,
      deployments,
      pods,
      replicaSets: resourceClient(own, builtins.replicaSets),
      services: resourceClient(own, builtins.services),
      namespaces: resourceClient(own, builtins.namespaces),
      networkPolicies: resourceClient(own, builtins.networkPolicies),
      resourceQuotas: resourceClient(own, builtins.resourceQuotas),
      limitRanges: resourceClient(own, builtins.limitRanges),
      roleBindings: resourceClient(own, builtins.roleBindings),
      events: resourceClient(own, builtins.events),
    },
    informers,
    remove: createRemoval({
      jobs,
      deployments,
      pods,
      replicaSets: resourceClient(own, builtins.replicaSets),
    }),
    nodeState: () => 'Ready',
    logs: createLogKeeper({
      cluster: own,
      client: resourceClient<TaskLog>(own, builtins.configMaps),
      servesLogs: () => false,
      clock: systemClock,
      registry: createRegistry({ processMetrics: false }),
      log: silentLogger,
    }),
    selection: () => options.selection ?? gpus,
    limits: () => ({ gpus: { 'nvidia.com/gpu': options.gpuLimit ?? 8 } }),
    closedRanges: () => closedRanges([]),
    runtimeClass: () => undefined,
    usage: () => options.usage,
    finalMeter: (uid) => {
      options.onEnd?.(informers.pods.byIndex('leaseUid', uid).length);
      return undefined;
    },
    onUsage: () => undefined,
    hubHeard: () => true,
    stopSeconds: 2,
    podRetentionSeconds: options.podRetentionSeconds ?? 3600,
    recordRetentionSeconds: 3600,
    missingGraceSeconds: options.graceSeconds ?? 3600,
    clock: systemClock,
    registry: createRegistry({ processMetrics: false }),
    log: silentLogger,
  };
  const stage = createRunStage(deps);
  const podsWatch = new AbortController();
  for (const informer of Object.values(informers)) {
    const { signal } = informer === informers.pods ? podsWatch : abort;
    informer.start(AbortSignal.any([abort.signal, signal]));
  }
  stage.start(abort.signal);
  const stop = async () => {
    abort.abort();
    await stage.stopped;
  };
  /** From now on the stage is told of no pod. */
  const blind = async () => {
    await informers.pods.synced(abort.signal);
    podsWatch.abort();
  };
  const running = { stage, stop, blind };
  started.push(running);
  return running;
}

/** A record that may run, as the accept stage leaves it once the hub has stored the answer. */
async function aRecord(
  document: Partial<WorkloadDocument>,
  tasks: LeaseRecord['spec']['tasks'] = { indexes: '0', parallelism: 1, gpusPerTask: 1 },
  uid = `lease-${randomBytes(4).toString('hex')}`,
  name?: string,
): Promise<LeaseRecord> {
  const record = await aLeaseRecord({
    uid,
    ...(name === undefined ? {} : { name }),
    product,
    tasks,
    namespace: hubNamespace,
    document:
      document.service === undefined
        ? aWorkloadDocument({ job, completions: 10, ...document })
        : (document as WorkloadDocument),
  });
  const metadata = { ...record.metadata, namespace: recordNamespace };
  return records.create({ ...record, metadata });
}

/** The same, with its accepted lease at the hub. */
async function aKnownRecord(change: Partial<WorkloadDocument>, whole?: WorkloadDocument) {
  const document = whole ?? aWorkloadDocument({ job, completions: 10, ...change });
  const tasks = { indexes: '0', parallelism: 1, gpusPerTask: 1 };
  const { lease } = await aLease({
    name: `lease-${randomBytes(4).toString('hex')}`,
    product,
    namespace: hubNamespace,
    document,
    tasks,
  });
  const { namespace, name } = lease.metadata;
  const asOperator = resourceClient<GPULease>(as(OPERATOR_USER), resources.gpuLeases);
  const stored = await asOperator.create({ ...lease, metadata: { namespace: namespace!, name } });
  const now = '2026-01-01T00:00:00Z';
  const conditions = ['Accepted', 'Funded'].map((type) => ({
    type,
    status: 'True' as const,
    reason: type,
    message: '',
    lastTransitionTime: now,
  }));
  const known = await leases.replaceStatus({ ...stored, status: { conditions } });
  const record = await aRecord(document, tasks, known.metadata.uid, known.metadata.name);
  const condition = (type: string, status = 'False') =>
    until(`the condition ${type} ${status}`, async () => {
      const { conditions } = (await leases.get(known.metadata)).status ?? {};
      return conditions?.find((one) => one.type === type && one.status === status);
    });
  const stop = async () => {
    const { spec, ...rest } = await asOperator.get(known.metadata);
    const stopTime = new Date().toISOString();
    await asOperator.replace({ ...rest, spec: { ...spec, desiredState: 'Stopped', stopTime } });
  };
  const giveUp = async () => {
    const { spec, ...rest } = await asOperator.get(known.metadata);
    const time = new Date().toISOString();
    const lost = { time, reason: 'ProviderLost' as const, message: 'silent for 100 s' };
    const end = { desiredState: 'Stopped' as const, stopTime: time, lost };
    await asOperator.replace({ ...rest, spec: { ...spec, ...end } });
  };
  const status = async () => (await leases.get(known.metadata)).status;
  return { record, condition, status, stop, giveUp };
}

const seconds = (value: number, exitCode = 0) => ({
  env: [
    { name: 'SIMULATED_SECONDS', value: String(value) },
    { name: 'SIMULATED_EXIT_CODE', value: String(exitCode) },
  ],
});
const podsOf = async (record: LeaseRecord) =>
  (await pods.list({ labelSelector: `${LABEL_LEASE_UID}=${record.metadata.name}` })).items;
/** Ended is enough: the object may go a moment later. */
const aliveOf = async (record: LeaseRecord) =>
  (await podsOf(record)).filter(({ status }) => status?.phase !== 'Failed');
const running = (record: LeaseRecord) =>
  until('a running pod', async () => {
    const found = await podsOf(record);
    return found.length > 0 && found.every((pod) => pod.status?.phase === 'Running') && found;
  });
const ended = (record: LeaseRecord) =>
  until('the end of the record', async () => {
    const { spec } = await records.get(record.metadata);
    return spec.state === 'Ended' && spec.finished;
  });

/** The tenant's namespace holds no GPU any more. Admission goes by the quota's status, which comes later. */
async function refuseGPUs(): Promise<void> {
  const walls = renderTenant(identity, tenant, { gpus: { 'nvidia.com/gpu': 0 } });
  for (const wall of walls) apply(env.provider.kubeconfig, wall);
  const quotas = resourceClient<Quota>(own, builtins.resourceQuotas);
  await until('the quota to count', async () => {
    const { status } = await quotas.get({ namespace: tenant, name: 'gridlease' });
    return status?.hard?.['requests.nvidia.com/gpu'] === '0';
  });
}

beforeAll(() => {
  apply(env.hub.kubeconfig, join(root, 'crds/manifests/hub'));
  apply(env.provider.kubeconfig, join(root, 'crds/manifests/provider'));
  kubectl(env.hub.kubeconfig, ['create', 'namespace', hubNamespace]);
  kubectl(env.provider.kubeconfig, ['create', 'namespace', recordNamespace]);
  createNode(env.provider.kubeconfig, nodeName, product);
}, 60_000);

afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
  for (const record of (await records.list({ namespace: recordNamespace })).items) {
    await records.delete(record.metadata, { uid: record.metadata.uid! });
  }
});

afterAll(async () => {
  const gone = ['--wait=false', '--ignore-not-found'];
  kubectl(env.hub.kubeconfig, ['delete', 'namespace', hubNamespace, ...gone]);
  kubectl(env.provider.kubeconfig, ['delete', 'namespace', recordNamespace, tenant, ...gone]);
  kubectl(env.provider.kubeconfig, ['delete', 'node', nodeName, ...gone]);
  await hub.close();
  await own.close();
}, 60_000);

describe('a lease at the provider', () => {
  test('runs each index once, never more than may run together, and ends', async () => {
    startStage();
    const record = await aRecord(seconds(1), { indexes: '1,3-5', parallelism: 2, gpusPerTask: 1 });
    let most = 0;
    const finished = await until('the end', async () => {
      const alive = (await podsOf(record)).filter(({ status }) => status?.phase === 'Running');
      most = Math.max(most, alive.length);
      const { spec } = await records.get(record.metadata);
      return spec.state === 'Ended' && spec.finished;
    });
    expect(finished).toMatchObject({ succeeded: true, reason: 'Completed' });
    expect(most).toBeLessThanOrEqual(2);
    const indexes = (await podsOf(record)).map((pod) => pod.metadata.labels?.[LABEL_INDEX]);
    expect(indexes.sort()).toEqual(['1', '3', '4', '5']);
  }, 60_000);

  test('ends with the failure of a task', async () => {
    startStage();
    const record = await aRecord(seconds(1, 3));
    expect(await ended(record)).toMatchObject({
      succeeded: false,
      reason: 'TaskFailed',
      message: 'task 0 ended with exit code 3: its output says why',
    });
  }, 60_000);

  test('goes on to its end while the hub can’t be reached, also over a restart of the agent', async () => {
    await using gone = unreachableHub();
    const first = startStage({ hubCluster: gone });
    const record = await aRecord(seconds(8));
    const [before] = await running(record);
    await first.stop();
    startStage({ hubCluster: gone, graceSeconds: 0 });
    expect(await ended(record)).toMatchObject({ succeeded: true });
    expect((await podsOf(record)).map((pod) => pod.metadata.uid)).toEqual([before!.metadata.uid]);
  }, 60_000);

  test('keeps what has ended until the hub knows of it, also over a restart of the agent', async () => {
    await using gone = unreachableHub();
    const metered = { gpuMs: 0n, amount: 0n, startMs: undefined, endMs: undefined };
    const usage = { ...metered, delivering: false, final: true };
    const options = { podRetentionSeconds: 0, usage };
    const first = startStage(options);
    const { record, condition, status } = await aKnownRecord(seconds(8, 3));
    await running(record);
    await first.stop();
    const away = startStage({ hubCluster: gone, ...options });
    await ended(record);
    // Long enough for the look that would take it away.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await podsOf(record)).toHaveLength(1);
    await away.stop();
    startStage(options);
    expect(await condition('Succeeded')).toMatchObject({
      reason: 'TaskFailed',
      message: 'task 0 ended with exit code 3: its output says why',
    });
    expect((await status())?.tasks).toMatchObject([{ index: 0, exitCode: 3 }]);
    await until('the end of its pod', async () => (await podsOf(record)).length === 0);
  }, 60_000);

  test('is taken down when two complete lists say that the lease is gone, and not before', async () => {
    const first = startStage();
    const record = await aRecord(seconds(600));
    const [pod] = await running(record);
    await first.stop();
    const restarted = Date.now();
    startStage({ graceSeconds: 3 });
    const finished = await ended(record);
    expect(finished.reason).toBe('Cancelled');
    expect(Date.parse(finished.time)).toBeGreaterThanOrEqual(restarted + 2_000);
    expect((await podsOf(record)).map(({ metadata }) => metadata.uid)).not.toContain(
      pod!.metadata.uid,
    );
  }, 60_000);

  test('its record goes once its lease is gone and its last row was accepted', async () => {
    startStage({ graceSeconds: 1, podRetentionSeconds: 0 });
    const record = await aRecord(seconds(600));
    await ended(record);
    const meter = { gpuMs: '0', final: true, folded: true };
    await records.mergePatch(record.metadata, { spec: { meter } });
    await until('the end of the record', async () => !(await records.find(record.metadata)));
  }, 60_000);

  test('that the hub gave up is cleaned up by itself, also when the hub is heard of late', async () => {
    const first = startStage();
    const { record, condition, giveUp } = await aKnownRecord(seconds(600));
    await running(record);
    await first.stop();
    await giveUp();
    startStage();
    expect(await ended(record)).toMatchObject({
      succeeded: false,
      reason: 'ProviderLost',
      message: 'the hub gave the lease up: silent for 100 s',
    });
    expect(await aliveOf(record)).toEqual([]);
    expect(await condition('Succeeded')).toMatchObject({ reason: 'ProviderLost' });
  }, 60_000);

  test('pods of which there is no record are taken away, if they are this agent’s', async () => {
    const first = startStage();
    const mine = await aRecord(seconds(600));
    const others = await aRecord(seconds(600));
    await Promise.all([running(mine), running(others)]);
    await first.stop();
    for (const { metadata } of [mine, others]) {
      await records.delete(metadata, { uid: metadata.uid! });
    }
    const jobsOf = async ({ metadata }: LeaseRecord) =>
      (await jobs.list({ labelSelector: `${LABEL_LEASE_UID}=${metadata.name}` })).items;
    const [foreign] = await jobsOf(others);
    const select = ['-n', tenant, '-l', `${LABEL_LEASE_UID}=${others.metadata.name}`];
    const label = ['label', 'jobs,pods', ...select, '--overwrite', 'gridlease.dev/hub=another'];
    kubectl(env.provider.kubeconfig, label);
    startStage();
    await until('the end of the Job', async () => (await jobsOf(mine)).length === 0);
    await until('the end of its pod', async () => (await podsOf(mine)).length === 0);
    expect((await jobsOf(others)).map(({ metadata }) => metadata.uid)).toEqual([
      foreign!.metadata.uid,
    ]);
    kubectl(env.provider.kubeconfig, ['delete', 'jobs', ...select]);
  }, 60_000);

  test('records no end before it has seen what ran, however far the watch of pods lags behind', async () => {
    const known: number[] = [];
    await startStage({ onEnd: (count) => known.push(count) }).blind();
    const record = await aRecord(seconds(1));
    expect(await ended(record)).toMatchObject({ succeeded: true });
    expect(new Set(known)).toEqual(new Set([1]));
  }, 60_000);

  test('ends a task that runs longer than it may', async () => {
    startStage();
    const record = await aRecord({ ...seconds(600), maxDurationSeconds: 2 });
    expect(await ended(record)).toMatchObject({
      succeeded: false,
      reason: 'DeadlineExceeded',
      message: expect.stringMatching(/^task 0 ran longer than it may/),
    });
  }, 60_000);

  test('takes the pods away while suspended, and runs the task again when resumed', async () => {
    const { stage } = startStage();
    const record = await aRecord(seconds(8));
    const [before] = await running(record);
    stage.suspend(record.metadata.name, 'PaymentOverdue', 'unpaid');
    await until('no pods', async () => (await podsOf(record)).length === 0);
    stage.resume(record.metadata.name);
    expect(await ended(record)).toMatchObject({ succeeded: true });
    expect((await podsOf(record)).map((pod) => pod.metadata.uid)).not.toContain(
      before!.metadata.uid,
    );
  }, 60_000);

  test('tells the hub why its pods are refused, and ends with that when its time is over', async () => {
    await refuseGPUs();
    const { stage } = startStage({ gpuLimit: 0 });
    const { record, condition } = await aKnownRecord(seconds(600));
    const { reason, message } = await condition('Provisioned');
    expect([reason, message]).toEqual(['QuotaExceeded', expect.stringContaining('exceeded quota')]);
    stage.requestStop(record.metadata.name, 'StartDeadlineExceeded', 'no container ran');
    expect(await ended(record)).toMatchObject({
      succeeded: false,
      reason: 'QuotaExceeded',
      message: expect.stringMatching(/^no container ran: .*exceeded quota/),
    });
    expect(await condition('Succeeded')).toMatchObject({ reason: 'QuotaExceeded' });
  }, 60_000);

  test('ends at once when the API server finds its task invalid', async () => {
    startStage({ selection: { ...gpus, resourceName: 'no.such/resource name' } });
    const { record, condition } = await aKnownRecord(seconds(600));
    expect(await ended(record)).toMatchObject({
      reason: 'PodsRefused',
      message: expect.stringContaining('resource name'),
    });
    expect(await condition('Provisioned')).toMatchObject({ reason: 'PodsRefused' });
  }, 60_000);

  test('ends with the first cause that the meter gives', async () => {
    const { stage } = startStage();
    const record = await aRecord(seconds(600));
    await running(record);
    stage.requestStop(record.metadata.name, 'IdleTooLong', 'held for 300 s without being billed');
    stage.requestStop(record.metadata.name, 'PaymentOverdue', 'too late');
    expect(await ended(record)).toMatchObject({ succeeded: false, reason: 'IdleTooLong' });
    expect(await aliveOf(record)).toEqual([]);
  }, 60_000);
});

describe('a replica of a service', () => {
  const ready = (pod: TaskPod, status: 'True' | 'False') => {
    const change = JSON.stringify({ status: { conditions: [{ type: 'Ready', status }] } });
    const { namespace, name } = pod.metadata;
    const args = ['patch', 'pod', name, '-n', namespace!, '--subresource=status', '-p', change];
    kubectl(env.provider.kubeconfig, args);
  };
  const aService = () => aKnownRecord({}, aServiceDocument({ job }));

  test('runs, tells when its check comes and goes, and is taken away with its Deployment', async () => {
    // Nothing of a replica is worth reading afterwards: its Service doesn't wait for that to be over.
    startStage({ podRetentionSeconds: 3_600 });
    const { record, condition, stop } = await aService();
    const [pod] = await running(record);
    expect((await condition('Ready', 'True')).reason).toBe('Ready');
    ready(pod!, 'False');
    expect((await condition('Ready')).reason).toBe('NotReady');
    ready(pod!, 'True');
    await condition('Ready', 'True');
    const services = resourceClient<Manifest>(own, builtins.services);
    const [service] = (await services.list({ namespace: tenant })).items;
    expect(service?.spec).toMatchObject({
      type: 'ClusterIP',
      ports: [{ port: 8000 }, { port: 9000 }],
    });
    await stop();
    expect(await ended(record)).toMatchObject({ succeeded: false, reason: 'Stopped' });
    expect(await condition('Succeeded')).toMatchObject({ reason: 'Stopped' });
    expect(await aliveOf(record)).toEqual([]);
    await until('the end of the Service', async () => {
      const { items } = await services.list({ namespace: tenant });
      return items.length === 0;
    });
  }, 120_000);

  test('gets another pod when it loses one, and none while it is not paid', async () => {
    const { stage } = startStage();
    const { record } = await aService();
    const [first] = await running(record);
    await pods.delete(first!.metadata, { uid: first!.metadata.uid! });
    await until('another pod', async () => {
      const [pod] = await podsOf(record);
      return pod?.metadata.uid !== first!.metadata.uid && pod?.status?.phase === 'Running';
    });
    stage.suspend(record.metadata.name, 'FundsExhausted', 'dry');
    await until('no pods', async () => (await podsOf(record)).length === 0);
    expect((await records.get(record.metadata)).spec.state).toBe('Running');
    stage.resume(record.metadata.name);
    await running(record);
    stage.requestStop(record.metadata.name, 'IdleTooLong', 'held for 300 s without being billed');
    expect(await ended(record)).toMatchObject({ reason: 'IdleTooLong' });
    expect(await aliveOf(record)).toEqual([]);
  }, 120_000);

  test('tells why its pod is refused', async () => {
    await refuseGPUs();
    startStage({ gpuLimit: 0 });
    const { condition } = await aService();
    const { reason, message } = await condition('Provisioned');
    expect([reason, message]).toEqual(['QuotaExceeded', expect.stringContaining('exceeded quota')]);
  }, 60_000);
});

describe('the API server', () => {
  const document = aWorkloadDocument({
    job,
    egress: 'Public',
    allow: [{ cidr: '0.0.0.0/0', port: 443 }],
  });
  const task = renderTask({
    identity,
    namespace: tenant,
    index: 0,
    document,
    gpus,
    runtimeClassName: undefined,
  }) as Manifest & { spec: { template: { spec: Record<string, unknown> } } };

  test('takes everything that is rendered, under the restricted profile', async () => {
    const walls = renderTenant(identity, tenant, { gpus: { 'nvidia.com/gpu': 8 } });
    const egress = renderFlows(identity, tenant, document, closedRanges(['198.51.100.0/24']));
    for (const wall of walls) apply(env.provider.kubeconfig, wall);
    const names = { NetworkPolicy: builtins.networkPolicies, Job: builtins.jobs } as const;
    for (const manifest of [...egress, task]) {
      const definition = names[manifest.kind as keyof typeof names];
      await resourceClient<Manifest>(own, definition).create(manifest, { dryRun: true });
    }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe', namespace: tenant } };
    const stored = await until('the namespace’s account and quota', async () => {
      try {
        return await pods.create({ ...pod, spec: task.spec.template.spec } as TaskPod, {
          dryRun: true,
        });
      } catch (error) {
        // A new namespace has no default account and no counted quota for a moment.
        if (error instanceof ApiError && /serviceaccount|quota/.test(error.message))
          return undefined;
        throw error;
      }
    });
    expect(stored.spec).toMatchObject({ automountServiceAccountToken: false });
  }, 60_000);

  test.each([
    [
      'a capability',
      {
        containers: [
          { name: 'x', image: 'x', securityContext: { capabilities: { add: ['SYS_ADMIN'] } } },
        ],
      },
    ],
    [
      'a folder of the node',
      {
        containers: [{ name: 'x', image: 'x' }],
        volumes: [{ name: 'root', hostPath: { path: '/' } }],
      },
    ],
    ['the network of the node', { hostNetwork: true }],
    ['the root user', { securityContext: { runAsUser: 0 } }],
  ])('refuses %s in the same namespace', async (_name, change) => {
    const spec = { ...task.spec.template.spec, ...change };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe', namespace: tenant },
      spec,
    };
    await expect(pods.create(pod as TaskPod, { dryRun: true })).rejects.toThrow(
      /PodSecurity "restricted/,
    );
  });
});

describe('the committed rights', () => {
  test('name no wildcard and no Secret', () => {
    for (const file of ['hub/clusterrole.yaml', 'provider/agent.yaml']) {
      const text = readFileSync(join(root, 'provider-agent/rbac', file), 'utf8');
      expect(text).not.toMatch(/"\*"|'\*'|\[\*\]/);
      expect(text).not.toMatch(/resources:.*secrets/);
    }
  });
});
