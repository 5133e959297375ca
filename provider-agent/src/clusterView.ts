import { count } from '@gridlease/crds/indexes';
import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { Informer } from '@gridlease/kube/informer';
import {
  type Capacity,
  freeGPUs,
  planCapacity,
  type Reservation,
  tasksThatFit,
} from './capacity.ts';
import type { Job, Node, Pod, RuntimeClass } from './clusterObjects.ts';
import { gpusOfNode, type NodeSettings } from './gpuNodes.ts';
import { gpuHoldsOf } from './gpuPods.ts';
import { exporterPagesOf } from './meter/exporterPods.ts';
import { builtInEnforcer, enforcerOf } from './networkEnforcers.ts';

export type ClusterInformers = {
  readonly nodes: Informer<Node>;
  /** Pods of all namespaces that have not ended. */
  readonly pods: Informer<Pod>;
  /** Jobs with a lease label; index `leaseUid`. */
  readonly jobs: Informer<Job>;
  readonly runtimeClasses: Informer<RuntimeClass>;
  readonly records: Informer<LeaseRecord>;
};

/** What the stages know of the provider's own cluster, computed once for all of them. */
export type ClusterView = ReturnType<typeof createClusterView>;

const controlPlaneTaints = [
  'node-role.kubernetes.io/control-plane',
  'node-role.kubernetes.io/master',
] as const;

/** A view that is as new as the caches it is made from; undefined parts mean "not listed yet". */
export function createClusterView(
  informers: ClusterInformers,
  hub: string,
  settings: NodeSettings = { products: [], toleratedTaints: [] },
) {
  const { nodes, pods, jobs, runtimeClasses, records } = informers;
  const listeners = new Set<() => void>();
  let cached: Capacity | undefined;
  const changed = (): void => {
    cached = undefined;
    for (const listener of listeners) listener();
  };
  const toleratedTaints = (): readonly string[] =>
    // Where there is no other node, the control plane's is the one that tenants are meant to have.
    nodes.list().length === 1
      ? [...new Set([...settings.toleratedTaints, ...controlPlaneTaints])]
      : settings.toleratedTaints;
  const settingsNow = (): NodeSettings => ({ ...settings, toleratedTaints: toleratedTaints() });
  const gpusOn = (node: Node, now = settingsNow()) => gpusOfNode(node, now);
  const withGPUs = (all: readonly Node[]): readonly Node[] => {
    const now = settingsNow();
    return all.filter((node) => gpusOn(node, now).groups.length > 0);
  };
  // A heartbeat of a node changes nothing here, and there is one every few seconds for each.
  const nodeKey = (node: Node) =>
    JSON.stringify([
      gpusOn(node),
      node.status?.images?.length,
      builtInEnforcer(node, nodes.list()),
    ]);
  nodes.onChange((node, old, { type }) => {
    if (type !== 'updated' || old === undefined || nodeKey(node) !== nodeKey(old)) changed();
  });
  pods.onChange((pod, old, { type }) => {
    const holds = (object: Pod) =>
      JSON.stringify([gpuHoldsOf(object, hub), enforcerOf(object), object.spec?.nodeName]);
    if (type !== 'updated' || old === undefined || holds(pod) !== holds(old)) changed();
  });
  jobs.onChange((job, old) => {
    if (old === undefined || hasEnded(job) !== hasEnded(old)) changed();
  });
  runtimeClasses.onChange(changed);
  records.onChange((record, old, { type }) => {
    if (type !== 'updated' || record.spec.state !== old?.spec.state) changed();
  });

  const isFilled = (): boolean =>
    [nodes, pods, jobs, runtimeClasses, records].every((informer) => informer.hasSynced);

  const reservations = (): readonly Reservation[] =>
    records
      .list()
      .filter(({ spec }) => spec.state !== 'Ended')
      .map(({ spec }) => {
        const ended = jobs.byIndex('leaseUid', spec.leaseRef.uid).filter(hasEnded).length;
        const left = Math.max(0, count(spec.tasks.indexes) - ended);
        return {
          leaseUid: spec.leaseRef.uid,
          product: spec.product,
          gpusPerTask: spec.tasks.gpusPerTask,
          tasks: Math.min(spec.tasks.parallelism, left),
        };
      });

  const capacity = (): Capacity | undefined => {
    if (!isFilled()) return undefined;
    if (cached === undefined) {
      const now = settingsNow();
      const groups = nodes.list().map((node) => gpusOn(node, now));
      cached = planCapacity({
        nodes: groups.flatMap((group) => group.groups),
        unusable: groups.flatMap((group) => group.unusable ?? []),
        holds: pods.list().flatMap((pod) => gpuHoldsOf(pod, hub)),
        reservations: reservations(),
      });
    }
    return cached;
  };

  return {
    capacity,
    onChange: (listener: () => void): (() => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** For when the last list has arrived: an empty one brings no change that would tell. */
    refresh: changed,

    /** Room for a lease beside everything promised so far. */
    room(wish: { readonly product: string; readonly gpusPerTask: number; readonly tasks: number }) {
      const now = capacity();
      return now === undefined
        ? undefined
        : {
            tasksThatFit: tasksThatFit(now, wish),
            freeGPUs: freeGPUs(now, wish.product),
            allocatable: now.nodes
              .filter(({ product, schedulable }) => product === wish.product && schedulable)
              .map(({ nodeName }) => nodes.get(nodeName)?.status?.allocatable ?? {}),
          };
    },

    products: (): readonly string[] | undefined =>
      capacity() && [...new Set(capacity()!.nodes.map((node) => node.product))].sort(),

    /** The resource and labels behind a product; of two ways to have it, the one with more GPUs. */
    selection(product: string) {
      const own = (capacity()?.nodes ?? []).filter((node) => node.product === product);
      const largest = own.toSorted((a, b) => b.capacity - a.capacity)[0];
      if (largest === undefined) return undefined;
      const same = own.filter((node) => node.resourceName === largest.resourceName);
      return {
        resourceName: largest.resourceName,
        productLabel: largest.productLabel,
        rawProducts: [
          ...new Set(same.filter((node) => !node.isStated).map((node) => node.rawProduct)),
        ].sort(),
        statedNodes: same
          .filter((node) => node.isStated)
          .map(({ nodeName, memoryMiB }) => ({ nodeName, memoryMiB })),
        toleratedTaints: toleratedTaints(),
      };
    },

    /** Normalised product of a resource on a node; undefined when neither label nor configuration says. */
    productOn(nodeName: string, resourceName: string): string | undefined {
      const node = nodes.get(nodeName);
      return (
        node && gpusOn(node).groups.find((group) => group.resourceName === resourceName)?.product
      );
    },

    /** Pages of the DCGM exporters that run as pods in these namespaces. */
    exporterPages: (namespaces: readonly string[]) =>
      pods.list().flatMap((pod) => exporterPagesOf(pod, namespaces)),

    /** GPUs of the cluster by resource name. */
    gpus(): Readonly<Record<string, number>> {
      const sums: Record<string, number> = {};
      for (const node of capacity()?.nodes ?? []) {
        sums[node.resourceName] = (sums[node.resourceName] ?? 0) + node.capacity;
      }
      return sums;
    },

    runtimeClasses: () =>
      runtimeClasses.list().map(({ metadata, handler = '' }) => ({ name: metadata.name, handler })),

    /** Image references on nodes with GPUs. */
    images: () =>
      withGPUs(nodes.list()).map((node) =>
        (node.status?.images ?? []).flatMap((image) => image.names ?? []),
      ),

    /** Whether a node reports; undefined while the nodes are not listed. */
    nodeState(name: string): 'Ready' | 'NotReady' | 'Gone' | undefined {
      if (!nodes.hasSynced) return undefined;
      const node = nodes.get(name);
      if (node === undefined) return 'Gone';
      const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
      return ready?.status === 'True' ? 'Ready' : 'NotReady';
    },

    /** Nodes with GPUs, and what keeps NetworkPolicies there. */
    networkEnforcers: () => {
      const all = nodes.list();
      const byNode = new Map(
        pods.list().flatMap((pod) => {
          const enforcer = enforcerOf(pod);
          return enforcer === undefined ? [] : [[pod.spec?.nodeName, enforcer] as const];
        }),
      );
      return withGPUs(all).map((node) => ({
        name: node.metadata.name,
        enforcer: byNode.get(node.metadata.name) ?? builtInEnforcer(node, all),
      }));
    },

    /** Whether a node has a kubelet that can be asked; one that isn't known may have. */
    servesLogs: (name: string): boolean =>
      nodes.get(name)?.status?.daemonEndpoints?.kubeletEndpoint?.Port !== 0,

    nodeAddresses: (): readonly string[] =>
      nodes
        .list()
        .flatMap((node) => node.status?.addresses ?? [])
        .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
        .map(({ address }) => address),
  };
}

/** The index by which Jobs and pods of one lease are found. */
export const leaseUidIndex = {
  leaseUid: (object: {
    readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  }) => {
    const uid = object.metadata.labels?.[LABEL_LEASE_UID];
    return uid === undefined ? [] : [uid];
  },
};

function hasEnded(job: Job): boolean {
  return (
    job.status?.conditions?.some(
      ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
    ) ?? false
  );
}
