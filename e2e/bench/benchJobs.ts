import type { Manifest } from '../cluster/apiClient.ts';
import type { ProviderSpec } from '../cluster/defaultProviders.ts';

const image = `registry.example/bench@sha256:${'5a'.repeat(32)}`;
const gpusPerNode = 8;

/** Three providers that together have a GPU for each of `jobs` jobs, at one price: ties go to each in turn. */
export function benchProviders(jobs: number): readonly ProviderSpec[] {
  const places = [
    { name: 'alpha', region: 'eu-central', jurisdiction: 'DE' },
    { name: 'bravo', region: 'us-east', jurisdiction: 'US' },
    { name: 'charlie', region: 'eu-north', jurisdiction: 'FI' },
  ];
  const nodes = Math.ceil(jobs / places.length / gpusPerNode);
  return places.map((place) => ({
    ...place,
    pools: [{ product: 'H100', nodes, gpusPerNode }],
    offers: [{ product: 'H100', pricePerGPUHour: '2.10' }],
  }));
}

/** One cluster with as many nodes as all of these providers have. */
export function plainProvider(providers: readonly ProviderSpec[]): ProviderSpec {
  const nodes = providers.reduce((sum, { pools }) => sum + pools[0]!.nodes, 0);
  return { ...providers[0]!, name: 'plain', pools: [{ product: 'H100', nodes, gpusPerNode }] };
}

const nameOf = (prefix: string, index: number): string =>
  `${prefix}-${String(index).padStart(5, '0')}`;

/** A job of one task on one GPU, as a tenant would write it. */
export function gpuJobs(
  prefix: string,
  count: number,
  options: { readonly namespace: string; readonly accountName: string; readonly seconds: number },
): Manifest[] {
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'GPUJob',
    metadata: { name: nameOf(prefix, index), namespace: options.namespace },
    spec: {
      batch: { completions: 1 },
      workload: {
        image,
        command: ['sh', '-c', `sleep ${options.seconds}`],
        resources: { cpu: '1', memory: '1Gi' },
      },
      gpu: { count: 1, products: ['H100'] },
      budget: { accountName: options.accountName },
      runtime: { maxDurationSeconds: Math.max(600, 2 * options.seconds) },
    },
  }));
}

/** The same as a Job of plain Kubernetes. */
export function plainJobs(
  prefix: string,
  count: number,
  options: { readonly namespace: string; readonly seconds: number },
): Manifest[] {
  const resources = { cpu: '1', memory: '1Gi', 'nvidia.com/gpu': '1' };
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: nameOf(prefix, index), namespace: options.namespace },
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'main',
              image,
              command: ['sh', '-c', `sleep ${options.seconds}`],
              resources: { requests: resources, limits: resources },
            },
          ],
        },
      },
    },
  }));
}
