import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import type { LeaseWorkload } from '@gridlease/crds/leaseworkload';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import type { Clock, Timers } from '@gridlease/kube/clock';
import type { EventRecorder } from '@gridlease/kube/events';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import type { Hex, LocalAccount } from 'viem';
import type { BundleStore } from './bundles.ts';
import type { Progress } from './gather.ts';
import type { TermsPolicy } from './lease.ts';
import type { CheckOffer } from './offerBook.ts';

/** Names of the informer indexes that match looks things up by. */
export const indexNames = {
  jobUid: 'jobUid',
  accountUid: 'accountUid',
  account: 'account',
} as const;

/** Everything match is given; nothing is looked up elsewhere. */
export type MatchDeps = {
  readonly clients: {
    readonly records: ResourceClient<PlacementRecord>;
    readonly workloads: ResourceClient<LeaseWorkload>;
    readonly leases: ResourceClient<GPULease>;
  };
  /** Jobs need index `account` ("namespace/accountName"), leases and records `jobUid` and `accountUid`, channels `accountUid`. */
  readonly informers: {
    readonly jobs: Informer<GPUJob>;
    readonly accounts: Informer<PaymentAccount>;
    readonly chains: Informer<SettlementChain>;
    readonly providers: Informer<GPUProvider>;
    readonly offers: Informer<GPUOffer>;
    readonly inventories: Informer<GPUInventory>;
    readonly leases: Informer<GPULease>;
    readonly channels: Informer<PaymentChannel>;
    readonly records: Informer<PlacementRecord>;
  };
  readonly checkOffer: CheckOffer;
  /** The account's delegate key; the same for ever. */
  readonly signerFor: (accountUid: string) => Promise<LocalAccount>;
  /** Generation of the channel that will pay. */
  readonly generationOf: (channel: {
    readonly accountUid: string;
    readonly chainName: string;
    readonly tenant: Hex;
    readonly provider: Hex;
    readonly providerName: string;
    readonly signer: Hex;
  }) => Promise<number>;
  /** Puts the finalizer on the job before anything is made for it elsewhere. */
  readonly holdJob: (job: GPUJob, signal: AbortSignal) => Promise<GPUJob>;
  readonly writeJobStatus: (
    job: GPUJob,
    mutate: (current: GPUJob) => NonNullable<GPUJob['status']>,
    signal: AbortSignal,
  ) => Promise<GPUJob>;
  readonly progressOf: (
    job: GPUJob,
    leases: readonly GPULease[],
    intents: readonly PlacementRecord[],
  ) => Progress;
  readonly bundles: BundleStore;
  readonly policy: TermsPolicy;
  readonly recorder: Pick<EventRecorder, 'event'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly registry: Registry;
};
