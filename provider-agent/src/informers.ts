import type { ChainTransaction } from '@gridlease/crds/chaintransaction';
import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { LeaseWorkload } from '@gridlease/crds/leaseworkload';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import * as resources from '@gridlease/crds/resources';
import * as builtins from '@gridlease/kube/builtins';
import type { Cluster } from '@gridlease/kube/cluster';
import { Informer } from '@gridlease/kube/informer';
import type { InformerOptions } from '@gridlease/kube/informerOptions';
import type { Logger } from '@gridlease/kube/log';
import type { KubeObject } from '@gridlease/kube/object';
import type { Deployment, Job, Node, Pod, RuntimeClass } from './clusterObjects.ts';
import { leaseUidIndex } from './clusterView.ts';
import { meterIndexes } from './meter/deps.ts';
import { isExporter } from './meter/exporterPods.ts';

export type AgentInformers = ReturnType<typeof createInformers>;

/** Every watch of the agent: each kind once, shared by all stages. */
export function createInformers(options: {
  readonly hub: Cluster;
  readonly hubNamespace: string;
  readonly cluster: Cluster;
  readonly recordNamespace: string;
  readonly log: Logger;
}) {
  const { log } = options;
  const atHub = <T extends KubeObject>(definition: InformerOptions<T>['definition']) =>
    new Informer<T>({ cluster: options.hub, namespace: options.hubNamespace, definition, log });
  const own = <T extends KubeObject>(rest: Omit<InformerOptions<T>, 'cluster' | 'log'>) =>
    new Informer<T>({ cluster: options.cluster, log, ...rest });
  const ofLeases = { labelSelector: LABEL_LEASE_UID, indexes: leaseUidIndex };

  const hub = {
    leases: atHub<GPULease>(resources.gpuLeases),
    workloads: atHub<LeaseWorkload>(resources.leaseWorkloads),
    channels: atHub<PaymentChannel>(resources.paymentChannels),
    offers: atHub<GPUOffer>(resources.gpuOffers),
    inventories: atHub<GPUInventory>(resources.gpuInventories),
  };
  const cluster = {
    nodes: own<Node>({ definition: builtins.nodes }),
    /** Everybody's pods that may hold GPUs; kept without what nobody here reads. */
    pods: own<Pod>({
      definition: builtins.pods,
      fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
      transform: slimPod,
    }),
    leasePods: own<Pod>({ definition: builtins.pods, ...ofLeases }),
    jobs: own<Job>({ definition: builtins.jobs, ...ofLeases }),
    deployments: own<Deployment>({ definition: builtins.deployments, ...ofLeases }),
    runtimeClasses: own<RuntimeClass>({ definition: builtins.runtimeClasses }),
    transactions: own<ChainTransaction>({
      definition: resources.chainTransactions,
      namespace: options.recordNamespace,
    }),
    records: own<LeaseRecord>({
      definition: resources.leaseRecords,
      namespace: options.recordNamespace,
      indexes: meterIndexes.leaseRecords,
    }),
  };
  return { hub, cluster };
}

function slimPod(pod: Pod): Pod {
  const { name, namespace, uid, resourceVersion, labels } = pod.metadata;
  const slim = (containers: NonNullable<Pod['spec']>['containers']) =>
    containers?.map(({ name: container, resources: wanted, restartPolicy }) => ({
      name: container,
      ...(wanted === undefined ? {} : { resources: wanted }),
      ...(restartPolicy === undefined ? {} : { restartPolicy }),
    }));
  const { nodeName, containers, initContainers } = pod.spec ?? {};
  return {
    apiVersion: pod.apiVersion,
    kind: pod.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(labels === undefined ? {} : { labels }),
    },
    spec: {
      ...(nodeName === undefined ? {} : { nodeName }),
      containers: slim(containers) ?? [],
      initContainers: slim(initContainers) ?? [],
    },
    status: {
      ...(pod.status?.phase === undefined ? {} : { phase: pod.status.phase }),
      ...(isExporter(pod) && pod.status?.podIP !== undefined ? { podIP: pod.status.podIP } : {}),
    },
  };
}
