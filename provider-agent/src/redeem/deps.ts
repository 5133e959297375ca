import type { ChannelKey } from '@gridlease/contracts/channel';
import type { EscrowDomain } from '@gridlease/contracts/domain';
import type { ChannelState } from '@gridlease/contracts/escrow';
import type {
  TransactionSender,
  TransactionSenderOptions,
} from '@gridlease/contracts/transactionSender';
import type { ChannelRecordSpec } from '@gridlease/crds/channelrecord';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { Clock } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import type { Address, Hex } from 'viem';
import type { ChannelViews } from './channelView.ts';
import type { RedeemPolicy } from './decide.ts';
import type { SignedVoucher } from './voucher.ts';

type Head = {
  readonly number: bigint;
  readonly timestamp: number;
  readonly finalNumber: bigint;
};

/** What this stage needs of the chain client. */
export type RedeemChain = {
  onBlock(callback: (head: Head) => void): () => void;
  headAgeMs(): number;
  channels(
    keys: readonly ChannelKey[],
    options: { readonly maxAgeMs: number; readonly signal?: AbortSignal },
  ): Promise<
    readonly { readonly latest: ChannelState; readonly final: ChannelState; readonly head: Head }[]
  >;
  accrued(provider: Address, signal?: AbortSignal): Promise<bigint>;
  /** The chain's own coin at an address, in wei. */
  coins(address: Address, signal?: AbortSignal): Promise<bigint>;
  /** Wei for one unit of gas. */
  gasPrice(signal?: AbortSignal): Promise<bigint>;
  /** The newest payout of a channel up to a block, by whomever; undefined when none is found. */
  lastSettlement(
    key: ChannelKey,
    upTo: bigint,
    signal?: AbortSignal,
  ): Promise<{ readonly transactionHash: Hex; readonly blockNumber: bigint } | undefined>;
};

/** What this stage needs of the agent's durable memory. */
export type RedeemRecords = {
  get(name: string): ChannelRecordSpec | undefined;
  list(): readonly (readonly [name: string, spec: ChannelRecordSpec])[];
  update(
    name: string,
    mutate: (current: ChannelRecordSpec | undefined) => ChannelRecordSpec | undefined,
    signal?: AbortSignal,
  ): Promise<ChannelRecordSpec | undefined>;
  onChange(callback: (name: string) => void): () => void;
};

export type RedeemDeps = {
  readonly domain: EscrowDomain;
  /** The provider's address: the one that vouchers pay. */
  readonly owner: Address;
  /** The transactions of the gas key: it holds gas and nothing else. */
  readonly createSender: (
    options: Pick<TransactionSenderOptions, 'skippedIn' | 'isNeeded'>,
  ) => TransactionSender;
  readonly tokenDecimals: number;
  readonly chain: RedeemChain;
  readonly views: ChannelViews;
  /** The provider's namespace at the hub. */
  readonly hubNamespace: string;
  readonly informers: {
    /** PaymentChannels in the provider's namespace at the hub. */
    readonly channels: Informer<PaymentChannel>;
    /** With the meter's index `statedOn`: the leases of a channel that are not over and accepted. */
    readonly leaseRecords: Informer<LeaseRecord>;
  };
  readonly clients: { readonly channels: ResourceClient<PaymentChannel> };
  readonly records: RedeemRecords;
  readonly redeem: RedeemPolicy & {
    /** Credit from which it is withdrawn to the payout address; undefined leaves that to the provider. */
    readonly withdrawAbove?: bigint;
  };
  /** For tests of the payer's defence: changes a voucher before it is settled. */
  readonly transforms?: { readonly voucher?: (voucher: SignedVoucher) => SignedVoucher };
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
};
