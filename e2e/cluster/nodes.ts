import type { ApiClient, Manifest } from './apiClient.ts';
import { GPU_PRODUCTS, type GpuProduct, type GpuProductName } from './gpuProducts.ts';
import { waitFor } from './waitFor.ts';

/** A group of equal nodes. */
export type NodePool = {
  readonly product: GpuProductName;
  readonly nodes: number;
  readonly gpusPerNode: number;
};

const DRIVER = { major: '580', minor: '95', revision: '05' } as const;
const RUNTIME = { major: '13', minor: '0' } as const;

/** The labels of GPU Feature Discovery for whole GPUs: no MIG, no sharing. */
export const gpuFeatureLabels = (gpu: GpuProduct, count: number): Record<string, string> => ({
  'nvidia.com/gpu.present': 'true',
  'nvidia.com/gpu.product': gpu.product,
  'nvidia.com/gpu.count': String(count),
  'nvidia.com/gpu.memory': String(gpu.memoryMiB),
  'nvidia.com/gpu.family': gpu.family,
  'nvidia.com/gpu.machine': gpu.machine,
  'nvidia.com/gpu.mode': 'compute',
  'nvidia.com/gpu.compute.major': String(gpu.computeMajor),
  'nvidia.com/gpu.compute.minor': String(gpu.computeMinor),
  'nvidia.com/gpu.multiprocessors': String(gpu.multiprocessors),
  'nvidia.com/gpu.replicas': '1',
  'nvidia.com/gpu.sharing-strategy': 'none',
  'nvidia.com/mig.capable': String(gpu.migCapable),
  ...(gpu.migCapable ? { 'nvidia.com/mig.strategy': 'single' } : {}),
  'nvidia.com/mps.capable': 'false',
  'nvidia.com/vgpu.present': 'false',
  'nvidia.com/cuda.driver-version.major': DRIVER.major,
  'nvidia.com/cuda.driver-version.minor': DRIVER.minor,
  'nvidia.com/cuda.driver-version.revision': DRIVER.revision,
  'nvidia.com/cuda.driver-version.full': `${DRIVER.major}.${DRIVER.minor}.${DRIVER.revision}`,
  'nvidia.com/cuda.runtime-version.major': RUNTIME.major,
  'nvidia.com/cuda.runtime-version.minor': RUNTIME.minor,
  'nvidia.com/cuda.runtime-version.full': `${RUNTIME.major}.${RUNTIME.minor}`,
});

/** The Node objects of a pool. They are simulated, and say so on a label. */
export const nodeManifests = (
  cluster: string,
  pool: NodePool,
  nowSeconds: number = Math.floor(Date.now() / 1000),
): Manifest[] =>
  Array.from({ length: pool.nodes }, (_, index) => {
    const name = `${cluster}-${pool.product.toLowerCase()}-${index}`;
    const resources = {
      cpu: String(16 * pool.gpusPerNode),
      memory: `${128 * pool.gpusPerNode}Gi`,
      'ephemeral-storage': '4Ti',
      pods: '110',
      'nvidia.com/gpu': String(pool.gpusPerNode),
    };
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: {
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'gridlease.dev/simulated': 'true',
          'nvidia.com/gfd.timestamp': String(nowSeconds),
          ...gpuFeatureLabels(GPU_PRODUCTS[pool.product], pool.gpusPerNode),
        },
      },
      status: { capacity: resources, allocatable: resources },
    };
  });

type NodeList = {
  readonly items: readonly {
    readonly status?: {
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    };
  }[];
};

/** Creates the nodes of all pools and waits until the simulator reports each Ready. Safe to repeat. */
export const createNodes = async (
  client: ApiClient,
  cluster: string,
  pools: readonly NodePool[],
  signal?: AbortSignal,
): Promise<void> => {
  const wanted = pools.flatMap((pool) => nodeManifests(cluster, pool));
  await Promise.all(
    wanted.map(async (node) => {
      // Created as a whole: the server keeps a node's status on create, which server-side apply would drop.
      const there = await client.find(`/api/v1/nodes/${node.metadata.name}`);
      if (there === undefined) await client.request('POST', '/api/v1/nodes', node);
    }),
  );
  await waitFor(
    async () => {
      const list = await client.get<NodeList>(
        '/api/v1/nodes?labelSelector=gridlease.dev/simulated',
      );
      const ready = list.items.filter((node) =>
        node.status?.conditions?.some(
          (condition) => condition.type === 'Ready' && condition.status === 'True',
        ),
      );
      return ready.length >= wanted.length;
    },
    { what: `${wanted.length} nodes of ${cluster} Ready`, timeoutMilliseconds: 60_000, signal },
  );
};
