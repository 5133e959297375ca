import { LABEL_HUB, LABEL_LEASE_UID, LABEL_MANAGED_BY } from '@gridlease/crds/labels';
import type { ContainerSpec, Pod } from './clusterObjects.ts';

/** Value of the managed-by label on everything this agent makes in its own cluster. */
export const MANAGED_BY = 'gridlease-provider-agent';

/** The hub's identity as a label value: 16 hexadecimal digits tell hubs apart and fit a label. */
export function hubLabel(hub: string): string {
  return hub.slice(2, 18);
}

/** GPUs that one pod holds on one node. */
export type GPUHold = {
  readonly nodeName: string;
  readonly resourceName: string;
  readonly gpus: number;
  /** The lease of this hub that the pod belongs to; absent for everybody else's pods. */
  readonly leaseUid?: string;
};

/**
 * What a pod holds. Nothing before it is bound to a node, and nothing once it has succeeded or failed;
 * a pod that is being deleted holds its GPUs until its containers are gone.
 */
export function gpuHoldsOf(pod: Pod, hub: string): readonly GPUHold[] {
  const nodeName = pod.spec?.nodeName;
  const phase = pod.status?.phase;
  if (nodeName === undefined || nodeName === '' || phase === 'Succeeded' || phase === 'Failed') {
    return [];
  }
  const labels = pod.metadata.labels ?? {};
  const own = labels[LABEL_MANAGED_BY] === MANAGED_BY && labels[LABEL_HUB] === hubLabel(hub);
  const leaseUid = own ? labels[LABEL_LEASE_UID] : undefined;
  return [...gpuRequests(pod)].map(([resourceName, gpus]) => ({
    nodeName,
    resourceName,
    gpus,
    ...(leaseUid === undefined ? {} : { leaseUid }),
  }));
}

/**
 * The effective request of a pod: containers and restartable init containers together, or the largest
 * init container if that is more. For extended resources limits equal requests.
 */
function gpuRequests(pod: Pod): Map<string, number> {
  const init = pod.spec?.initContainers ?? [];
  const together = [...(pod.spec?.containers ?? []), ...init.filter(isSidecar)];
  const total = new Map<string, number>();
  for (const container of together) {
    for (const [name, gpus] of gpuLimits(container)) total.set(name, (total.get(name) ?? 0) + gpus);
  }
  for (const container of init.filter((candidate) => !isSidecar(candidate))) {
    for (const [name, gpus] of gpuLimits(container)) {
      total.set(name, Math.max(total.get(name) ?? 0, gpus));
    }
  }
  return total;
}

function isSidecar(container: ContainerSpec): boolean {
  return container.restartPolicy === 'Always';
}

function gpuLimits(container: ContainerSpec): readonly (readonly [string, number])[] {
  return Object.entries(container.resources?.limits ?? {})
    .filter(([name]) => name.startsWith('nvidia.com/'))
    .map(([name, text]) => [name, Number(text)] as const)
    .filter(([, gpus]) => Number.isSafeInteger(gpus) && gpus > 0);
}
