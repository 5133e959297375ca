import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import type { LeaseWorkload } from '@gridlease/crds/leaseworkload';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import type { Clock } from '@gridlease/kube/clock';
import type { EventRecorder } from '@gridlease/kube/events';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import type { Hex } from 'viem';
import type { Progress } from './succeeded.ts';

/** Everything the lease stage is given. */
export type LeaseDeps = {
  readonly clients: {
    readonly jobs: ResourceClient<GPUJob>;
    readonly leases: ResourceClient<GPULease>;
    readonly records: ResourceClient<PlacementRecord>;
    readonly workloads: ResourceClient<LeaseWorkload>;
  };
  /** With the indexes of `indexNames`. */
  readonly informers: {
    readonly jobs: Informer<GPUJob>;
    readonly leases: Informer<GPULease>;
    readonly records: Informer<PlacementRecord>;
    readonly channels: Informer<PaymentChannel>;
    readonly providers: Informer<GPUProvider>;
    readonly accounts: Informer<PaymentAccount>;
    readonly chains: Informer<SettlementChain>;
  };
  readonly writeJobStatus: (
    job: GPUJob,
    mutate: (current: GPUJob) => NonNullable<GPUJob['status']>,
  ) => Promise<GPUJob>;
  readonly progressOf: (
    job: GPUJob,
    leases: readonly GPULease[],
    intents: readonly PlacementRecord[],
  ) => Progress;
  /** The hub's id, as signed terms have it. */
  readonly hub: Hex;
  readonly acceptSeconds: number;
  readonly fundDeadlineSeconds: number;
  readonly retentionSeconds: number;
  readonly finalRowSeconds: number;
  readonly recorder: Pick<EventRecorder, 'event'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
};

export const indexNames = {
  /** Of leases and records: "namespace/name" of their job. */
  job: 'job',
  /** Of leases: the UID of the account that pays them. */
  accountUid: 'accountUid',
  /** Of jobs: "namespace/name" of their account. */
  account: 'account',
} as const;

/** The job key of a lease or a record. */
export function jobKeyOf({
  spec,
}: {
  readonly spec: { readonly jobRef: { readonly namespace: string; readonly name: string } };
}): string {
  return `${spec.jobRef.namespace}/${spec.jobRef.name}`;
}
