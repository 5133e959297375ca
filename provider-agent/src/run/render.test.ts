import { type WorkloadDocument, workloadDocumentSchema } from '@gridlease/crds/workloadDocument';
import { describe, expect, test } from '@jest/globals';
import { aServiceDocument, aWorkloadDocument, testImage } from '../testing/builders.ts';
import { schemaLeaves } from '../testing/schemaLeaves.ts';
import { closedRanges } from './egress.ts';
import type { Manifest } from './manifests.ts';
import { taskName, tenantNamespace } from './names.ts';
import { renderTask, type TaskInput } from './render.ts';
import { renderReplica, renderService, type ServicePorts } from './service.ts';
import { renderFlows, renderTenant } from './tenant.ts';

const identityOf = (document: WorkloadDocument) => ({
  providerName: 'alpha',
  hub: '0123456789abcdef',
  managedBy: 'gridlease-provider-agent',
  leaseUid: 'lease-uid',
  epoch: 3,
  job: document.job,
});
const uploaderImage = `registry.example/uploader@sha256:${'cd'.repeat(32)}`;
const inputOf = (document: WorkloadDocument, more: Partial<TaskInput> = {}): TaskInput => ({
  identity: identityOf(document),
  namespace: tenantNamespace('0xhub', document.job.namespace),
  index: 2,
  document,
  gpus: {
    resourceName: 'nvidia.com/gpu',
    productLabel: 'nvidia.com/gpu.product',
    rawProducts: ['NVIDIA-H100-80GB-HBM3'],
  },
  runtimeClassName: document.minIsolation === 'runc' ? undefined : document.minIsolation,
  uploaderImage,
  ...more,
});
const taskOf = (document: WorkloadDocument, more: Partial<TaskInput> = {}): Manifest =>
  renderTask(inputOf(document, more));

/** Everything that one document leads to at the provider. */
const renderAll = (document: WorkloadDocument) => {
  const namespace = tenantNamespace('0xhub', document.job.namespace);
  const identity = identityOf(document);
  return {
    task: taskOf(document),
    egress: renderFlows(identity, namespace, document, closedRanges([]))[0],
    tenant: renderTenant(identity, namespace, { gpus: { 'nvidia.com/gpu': 16 } }),
  };
};

const servedPorts = (ports: Partial<ServicePorts[number]>[]) => {
  const [first, second] = aServiceDocument().service!.ports;
  return {
    service: {
      ports: [
        { ...first!, ...ports[0] },
        { ...second!, ...ports[1] },
      ],
    },
  };
};

/** Everything that one replica of a service leads to. */
const renderServed = (document: WorkloadDocument) => {
  const namespace = tenantNamespace('0xhub', document.job.namespace);
  const { ports } = document.service!;
  const inbound = { ports: ports.map(({ port }) => port), namespace: 'gridlease-agent' };
  const identity = identityOf(document);
  return {
    replica: renderReplica(inputOf(document), ports),
    service: renderService(identity, namespace, ports),
    flows: renderFlows(identity, namespace, { ...document, inbound }, closedRanges([]))[0],
  };
};

/** Follows "task/spec/…": "@NAME" finds the value of a named entry, "~" is the slash in a label. */
const at = (root: unknown, path: string): unknown =>
  path.split('/').reduce<unknown>((value, key) => {
    if (!key.startsWith('@')) {
      return (value as Record<string, unknown> | undefined)?.[key.replace('~', '/')];
    }
    const entries = value as { readonly name: string; readonly value: unknown }[] | undefined;
    return entries?.find((entry) => entry.name === key.slice(1))?.value;
  }, root);

const pod = 'task/spec/template/spec';
const container = `${pod}/containers/0`;

type Row = {
  /** What is written instead. */
  readonly change: Partial<WorkloadDocument>;
  /** Where it must show, and as what. */
  readonly shows: Readonly<Record<string, unknown>>;
};

const base = aWorkloadDocument();
type PodSpec = { readonly containers: readonly Readonly<Record<string, unknown>>[] };
const job = (overrides: Partial<WorkloadDocument['job']>) => ({
  job: { ...base.job, ...overrides },
});
const resources = (overrides: Partial<WorkloadDocument['resources']>) => ({
  resources: { ...base.resources, ...overrides },
});

/** Every field of the signed document, and what it does to the tenant's objects. */
const rows: Readonly<Record<string, Row>> = {
  'job.namespace': {
    change: job({ namespace: 'team-b' }),
    shows: {
      'task/metadata/namespace': tenantNamespace('0xhub', 'team-b'),
      'tenant/0/metadata/labels/gridlease.dev~job-namespace': 'team-b',
      [`${container}/env/@GRIDLEASE_JOB_NAMESPACE`]: 'team-b',
    },
  },
  'job.name': {
    change: job({ name: 'other' }),
    shows: {
      'task/metadata/name': taskName({
        jobName: 'other',
        leaseUid: 'lease-uid',
        epoch: 3,
        index: 2,
      }),
      [`${container}/env/@GRIDLEASE_JOB_NAME`]: 'other',
    },
  },
  'job.uid': {
    change: job({ uid: 'other-uid' }),
    shows: { 'task/metadata/labels/gridlease.dev~job-uid': 'other-uid' },
  },
  completions: {
    change: { completions: 9 },
    shows: { [`${container}/env/@GRIDLEASE_COMPLETIONS`]: '9' },
  },
  image: {
    change: { image: testImage.replaceAll('ab', 'cd') },
    shows: { [`${container}/image`]: testImage.replaceAll('ab', 'cd') },
  },
  'command[]': { change: { command: ['sh'] }, shows: { [`${container}/command`]: ['sh'] } },
  'args[]': { change: { args: ['-v'] }, shows: { [`${container}/args`]: ['-v'] } },
  'env[].name': {
    change: { env: [{ name: 'SEED', value: '1e-4' }] },
    shows: { [`${container}/env/@SEED`]: '1e-4', [`${container}/env/@LR`]: undefined },
  },
  'env[].value': {
    change: { env: [{ name: 'LR', value: '3' }] },
    shows: { [`${container}/env/@LR`]: '3' },
  },
  workingDir: { change: { workingDir: '/work' }, shows: { [`${container}/workingDir`]: '/work' } },
  runAsUser: {
    change: { runAsUser: 4242 },
    shows: {
      [`${pod}/securityContext/runAsUser`]: 4242,
      [`${pod}/securityContext/runAsGroup`]: 4242,
      [`${pod}/securityContext/fsGroup`]: 4242,
    },
  },
  'resources.cpu': {
    change: resources({ cpu: '3' }),
    shows: {
      [`${container}/resources/limits/cpu`]: '3',
      [`${container}/resources/requests/cpu`]: '3',
    },
  },
  'resources.memory': {
    change: resources({ memory: '7Gi' }),
    shows: { [`${container}/resources/limits/memory`]: '7Gi' },
  },
  'resources.ephemeralStorage': {
    change: resources({ ephemeralStorage: '9Gi' }),
    shows: { [`${container}/resources/limits/ephemeral-storage`]: '9Gi' },
  },
  'resources.sharedMemory': {
    change: resources({ sharedMemory: '2Gi' }),
    shows: {
      [`${pod}/volumes/0/emptyDir`]: { medium: 'Memory', sizeLimit: '2Gi' },
    },
  },
  egress: {
    change: { egress: 'Public' },
    shows: { 'egress/spec/egress/0/to/0/ipBlock/cidr': '0.0.0.0/0' },
  },
  'allow[].cidr': {
    change: { allow: [{ cidr: '203.0.113.0/24', port: 443 }] },
    shows: { 'egress/spec/egress/0/to/0/ipBlock/cidr': '203.0.113.0/24' },
  },
  'allow[].port': {
    change: { allow: [{ cidr: '203.0.113.0/24', port: 8443 }] },
    shows: { 'egress/spec/egress/0/ports': [{ port: 8443, protocol: 'TCP' }] },
  },
  'gpu.count': {
    change: { gpu: { count: 4 } },
    shows: {
      [`${container}/resources/limits/nvidia.com~gpu`]: '4',
      [`${container}/resources/requests/nvidia.com~gpu`]: '4',
    },
  },
  'gpu.clique': {
    change: { gpu: { count: 1, clique: 'a1b2.7' } },
    shows: {
      [`${pod}/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/1`]:
        { key: 'nvidia.com/gpu.clique', operator: 'In', values: ['a1b2.7'] },
    },
  },
  'gpu.memoryMiB': {
    change: { gpu: { count: 1, memoryMiB: 80_000 } },
    shows: {
      [`${pod}/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/1`]:
        { key: 'nvidia.com/gpu.memory', operator: 'Gt', values: ['79999'] },
    },
  },
  minIsolation: {
    change: { minIsolation: 'gvisor' },
    shows: { [`${pod}/runtimeClassName`]: 'gvisor' },
  },
  maxDurationSeconds: {
    change: { maxDurationSeconds: 100 },
    shows: { 'task/spec/activeDeadlineSeconds': 1000 },
  },
  startDeadlineSeconds: {
    change: { startDeadlineSeconds: 60 },
    shows: { 'task/spec/activeDeadlineSeconds': 3660 },
  },
  terminationGracePeriodSeconds: {
    change: {
      terminationGracePeriodSeconds: 90,
      outputs: [{ path: '/frames', uri: 's3://bucket/run' }],
    },
    shows: {
      [`${pod}/terminationGracePeriodSeconds`]: 90,
      'task/spec/activeDeadlineSeconds': 3600 + 900 + 90,
    },
  },
  checkpointURI: {
    change: { checkpointURI: 's3://bucket/run' },
    shows: { [`${container}/env/@GRIDLEASE_CHECKPOINT_URI`]: 's3://bucket/run' },
  },
  'outputs[].path': {
    change: { outputs: [{ path: '/frames', uri: 's3://bucket/run' }] },
    shows: {
      [`${container}/volumeMounts/1/mountPath`]: '/frames',
      [`${pod}/initContainers/0/volumeMounts/0/mountPath`]: '/frames',
    },
  },
  'outputs[].uri': {
    change: { outputs: [{ path: '/frames', uri: 's3://bucket/run' }] },
    shows: {
      [`${pod}/initContainers/0/env/@GRIDLEASE_OUTPUTS`]:
        '[{"path":"/frames","uri":"s3://bucket/run"}]',
    },
  },
};

const served = 'replica/spec/template/spec/containers/0';
const probe = aServiceDocument().service!.ports[0]!.probe!;

/** The same for what only a service has. */
const serviceRows: Readonly<Record<string, Row>> = {
  'service.ports[].name': {
    change: servedPorts([{ name: 'api' }]),
    shows: {
      [`${served}/ports/0/name`]: 'api',
      [`${served}/readinessProbe/httpGet/port`]: 'api',
      'service/spec/ports/0/targetPort': 'api',
    },
  },
  'service.ports[].port': {
    change: servedPorts([{ port: 8080 }]),
    shows: {
      [`${served}/ports/0/containerPort`]: 8080,
      'service/spec/ports/0/port': 8080,
      'flows/spec/ingress/0/ports/0/port': 8080,
    },
  },
  'service.ports[].probe.path': {
    change: servedPorts([{ probe: { ...probe, path: '/ready' } }]),
    shows: { [`${served}/readinessProbe/httpGet/path`]: '/ready' },
  },
  'service.ports[].probe.periodSeconds': {
    change: servedPorts([{ probe: { ...probe, periodSeconds: 2 } }]),
    shows: { [`${served}/readinessProbe/periodSeconds`]: 2 },
  },
  'service.ports[].probe.timeoutSeconds': {
    change: servedPorts([{ probe: { ...probe, timeoutSeconds: 4 } }]),
    shows: { [`${served}/readinessProbe/timeoutSeconds`]: 4 },
  },
  'service.ports[].probe.failureThreshold': {
    change: servedPorts([{ probe: { ...probe, failureThreshold: 7 } }]),
    shows: { [`${served}/readinessProbe/failureThreshold`]: 7 },
  },
};

/** A version is no wish: another one is refused before anything is rendered (accept/policies.test.ts). */
const refusedInstead = ['protocolVersion'];

describe('the objects of a lease', () => {
  test('every field of the workload document has a row here', () => {
    const leaves = schemaLeaves(workloadDocumentSchema);
    const shown = [...Object.keys(rows), ...Object.keys(serviceRows)];
    expect([...shown, ...refusedInstead].sort()).toEqual([...leaves].sort());
  });

  test.each(Object.entries(rows))('%s shows in what is created', (_path, { change, shows }) => {
    const document = aWorkloadDocument(change);
    expect(workloadDocumentSchema.safeParse(document).error).toBeUndefined();
    const before = renderAll(base);
    const after = renderAll(document);
    for (const [path, expected] of Object.entries(shows)) {
      expect(at(after, path)).toEqual(expected);
      expect(at(before, path)).not.toEqual(expected);
    }
  });

  test.each(Object.entries(serviceRows))(
    '%s shows in what is created',
    (_path, { change, shows }) => {
      const document = aServiceDocument(change);
      expect(workloadDocumentSchema.safeParse(document).error).toBeUndefined();
      const before = renderServed(aServiceDocument());
      const after = renderServed(document);
      for (const [path, expected] of Object.entries(shows)) {
        expect(at(after, path)).toEqual(expected);
        expect(at(before, path)).not.toEqual(expected);
      }
    },
  );

  test('a replica is one pod at a time, started again for ever, in the same walls as a task', () => {
    const { replica, service } = renderServed(aServiceDocument());
    const labels = { 'gridlease.dev/lease-uid': 'lease-uid', 'gridlease.dev/index': '2' };
    expect(replica.spec).toMatchObject({
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: labels },
      template: { metadata: { labels } },
    });
    expect(replica.metadata.name).toBe(taskOf(base).metadata.name);
    const {
      containers: [task],
      ...rest
    } = at(taskOf(base), 'spec/template/spec') as PodSpec;
    const {
      containers: [one],
      ...walls
    } = at(replica, 'spec/template/spec') as PodSpec;
    expect(walls).toEqual({ ...rest, restartPolicy: 'Always' });
    expect(one).toMatchObject({
      securityContext: task!['securityContext'],
      resources: task!['resources'],
    });
    // All replicas of the job, whatever their lease: scaling must not change the address.
    expect(service.spec).toMatchObject({
      type: 'ClusterIP',
      selector: { 'gridlease.dev/job-uid': base.job.uid },
    });
    expect(service.metadata).not.toHaveProperty(['labels', 'gridlease.dev/lease-uid']);
  });

  test('a service without a probe is ready when it runs', () => {
    const ports = [{ name: 'http', port: 8000 }];
    const replica = renderReplica(inputOf(aServiceDocument({ service: { ports } })), ports);
    expect(at(replica, 'spec/template/spec/containers/0/readinessProbe')).toBeUndefined();
  });

  test('rendering is deterministic, and separate tasks and epochs have separate names', () => {
    expect(JSON.stringify(taskOf(base))).toBe(JSON.stringify(taskOf(aWorkloadDocument())));
    const names = [
      taskOf(base),
      taskOf(base, { index: 3 }),
      taskOf(base, { identity: { ...identityOf(base), epoch: 4 } }),
      taskOf(base, { identity: { ...identityOf(base), leaseUid: 'other' } }),
    ].map((manifest) => manifest.metadata.name);
    expect(new Set(names).size).toBe(4);
    expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(63);
  });

  test('the longest names fit the limits of Kubernetes', () => {
    const jobName = 'a'.repeat(63);
    const task = { jobName, leaseUid: 'x'.repeat(64), epoch: 4_294_967_295, index: 9_999 };
    expect(taskName(task)).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    expect(tenantNamespace('0xhub', jobName)).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    expect(tenantNamespace('0xhub', 'a')).not.toBe(tenantNamespace('0xother', 'a'));
  });

  test('the agent’s own variables win over the tenant’s of the same name', () => {
    const document = aWorkloadDocument({ env: [{ name: 'GRIDLEASE_EPOCH', value: '99' }] });
    const { env } = (
      taskOf(document) as {
        spec: { template: { spec: { containers: [{ env: { name: string; value: string }[] }] } } };
      }
    ).spec.template.spec.containers[0];
    expect(env.filter((entry) => entry.name === 'GRIDLEASE_EPOCH')).toEqual([
      { name: 'GRIDLEASE_EPOCH', value: '3' },
    ]);
    expect(env).toContainEqual({ name: 'GRIDLEASE_ATTEMPT', value: '3' });
    expect(env).toContainEqual({ name: 'JOB_COMPLETION_INDEX', value: '2' });
  });

  test('nothing that a hostile tenant would want is in a pod', () => {
    const spec = at(taskOf(base), 'spec/template/spec') as Record<string, unknown>;
    for (const field of [
      'hostNetwork',
      'hostPID',
      'hostIPC',
      'nodeName',
      'nodeSelector',
      'schedulerName',
      'priorityClassName',
      'serviceAccountName',
      'initContainers',
    ]) {
      expect(spec[field]).toBeUndefined();
    }
    expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(at(spec, 'containers/0/volumeMounts')).toEqual([
      { name: 'shared-memory', mountPath: '/dev/shm' },
    ]);
    expect(at(spec, 'containers/0/securityContext')).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('a pod is bound to the very product that is paid for', () => {
    const gpus = {
      resourceName: 'nvidia.com/mig-1g.5gb',
      productLabel: 'nvidia.com/mig-1g.5gb.product',
      rawProducts: ['B', 'A'],
    };
    const spec = at(taskOf(base, { gpus }), 'spec/template/spec');
    expect(at(spec, 'containers/0/resources/limits')).toMatchObject({ [gpus.resourceName]: '1' });
    expect(
      at(
        spec,
        'affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions',
      ),
    ).toEqual([{ key: gpus.productLabel, operator: 'In', values: ['A', 'B'] }]);
  });

  test('a node confirms the end of every container, also of one that gets no time for it', () => {
    const { task } = renderAll({ ...base, terminationGracePeriodSeconds: 0 });
    expect(task.spec).toMatchObject({ template: { spec: { terminationGracePeriodSeconds: 1 } } });
  });

  test('a tenant namespace is restricted, bounded and closed', () => {
    const [namespace, policy, names, quota] = renderAll(base).tenant;
    expect(namespace?.metadata).toMatchObject({
      labels: {
        'pod-security.kubernetes.io/enforce': 'restricted',
        'pod-security.kubernetes.io/enforce-version': 'v1.34',
        'pod-security.kubernetes.io/audit': 'restricted',
        'pod-security.kubernetes.io/warn': 'restricted',
      },
    });
    expect(policy?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    expect(names?.spec).toMatchObject({
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ ports: [{ port: 53 }, { port: 53 }] }],
    });
    expect(renderAll(base).egress).toBeUndefined();
    expect(quota?.spec).toEqual({
      hard: {
        pods: '16',
        'requests.nvidia.com/gpu': '16',
        services: '16',
        'services.loadbalancers': '0',
        'services.nodeports': '0',
        persistentvolumeclaims: '0',
        secrets: '10',
        configmaps: '10',
      },
    });
  });
});
