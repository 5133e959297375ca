import { join } from 'node:path';
import { buildExamples, removeArchives } from '../../examples/real/images.ts';
import type { NodeAssetPaths } from './assets.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './controlPlane.ts';
import { type ProviderSpec, realNodeNames } from './defaultProviders.ts';
import { applyManifests, loadManifests } from './manifests.ts';
import { createNodes } from './nodes.ts';
import { MANIFESTS } from './paths.ts';
import { type RealNode, startRealNode } from './realNode/realNode.ts';

export const AGENT_NAMESPACE = 'gridlease-agent';

export type ProviderCluster = ControlPlane & {
  readonly spec: ProviderSpec;
  readonly dir: string;
  /** Empty where all nodes are simulated. */
  readonly realNodes: readonly RealNode[];
  /** The image, on the real nodes, that copies outputs away. */
  readonly uploaderImage: string | undefined;
};

export type ProviderClusterOptions = Omit<ControlPlaneOptions, 'name' | 'role' | 'nodeNames'> & {
  /** Needed by a provider with real nodes. */
  readonly nodeAssets?: NodeAssetPaths | undefined;
  /** Default false. Whether real nodes go on when this program ends, see startRealNode. */
  readonly outlivesOwner?: boolean;
};

const startRealNodes = (
  plane: ControlPlane,
  spec: ProviderSpec,
  options: ProviderClusterOptions,
): Promise<readonly RealNode[]> => {
  const { nodeAssets: assets, dir, processes, outlivesOwner = false, signal } = options;
  const starting = realNodeNames(spec).map((name) => {
    const pool = spec.realPool;
    if (assets === undefined || pool === undefined) {
      throw new Error(`${name} needs the programs of a real node: see ensureNodeAssets`);
    }
    const { product, gpusPerNode: gpus } = pool;
    return startRealNode({
      ...{ plane, name, product, gpus, dir, assets, processes, outlivesOwner, signal },
    });
  });
  return Promise.all(starting);
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
  const { name } = spec;
  const plane = await startControlPlane({ ...options, dir, name, role: 'provider', nodeNames });
  const [realNodes] = await Promise.all([
    startRealNodes(plane, spec, options),
    createNodes(plane.client, spec.name, spec.pools, options.signal),
    plane.client
      .apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: AGENT_NAMESPACE } })
      .then(() =>
        applyManifests(plane.client, loadManifests(...MANIFESTS.provider), options.signal),
      ),
  ]);
  const uploaderImage = await provideUploader(dir, realNodes);
  return { ...plane, spec, dir, realNodes, uploaderImage };
};
