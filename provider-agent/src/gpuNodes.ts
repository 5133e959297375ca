import { normaliseProduct } from '@gridlease/crds/product';
import type { Node } from './clusterObjects.ts';

/** One kind of GPU on one node: what a task asks for is one resource name there. */
export type GPUNode = {
  readonly nodeName: string;
  /** What a container limits: `nvidia.com/gpu`, or `nvidia.com/mig-<profile>` with mixed MIG. */
  readonly resourceName: string;
  /** The label whose value is `rawProduct`; a required node affinity names it. */
  readonly productLabel: string;
  /** As GPU Feature Discovery wrote it, or the agent's configuration; differs between driver versions. */
  readonly rawProduct: string;
  /** The node has no product label; the agent's configuration says what it has. */
  readonly isStated?: true;
  /** The name that offers and jobs use. */
  readonly product: string;
  /** Memory of one GPU; 0 when the node doesn't say. */
  readonly memoryMiB: number;
  /** NVLink domain: `<cluster>.<clique>`. */
  readonly clique?: string;
  readonly migProfile?: string;
  readonly driver?: string;
  readonly capacity: number;
  /** Healthy GPUs: the device plugin takes an unhealthy one out of allocatable. */
  readonly allocatable: number;
  /** Ready, not cordoned, and without a taint that keeps tenants off. */
  readonly schedulable: boolean;
  /** Somebody keeps tenants off it on purpose: cordoned, or a taint that is not Kubernetes' own. */
  readonly isSetAside?: true;
};

/** A node with GPUs that can't be offered, and what to do about it. */
export type UnusableNode = {
  readonly name: string;
  readonly gpus: number;
  readonly message: string;
};

/** What the agent's configuration says about nodes. */
export type NodeSettings = {
  readonly products: readonly {
    readonly nodeName?: string | undefined;
    readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
    readonly product: string;
    /** 0 when it isn't stated. */
    readonly memoryMiB: number;
  }[];
  /** Keys of taints that tenants' pods tolerate, beside the customary one of GPU nodes. */
  readonly toleratedTaints: readonly string[];
};

const noSettings: NodeSettings = { products: [], toleratedTaints: [] };

const gpu = 'nvidia.com/gpu';
const migResource = /^nvidia\.com\/mig-(.+)$/;
const migProduct = /-MIG-([0-9]+g\.[0-9]+gb[a-z.+]*)$/;

/** The GPUs of one node by resource, and the reason for those that no tenant can get. */
export function gpusOfNode(
  node: Node,
  settings: NodeSettings = noSettings,
): {
  readonly groups: readonly GPUNode[];
  readonly unusable?: UnusableNode;
} {
  const labels = node.metadata.labels ?? {};
  const groups: GPUNode[] = [];
  const problems: { gpus: number; message: string }[] = [];
  for (const [resourceName, text] of Object.entries(node.status?.capacity ?? {}).sort()) {
    const profile = migResource.exec(resourceName)?.[1];
    const shared = resourceName === `${gpu}.shared`;
    if (resourceName !== gpu && profile === undefined && !shared) continue;
    const capacity = wholeNumber(text);
    if (capacity === 0) continue;
    const prefix = profile === undefined ? gpu : resourceName;
    const productLabel = `${prefix}.product`;
    const labelled = labels[productLabel] === '' ? undefined : labels[productLabel];
    const stated =
      labelled === undefined && resourceName === gpu ? statedFor(node, settings) : undefined;
    const rawProduct = labelled ?? stated?.product;
    const sharing = labels[`${prefix}.sharing-strategy`] ?? 'none';
    if (shared || sharing !== 'none' || rawProduct?.endsWith('-SHARED') === true) {
      problems.push({ gpus: capacity, message: sharedMessage(node.metadata.name, sharing) });
    } else if (rawProduct === undefined) {
      problems.push({
        gpus: capacity,
        message: unlabelledMessage(node.metadata.name, productLabel),
      });
    } else {
      const migProfile = profile ?? migProduct.exec(rawProduct)?.[1];
      const clique = labels[`${gpu}.clique`];
      const driver = driverOf(labels);
      groups.push({
        nodeName: node.metadata.name,
        resourceName,
        productLabel,
        rawProduct,
        ...(stated === undefined ? {} : { isStated: true as const }),
        product: normaliseProduct(rawProduct),
        memoryMiB: stated?.memoryMiB ?? wholeNumber(labels[`${prefix}.memory`]),
        ...(clique === undefined || clique === '' ? {} : { clique }),
        ...(migProfile === undefined ? {} : { migProfile }),
        ...(driver === undefined ? {} : { driver }),
        capacity,
        allocatable: Math.min(capacity, wholeNumber(node.status?.allocatable?.[resourceName])),
        schedulable: isSchedulable(node, settings.toleratedTaints),
        ...(isSetAside(node, settings.toleratedTaints) ? { isSetAside: true as const } : {}),
      });
    }
  }
  const first = problems[0];
  if (first === undefined) return { groups };
  const gpus = problems.reduce((sum, problem) => sum + problem.gpus, 0);
  return { groups, unusable: { name: node.metadata.name, gpus, message: first.message } };
}

function statedFor(
  node: Node,
  { products }: NodeSettings,
): NodeSettings['products'][number] | undefined {
  const labels = node.metadata.labels ?? {};
  return products.find(({ nodeName, nodeSelector }) =>
    nodeSelector === undefined
      ? nodeName === node.metadata.name
      : Object.entries(nodeSelector).every(([key, value]) => labels[key] === value),
  );
}

function isSchedulable(node: Node, tolerated: readonly string[]): boolean {
  const ready = node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True');
  const isRepelled = repellingTaints(node, tolerated).length > 0;
  return ready === true && node.spec?.unschedulable !== true && !isRepelled;
}

/** The rendered pods tolerate the customary taint of GPU nodes, what is configured, and no other. */
function repellingTaints(node: Node, tolerated: readonly string[]): readonly string[] {
  return (node.spec?.taints ?? [])
    .filter(
      ({ effect, key }) => effect !== 'PreferNoSchedule' && key !== gpu && !tolerated.includes(key),
    )
    .map(({ key }) => key);
}

/** Kubernetes taints nodes that are not ready, or short of memory: that is no purpose of anybody's. */
function isSetAside(node: Node, tolerated: readonly string[]): boolean {
  return (
    node.spec?.unschedulable === true ||
    repellingTaints(node, tolerated).some((key) => !/^node(\.\w+)*\.kubernetes\.io\//.test(key))
  );
}

function driverOf(labels: Readonly<Record<string, string>>): string | undefined {
  const full = labels['nvidia.com/cuda.driver-version.full'];
  if (full !== undefined && full !== '') return full;
  const parts = ['major', 'minor', 'rev'].map((part) => labels[`nvidia.com/cuda.driver.${part}`]);
  const known = parts.filter((part) => part !== undefined && part !== '');
  return known.length === 0 ? undefined : known.join('.');
}

function wholeNumber(text: string | undefined): number {
  const value = Number(text ?? '0');
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function unlabelledMessage(node: string, label: string): string {
  return (
    `GPUs without the label ${label} can't be offered: install GPU Feature Discovery, ` +
    `run kubectl label node ${node} ${label}=<product>, ` +
    `or name the node in inventory.products of the agent's configuration`
  );
}

function sharedMessage(node: string, strategy: string): string {
  return (
    `GPUs shared by ${strategy === 'none' ? 'replicas' : strategy} have no memory isolation between ` +
    `tenants and are not offered: turn sharing off on ${node}, or partition it with MIG`
  );
}
