import type { NodeAssetPaths } from '../assets.ts';
import type { ControlPlane } from '../controlPlane.ts';
import type { Processes } from '../processes.ts';
import type { NodeGpus } from './nodePrograms.ts';
import { type RealNode, startRealNode } from './realNode.ts';
import { installNames, type NodeServices } from './services.ts';

export type ClusterNodesOptions = {
  /** Folder of the whole federation. */
  readonly dir: string;
  /** Needed where there are real nodes. */
  readonly nodeAssets?: NodeAssetPaths | undefined;
  /** Default none: addresses and names of Services then don't work in pods. */
  readonly services?: NodeServices | undefined;
  readonly processes: Processes;
  readonly signal?: AbortSignal | undefined;
};

/** Starts all the real nodes that a control plane was told of, each with the same GPUs; none by default. */
export const startClusterNodes = async (
  plane: ControlPlane,
  options: ClusterNodesOptions,
  gpus?: NodeGpus,
): Promise<readonly RealNode[]> => {
  const { nodeAssets: assets, services } = options;
  const [first] = plane.nodeNames;
  if (first === undefined) return [];
  if (assets === undefined) {
    throw new Error(`${first} needs the programs of a real node: see ensureNodeAssets`);
  }
  if (services !== undefined) await installNames(plane.client);
  return Promise.all(
    plane.nodeNames.map((name) => startRealNode({ ...options, plane, name, gpus, assets })),
  );
};
