import { normaliseProduct, productMatches } from '@gridlease/crds/product';
import type { ExporterDevice, ExporterView } from './exporterPage.ts';
import { type Problem, unverifiedDevice } from './segment.ts';

/** What of a container's status says which devices it has. */
export type AllocatedResources = readonly {
  readonly name: string;
  readonly resources?: readonly { readonly resourceID: string; readonly health?: string }[];
}[];

export type AssignmentInput = {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly nodeName: string;
  /** GPUs that the container asked for. */
  readonly gpus: number;
  /** `status.containerStatuses[].allocatedResourcesStatus`, where the kubelet serves it. */
  readonly allocated: AllocatedResources | undefined;
  /** What NVIDIA's exporter says; undefined where none is asked. */
  readonly exporter: ExporterView | undefined;
  /** Normalised product that the lease pays for; undefined where nothing is compared. */
  readonly askedProduct: string | undefined;
  /** Normalised product by the node's label or the agent's configuration; undefined when neither says. */
  readonly nodeProduct: string | undefined;
};

/** Which devices a container has, and which of them are not billed now. Frozen data. */
export type Assignment = {
  readonly devices: readonly string[];
  readonly isVerified: boolean;
  readonly unbilled: readonly string[];
  readonly problem: Problem | undefined;
};

/**
 * The kubelet's word first, then the exporter's; where neither names a device the container's shares
 * stand for them, and that is said. A device of another product than the one paid for is not billed,
 * nor is one that is said to be unhealthy. Unknown to both is not unhealthy.
 */
export function assignmentOf(input: AssignmentInput): Assignment {
  const known = byKubelet(input) ?? byExporter(input);
  const isVerified = known !== undefined;
  const devices = known ?? sharesOf(input);
  const wrong = devices.filter(({ product }) => !isAsked(input.askedProduct, product));
  if (wrong.length > 0) {
    const { id, product } = wrong[0]!;
    const which = isVerified ? `${id} on ${input.nodeName}` : `node ${input.nodeName}`;
    const message = `${which} is ${product}, the lease pays for ${input.askedProduct}: not billed`;
    return result(devices, isVerified, wrong, { reason: 'AssignmentMismatch', message });
  }
  const sick = devices.filter(({ isUnhealthy }) => isUnhealthy);
  if (sick.length > 0) {
    const ids = sick.map(({ id }) => id).join(', ');
    const count = `${sick.length} of ${devices.length} GPUs`;
    const message = `${count} of pod ${input.pod} on ${input.nodeName} unhealthy, not billed: ${ids}`;
    return result(devices, isVerified, sick, { reason: 'DeviceUnhealthy', message });
  }
  if (isVerified) return result(devices, true, [], undefined);
  const message = `neither the kubelet of ${input.nodeName} nor an exporter says which GPUs pod ${input.pod} has`;
  return result(devices, false, [], { reason: 'AssignmentUnverified', message });
}

/** Whether a resource name stands for GPUs or slices of them. */
export function isGpu(resource: string): boolean {
  return resource === 'nvidia.com/gpu' || resource.startsWith('nvidia.com/mig-');
}

type Device = {
  readonly id: string;
  readonly product: string | undefined;
  readonly isUnhealthy: boolean;
};

function byKubelet(input: AssignmentInput): readonly Device[] | undefined {
  const named = (input.allocated ?? [])
    .filter(({ name }) => isGpu(name))
    .flatMap(({ resources }) => resources ?? []);
  if (named.length === 0) return undefined;
  const health = new Map(named.map((one) => [one.resourceID, one.health]));
  return [...health]
    .map(([resourceID, said]) => {
      const seen = input.exporter?.device(resourceID);
      return {
        id: deviceId(resourceID, input.nodeName),
        product: productOf(seen, input),
        // Where the plugin says nothing of a device's health, what the driver saw of it is all there is.
        isUnhealthy: said !== 'Healthy' && (said === 'Unhealthy' || seen?.isUnhealthy === true),
      };
    })
    .sort(byId)
    .slice(0, input.gpus);
}

function byExporter(input: AssignmentInput): readonly Device[] | undefined {
  const held = input.exporter?.heldBy(input.namespace, input.pod, input.container) ?? [];
  if (held.length === 0) return undefined;
  return held
    .map((seen) => ({
      id: deviceId(seen.id, input.nodeName),
      product: productOf(seen, input),
      isUnhealthy: seen.isUnhealthy,
    }))
    .sort(byId)
    .slice(0, input.gpus);
}

/** The shares that stand for devices which nobody names. */
function sharesOf({ gpus, nodeProduct }: AssignmentInput): readonly Device[] {
  return Array.from({ length: gpus }, (_, ordinal) => ({
    id: unverifiedDevice(ordinal),
    product: nodeProduct,
    isUnhealthy: false,
  }));
}

function byId(a: Device, b: Device): number {
  return a.id < b.id ? -1 : 1;
}

/** The chip's own name before the node's label, which anybody who administers the cluster may write. */
function productOf(seen: ExporterDevice | undefined, input: AssignmentInput): string | undefined {
  return seen?.model === undefined ? input.nodeProduct : normaliseProduct(seen.model);
}

/** A plugin may number its devices instead of naming them: then only the node makes them one of a kind. */
function deviceId(id: string, nodeName: string): string {
  const isUnique = /^(GPU|MIG)-/.test(id);
  return (isUnique ? id : `${nodeName}/${id}`).replaceAll(/[^\w./:-]/g, '_').slice(0, 96);
}

/** Not known is not another one. Of a MIG slice the exporter names the card that it is cut from. */
function isAsked(asked: string | undefined, found: string | undefined): boolean {
  if (asked === undefined || found === undefined) return true;
  const card = asked.replace(/-(MIG-.*|SHARED)$/i, '');
  return productMatches(asked, found) || productMatches(card, found);
}

function result(
  devices: readonly Device[],
  isVerified: boolean,
  unbilled: readonly Device[],
  problem: Problem | undefined,
): Assignment {
  return {
    devices: devices.map(({ id }) => id),
    isVerified,
    unbilled: unbilled.map(({ id }) => id),
    problem,
  };
}
