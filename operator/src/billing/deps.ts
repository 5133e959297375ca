import type { EscrowDomain } from '@gridlease/contracts/domain';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { Clock } from '@gridlease/kube/clock';
import type { EventRecorder } from '@gridlease/kube/events';
import type { Informer } from '@gridlease/kube/informer';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Address, Hex, LocalAccount } from 'viem';
import type { Refusal } from './facts.ts';

export const FIELD_MANAGER = 'gridlease-billing';

/** Looks at one GPUOffer's grant for the agent; see grantCheck.ts. */
export type GrantCheck = (
  grant: GPUOffer['spec']['grant'],
  expected: {
    readonly domain: EscrowDomain;
    readonly provider: Address;
    readonly agent: Address;
    readonly nowSeconds: bigint;
  },
) => Promise<Refusal | undefined>;

export type BillingDeps = {
  readonly clients: {
    readonly channels: ResourceClient<PaymentChannel>;
    readonly leases: ResourceClient<GPULease>;
  };
  readonly informers: {
    readonly channels: Informer<PaymentChannel>;
    readonly leases: Informer<GPULease>;
    readonly offers: Informer<GPUOffer>;
    readonly providers: Informer<GPUProvider>;
  };
  /** The delegate key of a PaymentAccount's UID; always the same one. */
  readonly signerFor: (accountUid: string) => Promise<LocalAccount>;
  readonly checkGrant: GrantCheck;
  readonly heartbeats: { lastSeenMs(namespace: string): number | undefined };
  readonly clock: Clock;
  readonly recorder: EventRecorder;
};

export type Receipts = { receivedMs(key: string, hash: Hex): number };
