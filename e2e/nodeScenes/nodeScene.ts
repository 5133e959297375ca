import { describe } from '@jest/globals';
import { ApiClient } from '../cluster/apiClient.ts';
import { readEnvironment } from '../cluster/environment.ts';
import { readKubeconfig } from '../cluster/kubeconfig.ts';
import { attachRealNodes } from '../cluster/realNode/attach.ts';
import type { RealNodeControl } from '../cluster/realNode/control.ts';
import { realNodeSupport } from '../cluster/realNode/support.ts';
import {
  type DeliveredLease,
  deliveredLeases,
  type NodeList,
  type PodList,
} from '../demo/checker/pods.ts';
import { type Scene, theScene } from '../scenarios/verbs.ts';
import { readImages, type SceneImages } from './images.ts';

/** A federation whose first provider runs real containers. */
export type NodeScene = {
  readonly scene: Scene;
  readonly node: RealNodeControl;
  readonly images: SceneImages;
  /** Admin of the cluster that the node is in. Close it. */
  readonly cluster: ApiClient;
};

/** Uses the federation whose folder GRIDLEASE_FEDERATION names: npm test starts one. */
export const theNodeScene = async (): Promise<NodeScene> => {
  const scene = theScene();
  const dir = process.env['GRIDLEASE_FEDERATION'] ?? '';
  const [node] = await attachRealNodes(dir);
  const cluster = new ApiClient(readKubeconfig(scene.environment.providers[0]!.kubeconfig));
  return { scene, node: node!, images: readImages(dir), cluster };
};

/** What the provider's pods of a job say that they had of its GPUs. */
export const deliveredTo = async (
  jobUid: string,
  { cluster }: Pick<NodeScene, 'cluster'>,
): Promise<readonly DeliveredLease[]> => {
  const selector = `labelSelector=gridlease.dev%2Fjob-uid%3D${jobUid}`;
  const pods = await cluster.get<PodList>(`/api/v1/pods?${selector}`);
  return deliveredLeases('alpha', pods, await cluster.get<NodeList>('/api/v1/nodes'));
};

type ReportingNode = {
  readonly status: {
    readonly conditions: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime: string;
    }[];
  };
};

/** Whether the scene's node says that it is Ready, and since when. */
export const readyOf = async ({ cluster, node }: Pick<NodeScene, 'cluster' | 'node'>) => {
  const { status } = await cluster.get<ReportingNode>(`/api/v1/nodes/${node.name}`);
  const ready = status.conditions.find(({ type }) => type === 'Ready')!;
  return { status: ready.status, sinceMs: Date.parse(ready.lastTransitionTime) };
};

/**
 * The most that is not billed of a container that ran on while its kubelet was away, milliseconds: nothing but whole
 * seconds, unless the new kubelet said at first that the node is not Ready. On a busy machine it may not have heard of
 * its runtime yet; then what its last two heartbeats had not confirmed is not billed either.
 */
export const mostUnbilledMs = (
  before: { readonly sinceMs: number },
  after: { readonly sinceMs: number },
  downFromMs: number,
): number => (after.sinceMs === before.sinceMs ? 1_000 : after.sinceMs - downFromMs + 25_000);

/** Tests that need containers: where none can run they are reported as skipped, with the reason, never as passed. */
export const describeOnRealNode = (title: string, declare: () => void): void => {
  const support = realNodeSupport();
  if (support.supported) describe(title, declare);
  else describe.skip(`${title} (no real node can run here: ${support.reason})`, declare);
};

/** As describeOnRealNode, for tests that need Services besides. */
export const describeWithServices = (title: string, declare: () => void): void => {
  const { providers = [] } = readEnvironment(process.env['GRIDLEASE_FEDERATION'] ?? '') ?? {};
  const reason = providers.flatMap(({ realNodes }) => realNodes)[0]?.noServices;
  if (typeof reason !== 'string') describeOnRealNode(title, declare);
  else describe.skip(`${title} (Services don't work on real nodes here: ${reason})`, declare);
};
