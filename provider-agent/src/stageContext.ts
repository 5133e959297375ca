import type { EscrowDomain } from '@gridlease/contracts/domain';
import type { TransactionStore } from '@gridlease/contracts/transaction';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import * as resources from '@gridlease/crds/resources';
import type { Clock } from '@gridlease/kube/clock';
import type { Cluster } from '@gridlease/kube/cluster';
import type { Logger } from '@gridlease/kube/log';
import { resourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import type { Hex, LocalAccount } from 'viem';
import type { ChainClient } from './chain.ts';
import type { ChannelRecords } from './channelRecords.ts';
import type { ClusterView } from './clusterView.ts';
import type { AgentInformers } from './informers.ts';
import type { KnownConfig } from './knownChain.ts';
import type { MeterDeps } from './meter/deps.ts';
import type { Ask } from './offer/asks.ts';
import type { ChannelViews } from './redeem/channelView.ts';
import type { RedeemDeps } from './redeem/deps.ts';

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

/** What every stage is given, under the names that each of them uses. */
export function sharedDeps({ config, clock, registry, log }: StageContext) {
  return {
    hubNamespace: config.hub.namespace,
    recordNamespace: config.cluster.namespace,
    clock,
    registry,
    log,
  };
}

/** The objects that several stages write, each its own fields. */
export function sharedClients({ hub, cluster }: StageContext) {
  return {
    leases: resourceClient<GPULease>(hub, resources.gpuLeases),
    channels: resourceClient<PaymentChannel>(hub, resources.paymentChannels),
    records: resourceClient<LeaseRecord>(cluster, resources.leaseRecords),
  };
}
