import type { ChainTransaction } from '@gridlease/crds/chaintransaction';
import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { API_VERSION, providerNamespace } from '@gridlease/crds/labels';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { silentLogger } from '@gridlease/kube/log';
import { manualClock } from '@gridlease/kube/manualClock';
import { mapInformer } from '@gridlease/kube/testing/mapInformer';
import { Registry } from 'prom-client';
import { zeroHash } from 'viem';
import type { ChannelState } from '../signals/channelTruth.ts';
import { createSignalsStage } from '../signals/stage.ts';
import {
  aChain,
  addressOf,
  anAccount,
  aProvider,
  delegateAddress,
  escrowAddress,
  nowMs,
  tenantAddress,
} from './builders.ts';
import { bytes32 } from './money.ts';

type ChannelOptions = {
  readonly provider?: string;
  readonly name?: string;
  readonly generation?: number;
  /** Promised by the newest voucher. */
  readonly promised?: bigint;
  /** Told by the agent as paid. */
  readonly redeemed?: bigint;
  /** Number of the newest statement, which is when it was made, in unix milliseconds. */
  readonly stated?: number;
  /** Number of the newest statement that was answered. Default: `stated`. */
  readonly answered?: number;
  readonly rows?: readonly {
    readonly id: number;
    readonly lease: string;
    readonly gpuMs: number;
  }[];
};

/** A channel of team-a at alpha; what is stated is answered and paid unless told otherwise. */
export function aChannel(options: ChannelOptions = {}): PaymentChannel {
  const { provider = 'alpha', generation = 1, promised, redeemed, stated, rows = [] } = options;
  const answered = options.answered ?? stated;
  const statement =
    stated === undefined ? {} : { statement: aStatement(stated), rows: rows.map(rowOf) };
  return {
    apiVersion: API_VERSION,
    kind: 'PaymentChannel',
    metadata: { name: options.name ?? 'ch-0', namespace: providerNamespace(provider) },
    spec: {
      accountRef: { namespace: 'team-a', name: 'team-a', uid: 'uid-account-team-a-team-a' },
      providerName: provider,
      tenant: tenantAddress,
      provider: addressOf(provider),
      signer: delegateAddress,
      chainId: 31_337,
      escrow: escrowAddress,
      generation,
      finals: [],
      ...(promised === undefined
        ? {}
        : { voucher: { generation, cumulative: String(promised), signature: '0x11' } }),
      ...(answered === undefined
        ? {}
        : {
            accepted: {
              generation,
              seq: String(answered),
              foldedAmount: '0',
              foldedHead: zeroHash,
              rows: rows.map(({ id, gpuMs }) => ({
                leaseId: bytes32(id),
                gpuMs: String(gpuMs),
                amount: String(gpuMs),
                last: false,
              })),
            },
          }),
    },
    status: {
      ...statement,
      ...(redeemed === undefined
        ? {}
        : {
            redeemed: { cumulative: String(redeemed), transactionHash: zeroHash, blockNumber: '1' },
          }),
    },
  };
}

function aStatement(atMs: number) {
  return {
    seq: String(atMs),
    atMs: String(atMs),
    rowCount: 1,
    rowsRoot: zeroHash,
    foldedAmount: '0',
    foldedHead: zeroHash,
    cumulative: '0',
    prev: zeroHash,
    hash: zeroHash,
    agent: addressOf('agent'),
    signature: '0x11',
  } as const;
}

function rowOf({ id, lease, gpuMs }: NonNullable<ChannelOptions['rows']>[number]) {
  return {
    leaseId: bytes32(id),
    leaseName: lease,
    fromMs: '0',
    toMs: '0',
    gpuMs: String(gpuMs),
    amount: String(gpuMs),
    credit: '0',
    segmentsRoot: zeroHash,
    last: false,
  };
}

/** The stage over objects that a test puts in, a clock that it moves and a chain that it makes up. */
export function aSignalsScene() {
  const clock = manualClock(nowMs);
  const registry = new Registry();
  const informers = {
    jobs: mapInformer<GPUJob>(),
    leases: mapInformer<GPULease>(),
    channels: mapInformer<PaymentChannel>(),
    accounts: mapInformer<PaymentAccount>(anAccount()),
    chains: mapInformer<SettlementChain>(aChain()),
    providers: mapInformer<GPUProvider>(aProvider()),
    offers: mapInformer<GPUOffer>(),
    inventories: mapInformer<GPUInventory>(),
    transactions: mapInformer<ChainTransaction>(),
  };
  const silent = new Set<string>();
  const absent = new Set<string>();
  const onChain = new Map<string, ChannelState>();
  const empty: ChannelState = { reserved: 0n, claimed: 0n, generation: 1 };
  const stage = createSignalsStage({
    informers,
    heartbeats: {
      exists: (namespace) => !absent.has(namespace),
      silentMs: (namespace) => (silent.has(namespace) ? 60_000 : 1_000),
      lastSeenMs: () => clock.now().getTime(),
    },
    chains: {
      chainFor: () => ({
        blockNumber: async () => 1n,
        channels: async (keys) => keys.map(({ provider }) => onChain.get(provider) ?? empty),
      }),
    },
    endOf: ({ status }) => Date.parse(status?.endTime ?? '') || 0,
    unreachableMs: 40_000,
    clock,
    log: silentLogger,
    registry,
  });
  return {
    clock,
    registry,
    informers,
    stage,
    /** Namespaces of providers that are not heard of. */
    silent,
    /** Namespaces without a heartbeat. */
    absent,
    /** Channels in the final block, by the provider's address. */
    onChain,
    /** A series' value; undefined when it isn't shown. */
    async value(name: string, labels: Readonly<Record<string, string>> = {}) {
      const metric = await registry.getSingleMetric(name)?.get();
      return metric?.values.find((one) =>
        Object.entries(labels).every(([label, value]) => String(one.labels[label]) === value),
      )?.value;
    },
  };
}
