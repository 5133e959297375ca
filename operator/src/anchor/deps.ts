import type { TransactionSender } from '@gridlease/contracts/transactionSender';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import type { Clock } from '@gridlease/kube/clock';
import type { EventRecorder } from '@gridlease/kube/events';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import type { KubeObject } from '@gridlease/kube/object';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import type { Address, Hex, LocalAccount, PublicClient } from 'viem';
import type { BatchFiles } from './batchFiles.ts';

/** A Secret as far as this needs it; values are base64. */
export type KeySecret = KubeObject & { readonly data?: Readonly<Record<string, string>> };

/** What anchoring asks of a chain; operator/src/chain.ts implements it. */
export type AnchorClient = {
  readonly chainId: bigint;
  readonly rpc: PublicClient;
  /** The chain's own coin at the address, in wei. */
  coins(address: Address, signal?: AbortSignal): Promise<bigint>;
};

export type AnchorDeps<Client extends AnchorClient = AnchorClient> = {
  readonly clients: {
    readonly chains: ResourceClient<SettlementChain>;
    readonly secrets: Pick<ResourceClient<KeySecret>, 'find'>;
  };
  readonly informers: {
    readonly chains: Informer<SettlementChain>;
    readonly accounts: Pick<Informer<PaymentAccount>, 'get'>;
    readonly records: Pick<Informer<PlacementRecord>, 'list'>;
  };
  readonly chains: { chainFor(name: string): Client | undefined };
  /** One sender for each (chain, key); the stage keeps it. */
  readonly createSender: (chain: Client, account: LocalAccount) => TransactionSender;
  readonly batches: BatchFiles;
  /** Names this hub in every leaf. */
  readonly hub: Hex;
  /** The operator's own namespace: where the keys are. */
  readonly namespace: string;
  /** Longest time that a digest waits for its batch, in milliseconds. */
  readonly anchorMs: number;
  readonly clock: Clock;
  readonly recorder: EventRecorder;
  readonly log: Logger;
  readonly registry: Registry;
};

export const FIELD_MANAGER = 'gridlease-anchor';
