import { join } from 'node:path';
import { buildExamples, removeArchives } from '../../examples/real/images.ts';
import type { ApiClient } from './apiClient.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './controlPlane.ts';
import { type ProviderSpec, realNodeNames } from './defaultProviders.ts';
import { applyManifests, loadManifests } from './manifests.ts';
import { createNodes } from './nodes.ts';
import { MANIFESTS } from './paths.ts';
import { type ClusterNodesOptions, startClusterNodes } from './realNode/clusterNodes.ts';
import type { RealNode } from './realNode/realNode.ts';

export const AGENT_NAMESPACE = 'gridlease-agent';

export type ProviderCluster = ControlPlane & {
  readonly spec: ProviderSpec;
  readonly dir: string;
  /** Empty where all nodes are simulated. */
  readonly realNodes: readonly RealNode[];
  /** The image, on the real nodes, that copies outputs away. */
  readonly uploaderImage: string | undefined;
};

export type ProviderClusterOptions = Omit<ControlPlaneOptions, 'name' | 'role' | 'nodeNames'> &
  Omit<ClusterNodesOptions, 'processes'> & {
    /** Default true. Whether what the agent needs is installed: its kinds, its account and its rights. */
    readonly installed?: boolean;
  };

/** What the agent needs in its own cluster, as it is committed. */
const installProvider = async (client: ApiClient, signal?: AbortSignal): Promise<void> => {
  await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: AGENT_NAMESPACE } });
  await applyManifests(client, loadManifests(...MANIFESTS.provider), signal);
};

/** Outputs are copied by a container beside the task's; there is no registry to get its image from. */
const provideUploader = async (
  dir: string,
  nodes: readonly RealNode[],
): Promise<string | undefined> => {
  if (nodes.length === 0) return undefined;
  const images = await buildExamples(join(dir, 'images'), ['uploader']);
  const { archivePath, reference } = images.uploader;
  await Promise.all(nodes.map((node) => node.importImage(archivePath, reference)));
  removeArchives(images);
  return reference;
};

/** Starts a provider's own cluster with its simulated or real nodes, and installs what its agent needs there. */
export const startProviderCluster = async (
  spec: ProviderSpec,
  options: ProviderClusterOptions,
): Promise<ProviderCluster> => {
  const dir = join(options.dir, 'providers', spec.name);
  const nodeNames = realNodeNames(spec);
  const { name, realPool } = spec;
  const { signal } = options;
  const { client, ...plane } = await startControlPlane({
    ...options,
    ...{ dir, name, role: 'provider', nodeNames },
    // Pods reach the API servers that they have to do with; the others stay on loopback.
    network: nodeNames.length > 0 ? options.network : undefined,
  });
  const gpus = realPool && { product: realPool.product, count: realPool.gpusPerNode };
  const [realNodes] = await Promise.all([
    startClusterNodes({ client, ...plane }, options, gpus),
    createNodes(client, spec.name, spec.pools, signal),
    options.installed === false ? undefined : installProvider(client, signal),
  ]);
  const uploaderImage = await provideUploader(dir, realNodes);
  return { client, ...plane, spec, dir, realNodes, uploaderImage };
};
