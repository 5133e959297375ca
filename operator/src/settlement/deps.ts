import type { TransactionSender } from '@gridlease/contracts/transactionSender';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import type { Clock } from '@gridlease/kube/clock';
import type { EventRecorder } from '@gridlease/kube/events';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Address, Hex, LocalAccount } from 'viem';
import type { Head } from './heads.ts';
import type { SettlementMetrics } from './metrics.ts';
import type { Payment } from './settled.ts';

type ChannelKey = {
  readonly tenant: Address;
  readonly provider: Address;
  readonly signer: Address;
};
type ChannelState = {
  readonly reserved: bigint;
  readonly claimed: bigint;
  readonly generation: number;
  readonly closeAt: number;
};

/** What settlement asks of a chain; operator/src/chain.ts implements it. Rejects when there is no answer. */
export type SettlementClient = {
  readonly chainId: bigint;
  readonly escrow: Address;
  readonly token: { readonly symbol: string; readonly decimals: number };
  head(signal?: AbortSignal): Promise<Head>;
  blockHash(number: bigint, signal?: AbortSignal): Promise<Hex | undefined>;
  blockNumber(at: 'latest' | 'final', signal?: AbortSignal): Promise<bigint>;
  channels(
    keys: readonly ChannelKey[],
    at: 'latest' | 'final' | bigint,
    signal?: AbortSignal,
  ): Promise<readonly ChannelState[]>;
  tenant(
    tenant: Address,
    delegate: Address,
    signal?: AbortSignal,
  ): Promise<{
    readonly free: bigint;
    readonly delegateLimit: bigint;
    readonly delegateSpent: bigint;
  }>;
  coins(address: Address, signal?: AbortSignal): Promise<bigint>;
  maxFeePerGas(signal?: AbortSignal): Promise<bigint>;
  settlements(
    key: ChannelKey,
    range: { readonly fromBlock: bigint; readonly toBlock: bigint },
    signal?: AbortSignal,
  ): Promise<readonly Payment[]>;
};

export type ChainVerdict =
  | { readonly ready: true }
  | {
      readonly ready: false;
      readonly status: 'False' | 'Unknown';
      readonly reason: string;
      readonly message: string;
    };

export type SettlementDeps<Client extends SettlementClient = SettlementClient> = {
  readonly clients: {
    readonly chains: ResourceClient<SettlementChain>;
    readonly accounts: ResourceClient<PaymentAccount>;
    readonly channels: ResourceClient<PaymentChannel>;
    readonly leases: ResourceClient<GPULease>;
  };
  readonly informers: {
    readonly chains: Informer<SettlementChain>;
    readonly accounts: Informer<PaymentAccount>;
    /** With `accountIndex`. */
    readonly channels: Informer<PaymentChannel>;
    /** With `accountIndex`. */
    readonly leases: Informer<GPULease>;
    readonly providers: Informer<GPUProvider>;
  };
  readonly chains: {
    chainFor(name: string): Client | undefined;
    reconcile(chain: SettlementChain, signal?: AbortSignal): Promise<ChainVerdict>;
    forget(name: string): void;
  };
  /** The delegate key of a PaymentAccount's UID: made durably on first use, always the same one. */
  readonly signerFor: (accountUid: string) => Promise<LocalAccount>;
  /** One sender for each (chain, key); the stage keeps it. */
  readonly createSender: (chain: Client, account: LocalAccount) => TransactionSender;
  readonly clock: Clock;
  readonly recorder: EventRecorder;
  /** Seconds that killing pods takes at most; part of what a lease can still cost. */
  readonly stopSeconds: number;
  /** How often a chain is asked for a new block, in milliseconds. Default: 1,000. */
  readonly pollMs?: number;
  readonly log: Logger;
};

/** What the parts of the stage are given. */
export type Context = SettlementDeps & { readonly metrics: SettlementMetrics };

export const FIELD_MANAGER = 'gridlease-settlement';
