import type { ChainTransaction } from '@gridlease/crds/chaintransaction';
import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import type { LeaseWorkload } from '@gridlease/crds/leaseworkload';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import * as kinds from '@gridlease/crds/resources';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import * as builtins from '@gridlease/kube/builtins';
import type { Cluster } from '@gridlease/kube/cluster';
import { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import type { KubeObject } from '@gridlease/kube/object';
import { resourceClient } from '@gridlease/kube/resources';
import type { RoleBinding } from './federation/objects.ts';
import type { HeartbeatLease } from './heartbeats.ts';
import type { Secret } from './keyring.ts';

/** One client per kind that the operator writes or reads by name. */
export function operatorClients(hub: Cluster) {
  return {
    jobs: resourceClient<GPUJob>(hub, kinds.gpuJobs),
    leases: resourceClient<GPULease>(hub, kinds.gpuLeases),
    workloads: resourceClient<LeaseWorkload>(hub, kinds.leaseWorkloads),
    records: resourceClient<PlacementRecord>(hub, kinds.placementRecords),
    channels: resourceClient<PaymentChannel>(hub, kinds.paymentChannels),
    accounts: resourceClient<PaymentAccount>(hub, kinds.paymentAccounts),
    chains: resourceClient<SettlementChain>(hub, kinds.settlementChains),
    providers: resourceClient<GPUProvider>(hub, kinds.gpuProviders),
    namespaces: resourceClient<KubeObject>(hub, builtins.namespaces),
    serviceAccounts: resourceClient<KubeObject>(hub, builtins.serviceAccounts),
    transactions: resourceClient<ChainTransaction>(hub, kinds.chainTransactions),
    roleBindings: resourceClient<RoleBinding>(hub, builtins.roleBindings),
    secrets: resourceClient<Secret>(hub, builtins.secrets),
    heartbeats: resourceClient<HeartbeatLease>(hub, builtins.leases),
  };
}

type JobReferring = {
  readonly spec: {
    readonly jobRef: { readonly namespace: string; readonly name: string; readonly uid: string };
    readonly accountRef: { readonly uid: string };
  };
};

/** How the stages look things up; the names are part of their dependencies. */
export const informerIndexes = {
  jobs: {
    account: ({ metadata, spec }: GPUJob) => [`${metadata.namespace}/${spec.budget.accountName}`],
  },
  channels: { accountUid: ({ spec }: PaymentChannel) => [spec.accountRef.uid] },
};

export const byJob = {
  jobUid: ({ spec }: JobReferring) => [spec.jobRef.uid],
  job: ({ spec }: JobReferring) => [`${spec.jobRef.namespace}/${spec.jobRef.name}`],
  accountUid: ({ spec }: JobReferring) => [spec.accountRef.uid],
};

/** What lost is for people to read: it is in the record, not in the cache of every record. */
const withoutLosers = (record: PlacementRecord): PlacementRecord => ({
  ...record,
  spec: { ...record.spec, losers: [] },
});

/** One informer per kind, shared by the stages; `namespace` is the operator's own. */
export function operatorInformers(hub: Cluster, namespace: string, log: Logger) {
  const common = { cluster: hub, log };
  return {
    jobs: new Informer<GPUJob>({
      ...common,
      definition: kinds.gpuJobs,
      indexes: informerIndexes.jobs,
    }),
    leases: new Informer<GPULease>({ ...common, definition: kinds.gpuLeases, indexes: byJob }),
    records: new Informer<PlacementRecord>({
      ...common,
      definition: kinds.placementRecords,
      indexes: byJob,
      transform: withoutLosers,
    }),
    channels: new Informer<PaymentChannel>({
      ...common,
      definition: kinds.paymentChannels,
      indexes: informerIndexes.channels,
    }),
    accounts: new Informer<PaymentAccount>({ ...common, definition: kinds.paymentAccounts }),
    chains: new Informer<SettlementChain>({ ...common, definition: kinds.settlementChains }),
    providers: new Informer<GPUProvider>({ ...common, definition: kinds.gpuProviders }),
    offers: new Informer<GPUOffer>({ ...common, definition: kinds.gpuOffers }),
    inventories: new Informer<GPUInventory>({ ...common, definition: kinds.gpuInventories }),
    heartbeats: new Informer<HeartbeatLease>({
      ...common,
      definition: builtins.leases,
      fieldSelector: 'metadata.name=agent',
    }),
    roleBindings: new Informer<RoleBinding>({
      ...common,
      definition: builtins.roleBindings,
      labelSelector: 'gridlease.dev/managed-by=gridlease-operator',
    }),
    /** The operator's own transactions. */
    transactions: new Informer<ChainTransaction>({
      ...common,
      definition: kinds.chainTransactions,
      namespace,
    }),
    keys: new Informer<Secret>({
      ...common,
      definition: builtins.secrets,
      namespace,
      labelSelector: 'gridlease.dev/managed-by=gridlease-operator',
    }),
  };
}
