import { parseTokenAmount } from '@gridlease/contracts/amount';
import type { EscrowDomain } from '@gridlease/contracts/domain';
import type { TransactionStore } from '@gridlease/contracts/transaction';
import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import * as resources from '@gridlease/crds/resources';
import * as builtins from '@gridlease/kube/builtins';
import type { Clock } from '@gridlease/kube/clock';
import type { Cluster } from '@gridlease/kube/cluster';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import { resourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import type { Hex, LocalAccount } from 'viem';
import { createAcceptStage } from './accept/reconcile.ts';
import type { ChainClient } from './chain.ts';
import type { ChannelRecords } from './channelRecords.ts';
import type { ClusterView } from './clusterView.ts';
import { hubLabel, MANAGED_BY } from './gpuPods.ts';
import type { AgentInformers } from './informers.ts';
import { createInventoryStage } from './inventory/reconcile.ts';
import type { KnownConfig } from './knownChain.ts';
import type { MeterDeps, MeteredPod } from './meter/deps.ts';
import { createMeterStage, type MeterStage } from './meter/reconcile.ts';
import type { Ask } from './offer/asks.ts';
import { createOfferStage } from './offer/reconcile.ts';
import type { ChannelViews } from './redeem/channelView.ts';
import type { RedeemDeps } from './redeem/deps.ts';
import { createRedeemStage } from './redeem/reconcile.ts';
import { createRemoval } from './removal.ts';
import { allowedBlock, closedRanges } from './run/egress.ts';
import { createLogKeeper } from './run/logs.ts';
import type { TaskPod } from './run/objects.ts';
import { createRunStage } from './run/reconcile.ts';
import { runtimeClassFor } from './runtimeClass.ts';

/** Tests of the payer's defence only: what a dishonest agent would change before it is signed. */
export type Transforms = NonNullable<MeterDeps['transforms']> &
  NonNullable<RedeemDeps['transforms']>;

/** Everything that the stages share. */
export type StageContext = {
  readonly config: KnownConfig;
  readonly hub: Cluster;
  readonly cluster: Cluster;
  readonly hubId: Hex;
  readonly informers: AgentInformers;
  readonly view: ClusterView;
  readonly agent: LocalAccount;
  readonly gas: LocalAccount;
  readonly asks: readonly Ask[];
  readonly domain: EscrowDomain;
  readonly chain: ChainClient;
  readonly records: ChannelRecords;
  readonly transactions: TransactionStore;
  readonly channelViews: ChannelViews;
  /** Seconds from the request of a close to its effect, as the contract says. */
  readonly closeWindowSeconds: () => number;
  /** Whether the hub was heard recently enough to start pods of a lease with this fence. */
  readonly hubHeard: (fenceSeconds: number) => boolean;
  readonly transforms: Transforms | undefined;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly log: Logger;
};

/** The stages in the order of a lease's way. They know nothing of each other but what is injected here. */
export function createStages(context: StageContext) {
  const { config, hub, cluster, hubId, informers, view, agent, domain, records } = context;
  const { clock, registry, log, transforms, channelViews: views } = context;
  const shared = { clock, registry, log };
  const { token } = config.chain;
  const hubNamespace = config.hub.namespace;
  const recordNamespace = config.cluster.namespace;
  const leasesAtHub = resourceClient<GPULease>(hub, resources.gpuLeases);
  const leaseRecords = resourceClient<LeaseRecord>(cluster, resources.leaseRecords);
  const channels = resourceClient<PaymentChannel>(hub, resources.paymentChannels);
  // Asked for every task; nodes come and go seldom.
  let ranges: { readonly of: string; readonly closed: readonly string[] } | undefined;
  const closed = (): readonly string[] => {
    const all = [...config.closedRanges, ...view.nodeAddresses()];
    const of = all.join();
    if (ranges?.of !== of) ranges = { of, closed: closedRanges(all) };
    return ranges.closed;
  };

  const offer = createOfferStage({
    providerName: config.providerName,
    namespace: hubNamespace,
    hub: hubId,
    owner: config.owner,
    agent,
    grant: config.grant,
    domain,
    decimals: token.decimals,
    asks: context.asks,
    client: resourceClient<GPUOffer>(hub, resources.gpuOffers),
    informer: informers.hub.offers,
    products: view.products,
    onProductsChange: view.onChange,
    ...shared,
  });
  const inventory = createInventoryStage({
    providerName: config.providerName,
    namespace: hubNamespace,
    client: resourceClient<GPUInventory>(hub, resources.gpuInventories),
    informer: informers.hub.inventories,
    facts: () => {
      const capacity = view.capacity();
      return (
        capacity && {
          ...capacity,
          runtimeClasses: view.runtimeClasses(),
          images: view.images(),
          networkPolicy: { setting: config.networkPolicy, nodes: view.networkEnforcers() },
        }
      );
    },
    onFactsChange: view.onChange,
    minSeconds: config.inventoryMinSeconds,
    ...shared,
  });
  const accept = createAcceptStage({
    own: {
      providerName: config.providerName,
      owner: config.owner,
      hub: hubId,
      chainId: BigInt(config.chain.chainId),
      escrow: config.chain.escrow,
      token,
    },
    hubName: config.hub.name,
    agent,
    domain,
    hubNamespace,
    recordNamespace,
    clients: { leases: leasesAtHub, records: leaseRecords },
    informers: {
      leases: informers.hub.leases,
      workloads: informers.hub.workloads,
      records: informers.cluster.records,
    },
    offers: offer,
    capacity: view.room,
    canCopyOutputs: config.outputs !== undefined,
    isolationClasses: () =>
      (['runc', 'gvisor', 'kata'] as const).filter(
        (name) => name === 'runc' || runtimeClassFor(view.runtimeClasses(), name) !== undefined,
      ),
    closedDestinations: (document) =>
      document.allow
        .filter((rule) => allowedBlock(rule, closed()) === undefined)
        .map((rule) => `${rule.cidr}:${rule.port}`),
    channelView: views.view,
    hubEpochsOfChannels: () =>
      records
        .list()
        .filter(([, { hub: name }]) => name === config.hub.name)
        .map(([, { hubEpoch }]) => BigInt(hubEpoch)),
    stated: (name, leaseId) => {
      const row = records.get(name)?.rows.find((one) => one.leaseId === leaseId);
      return row === undefined ? 0n : BigInt(row.amount) - BigInt(row.credit);
    },
    isRetired: (name, generation) =>
      records.get(name)?.retiredGenerations.includes(generation) ?? false,
    stopSeconds: config.stopSeconds,
    fundDeadlineSeconds: config.fundDeadlineSeconds,
    ...shared,
  });
  // The meter needs the run stage to stop leases, the run stage the meter to know what they cost.
  let meter: MeterStage | undefined;
  const usageListeners: ((leaseUid: string) => void)[] = [];
  const run = createRunStage({
    providerName: config.providerName,
    hub: { id: hubId, label: hubLabel(hubId) },
    managedBy: MANAGED_BY,
    hubNamespace,
    recordNamespace,
    decimals: token.decimals,
    clients: {
      leases: leasesAtHub,
      records: leaseRecords,
      jobs: resourceClient(cluster, builtins.jobs),
      deployments: resourceClient(cluster, builtins.deployments),
      replicaSets: resourceClient(cluster, builtins.replicaSets),
      services: resourceClient(cluster, builtins.services),
      namespaces: resourceClient(cluster, builtins.namespaces),
      networkPolicies: resourceClient(cluster, builtins.networkPolicies),
      resourceQuotas: resourceClient(cluster, builtins.resourceQuotas),
      limitRanges: resourceClient(cluster, builtins.limitRanges),
      roleBindings: resourceClient(cluster, builtins.roleBindings),
      events: resourceClient(cluster, builtins.events),
    },
    informers: {
      leases: informers.hub.leases,
      records: informers.cluster.records,
      jobs: informers.cluster.jobs,
      deployments: informers.cluster.deployments,
      pods: informers.cluster.leasePods as unknown as Informer<TaskPod>,
    },
    remove: createRemoval({
      deployments: resourceClient(cluster, builtins.deployments),
      replicaSets: resourceClient(cluster, builtins.replicaSets),
      jobs: resourceClient(cluster, builtins.jobs),
      pods: resourceClient(cluster, builtins.pods),
    }),
    logs: createLogKeeper({
      cluster,
      client: resourceClient(cluster, builtins.configMaps),
      servesLogs: view.servesLogs,
      ...shared,
    }),
    nodeState: view.nodeState,
    selection: view.selection,
    limits: () => ({ gpus: view.gpus() }),
    closedRanges: closed,
    runtimeClass: (isolation) => runtimeClassFor(view.runtimeClasses(), isolation),
    usage: (leaseUid) => meter?.usage(leaseUid),
    finalMeter: (leaseUid) => meter?.finalMeter(leaseUid),
    onUsage: (listener) => void usageListeners.push(listener),
    hubHeard: context.hubHeard,
    uploaderImage: config.outputs?.uploaderImage,
    stopSeconds: config.stopSeconds,
    podRetentionSeconds: config.podRetentionSeconds,
    recordRetentionSeconds: config.recordRetentionSeconds,
    ...shared,
  });
  meter = createMeterStage({
    domain,
    owner: config.owner,
    agent,
    stopSeconds: config.stopSeconds,
    recordNamespace,
    hubNamespace,
    informers: {
      // The same objects; each stage declares the fields that it reads.
      pods: informers.cluster.leasePods as unknown as Informer<MeteredPod>,
      nodes: informers.cluster.nodes,
      leaseRecords: informers.cluster.records,
      channels: informers.hub.channels,
    },
    clients: {
      leaseRecords,
      channels,
      nodeLeases: resourceClient(cluster, builtins.leases),
      pods: resourceClient(cluster, builtins.pods),
    },
    records,
    cover: views.cover,
    chainAgeMs: context.chain.headAgeMs,
    closeWindowSeconds: context.closeWindowSeconds,
    productOn: view.productOn,
    exporters: () => [
      ...(config.metering.discoverExporters
        ? view.exporterPages(config.metering.exporterNamespaces)
        : []),
      ...config.metering.exporterURLs.map((url) => ({ url, nodeName: undefined })),
    ],
    exporterIntervalMs: config.metering.exporterSeconds * 1_000,
    suspend: run.suspend,
    resume: run.resume,
    requestStop: run.requestStop,
    ...(transforms === undefined ? {} : { transforms }),
    ...shared,
  });
  meter.onUsage((leaseUid) => {
    for (const listener of usageListeners) listener(leaseUid);
  });
  const redeem = createRedeemStage({
    domain,
    owner: config.owner,
    createSender: (sending) =>
      context.chain.sender({ ...sending, account: context.gas, store: context.transactions }),
    tokenDecimals: token.decimals,
    chain: context.chain,
    views,
    hubNamespace,
    informers: { channels: informers.hub.channels, leaseRecords: informers.cluster.records },
    clients: { channels },
    records,
    redeem: redeemPolicy(config),
    ...(transforms === undefined ? {} : { transforms }),
    ...shared,
  });
  return { offer, inventory, accept, run, meter, redeem };
}

/** Token units of the configuration in smallest units; what is not configured stays out. */
function redeemPolicy({ redeem, chain }: KnownConfig): RedeemDeps['redeem'] {
  const { minAmount, maxDelaySeconds, maxGasBps, nativePrice, withdrawAbove } = redeem;
  const smallest = (amount: string) => parseTokenAmount(amount, chain.token.decimals);
  return {
    minAmount: smallest(minAmount),
    maxDelaySeconds,
    maxGasBps,
    ...(nativePrice === undefined ? {} : { nativePrice: smallest(nativePrice) }),
    ...(withdrawAbove === undefined ? {} : { withdrawAbove: smallest(withdrawAbove) }),
  };
}
