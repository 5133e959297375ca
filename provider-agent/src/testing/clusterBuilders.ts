import type { Job, Node, Pod } from '../clusterObjects.ts';
import { hubLabel, MANAGED_BY } from '../gpuPods.ts';
import { testHub } from './builders.ts';

/** A Ready node with H100s, as the device plugin and GPU Feature Discovery leave it. */
export function aNode(
  options: {
    readonly name?: string;
    readonly gpus?: number;
    readonly healthy?: number;
    readonly resource?: string;
    readonly labels?: Readonly<Record<string, string | undefined>>;
    readonly spec?: Node['spec'];
    readonly ready?: 'True' | 'False' | 'Unknown';
    readonly images?: readonly string[];
  } = {},
): Node {
  const { name = 'node-a', gpus = 8, resource = 'nvidia.com/gpu' } = options;
  const labels = {
    'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3',
    'nvidia.com/gpu.memory': '81559',
    ...options.labels,
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: Object.fromEntries(
        Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
    },
    ...(options.spec === undefined ? {} : { spec: options.spec }),
    status: {
      capacity: { cpu: '64', [resource]: String(gpus) },
      allocatable: { cpu: '64', [resource]: String(options.healthy ?? gpus) },
      conditions: [{ type: 'Ready', status: options.ready ?? 'True' }],
      images: [{ names: options.images ?? [] }],
    },
  };
}

/** A running pod with GPUs; of this agent's lease when `leaseUid` is given. */
export function aPod(
  options: {
    readonly name?: string;
    readonly node?: string | undefined;
    readonly gpus?: number;
    readonly phase?: string;
    readonly leaseUid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly spec?: Pod['spec'];
  } = {},
): Pod {
  const { leaseUid, gpus = 1 } = options;
  const own = {
    'gridlease.dev/managed-by': MANAGED_BY,
    'gridlease.dev/hub': hubLabel(testHub),
    'gridlease.dev/lease-uid': leaseUid ?? '',
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: options.name ?? 'pod',
      namespace: 'default',
      labels: { ...(leaseUid === undefined ? {} : own), ...options.labels },
    },
    spec: {
      ...('node' in options && options.node === undefined
        ? {}
        : { nodeName: options.node ?? 'node-a' }),
      containers: [{ name: 'main', resources: { limits: { 'nvidia.com/gpu': String(gpus) } } }],
      ...options.spec,
    },
    status: { phase: options.phase ?? 'Running' },
  };
}

/** The Job of one task of a lease. */
export function aJob(
  options: {
    readonly index?: number;
    readonly epoch?: number;
    readonly spec?: Job['spec'];
    readonly status?: Job['status'];
    readonly ended?: 'Complete' | 'Failed';
    readonly reason?: string;
  } = {},
): Job {
  const { index = 0, epoch = 1, ended } = options;
  const conditions =
    ended === undefined
      ? []
      : [{ type: ended, status: 'True', ...(options.reason ? { reason: options.reason } : {}) }];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `task-${index}`,
      namespace: 'tenant',
      uid: `job-${index}`,
      labels: { 'gridlease.dev/epoch': String(epoch), 'gridlease.dev/index': String(index) },
    },
    spec: options.spec ?? {},
    status: options.status ?? { startTime: '2026-01-01T00:00:00Z', conditions },
  };
}
