import type { GPUInventorySpec } from '@gridlease/crds/gpuinventory';
import {
  type NetworkPolicyCondition,
  type NetworkPolicyFacts,
  networkPolicyCondition,
} from './networkPolicy.ts';

/** One kind of GPU on one node, as the shared capacity plan counts it. */
export type InventoryNode = {
  readonly nodeName: string;
  readonly rawProduct: string;
  readonly product: string;
  readonly memoryMiB: number;
  readonly clique?: string;
  readonly migProfile?: string;
  readonly driver?: string;
  readonly capacity: number;
  readonly allocatable: number;
  readonly schedulable: boolean;
  readonly used: number;
  readonly leased: number;
  readonly free: number;
};

export type InventoryInput = {
  readonly nodes: readonly InventoryNode[];
  readonly unusable: readonly { name: string; gpus: number; message: string }[];
  /** Names and handlers of the cluster's RuntimeClasses. */
  readonly runtimeClasses: readonly { readonly name: string; readonly handler: string }[];
  /** For each node with GPUs, the image references that its kubelet reports. */
  readonly images: readonly (readonly string[])[];
  readonly networkPolicy: NetworkPolicyFacts;
};

/** Everything of the inventory but times: when it was observed, and since when a condition holds. */
export type InventoryFacts = Omit<GPUInventorySpec, 'observedTime' | 'conditions'> & {
  readonly networkPolicy: NetworkPolicyCondition;
};

const maxPools = 64;
const maxNodes = 256;
const maxImages = 256;
const maxUnlabelled = 64;
const longestSummary = 1024;

/** The capacity of the cluster as the hub sees it. Pure; equal facts give an equal result. */
export function decideInventory(input: InventoryInput): InventoryFacts {
  const pools = new Map<string, InventoryNode[]>();
  for (const node of input.nodes) {
    const { product, memoryMiB, clique = '', migProfile = '' } = node;
    const key = [product, memoryMiB, clique, migProfile].join('\n');
    pools.set(key, [...(pools.get(key) ?? []), node]);
  }
  const listed = [...pools]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, maxPools)
    .map(([, nodes]) => poolOf(nodes));
  return {
    pools: listed,
    summary: summaryOf(listed),
    isolationClasses: isolationClassesOf(input.runtimeClasses),
    cachedImages: cachedImagesOf(input.images),
    unlabelledNodes: [...input.unusable]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, maxUnlabelled),
    networkPolicy: networkPolicyCondition(input.networkPolicy),
  };
}

/** One line for people: kubectl shows only the first entry of a list. */
function summaryOf(pools: InventoryFacts['pools']): string {
  const products = Map.groupBy(pools, ({ product }) => product);
  const lines = [...products].map(([product, same]) => {
    const free = same.reduce((sum, pool) => sum + pool.free, 0);
    const healthy = same.reduce((sum, pool) => sum + pool.healthy, 0);
    return `${product} ${free}/${healthy}`;
  });
  const text = lines.join(', ');
  return text.length <= longestSummary ? text : `${text.slice(0, longestSummary - 1)}…`;
}

function poolOf(nodes: readonly InventoryNode[]): InventoryFacts['pools'][number] {
  const first = nodes[0]!;
  const sum = (value: (node: InventoryNode) => number) =>
    nodes.reduce((total, node) => total + value(node), 0);
  // During a driver upgrade nodes differ; the oldest is what a job must be able to live with.
  const drivers = nodes.flatMap((node) => (node.driver === undefined ? [] : [node.driver]));
  const driver = drivers.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))[0];
  return {
    product: first.product,
    rawProducts: [...new Set(nodes.map((node) => node.rawProduct))].sort(),
    memoryMiB: first.memoryMiB,
    ...(first.clique === undefined ? {} : { clique: first.clique }),
    ...(first.migProfile === undefined ? {} : { migProfile: first.migProfile }),
    ...(driver === undefined ? {} : { driver }),
    capacity: sum((node) => node.capacity),
    healthy: sum((node) => (node.schedulable ? node.allocatable : 0)),
    used: sum((node) => node.used),
    leased: sum((node) => node.leased),
    free: sum((node) => node.free),
    nodeFree: nodes
      .map((node) => node.free)
      .filter((free) => free > 0)
      .sort((a, b) => b - a)
      .slice(0, maxNodes),
  };
}

/** runc is always there; the others only where a RuntimeClass runs a handler known to isolate. */
function isolationClassesOf(
  classes: InventoryInput['runtimeClasses'],
): InventoryFacts['isolationClasses'] {
  const handlers = classes.map((runtimeClass) => runtimeClass.handler);
  return [
    'runc' as const,
    ...(handlers.includes('runsc') ? ['gvisor' as const] : []),
    ...(handlers.some((handler) => handler.startsWith('kata')) ? ['kata' as const] : []),
  ];
}

/** Cached images with their digest, those on most nodes first. A tag says nothing about content. */
function cachedImagesOf(images: InventoryInput['images']): readonly string[] {
  const nodesWith = new Map<string, number>();
  for (const references of images) {
    const digests = references.filter((name) => /@sha256:[0-9a-f]{64}$/.test(name));
    for (const digest of new Set(digests)) nodesWith.set(digest, (nodesWith.get(digest) ?? 0) + 1);
  }
  return [...nodesWith]
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, maxImages)
    .map(([digest]) => digest);
}
