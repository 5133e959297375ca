import type { TransactionStore } from '@gridlease/contracts/transaction';
import { chainTransactionStore } from '@gridlease/crds/chainTransactionStore';
import type { ChainTransaction } from '@gridlease/crds/chaintransaction';
import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { chainTransactions, leaseRecords, paymentChannels } from '@gridlease/crds/resources';
import * as builtins from '@gridlease/kube/builtins';
import { systemClock } from '@gridlease/kube/clock';
import type { Cluster } from '@gridlease/kube/cluster';
import { Informer } from '@gridlease/kube/informer';
import { silentLogger } from '@gridlease/kube/log';
import { createRegistry } from '@gridlease/kube/metrics';
import { type ChainClient, connectChain } from '../chain.ts';
import { type ChannelRecords, createChannelRecords } from '../channelRecords.ts';
import { type MeterDeps, type MeteredNode, type MeteredPod, meterIndexes } from '../meter/deps.ts';
import { createMeterStage } from '../meter/reconcile.ts';
import { createChannelViews } from '../redeem/channelViews.ts';
import type { RedeemDeps } from '../redeem/deps.ts';
import { createRedeemStage } from '../redeem/reconcile.ts';
import {
  agent,
  clients,
  domain,
  env,
  escrow,
  gas,
  hub,
  hubNamespace,
  owner,
  provider,
  recordNamespace,
  token,
} from './money.ts';

/** Both stages as agent.ts wires them, over the real API servers and chain. */
export async function anAgent(
  options: {
    chain?: (chain: ChainClient) => ChainClient;
    records?: (records: ChannelRecords) => ChannelRecords;
    store?: (store: TransactionStore) => TransactionStore;
    transforms?: NonNullable<MeterDeps['transforms']> & NonNullable<RedeemDeps['transforms']>;
    hub?: Cluster;
    meter?: Partial<MeterDeps>;
  } = {},
) {
  const stop = new AbortController();
  const { signal } = stop;
  const own = createRegistry({ processMetrics: false });
  const connected = connectChain({
    rpcURL: env.chain.rpcURL,
    chainId: env.chain.chainId,
    escrow,
    token: { address: token, decimals: 6 },
    finality: 'Finalized',
    pollMs: 250,
  });
  const chain = options.chain?.(connected) ?? connected;
  await chain.verify(signal);
  const stored = createChannelRecords({
    client: clients.channelRecords,
    namespace: recordNamespace,
  });
  const records = options.records?.(stored) ?? stored;
  await records.load(signal);
  const views = createChannelViews({ chain, records, log: silentLogger });
  const informers = {
    pods: new Informer<MeteredPod>({
      cluster: provider,
      definition: builtins.pods,
      namespace: recordNamespace,
      labelSelector: LABEL_LEASE_UID,
      indexes: meterIndexes.pods,
    }),
    nodes: new Informer<MeteredNode>({ cluster: provider, definition: builtins.nodes }),
    leaseRecords: new Informer<LeaseRecord>({
      cluster: provider,
      definition: leaseRecords,
      namespace: recordNamespace,
      indexes: meterIndexes.leaseRecords,
    }),
    transactions: new Informer<ChainTransaction>({
      cluster: provider,
      definition: chainTransactions,
      namespace: recordNamespace,
    }),
    channels: new Informer<PaymentChannel>({
      cluster: options.hub ?? hub,
      definition: paymentChannels,
      namespace: hubNamespace,
    }),
  };
  const store = chainTransactionStore({
    client: clients.transactions,
    informer: informers.transactions,
    namespace: recordNamespace,
    fieldManager: 'gridlease-agent-redeem',
    now: () => new Date(),
  });
  const said: string[] = [];
  const shared = {
    domain,
    owner: owner.address,
    hubNamespace,
    clock: systemClock,
    log: silentLogger,
    registry: own,
  };
  const meter = createMeterStage({
    ...shared,
    agent,
    stopSeconds: 20,
    recordNamespace,
    informers,
    clients,
    records,
    cover: views.cover,
    chainAgeMs: chain.headAgeMs,
    closeWindowSeconds: () => 86_400,
    suspend: (uid, reason) => said.push(`suspend ${uid} ${reason}`),
    resume: (uid) => said.push(`resume ${uid}`),
    requestStop: (uid, reason) => said.push(`stop ${uid} ${reason}`),
    ...(options.transforms && { transforms: options.transforms }),
    ...options.meter,
  });
  const redeem = createRedeemStage({
    ...shared,
    createSender: (sending) =>
      chain.sender({ ...sending, account: gas, store: options.store?.(store) ?? store }),
    tokenDecimals: 6,
    chain,
    views,
    informers,
    clients,
    records,
    redeem: { minAmount: 10n ** 12n, maxDelaySeconds: 3600 },
    ...(options.transforms && { transforms: options.transforms }),
  });
  for (const informer of Object.values(informers)) informer.start(signal);
  chain.start(signal);
  views.start(signal);
  meter.start(signal);
  redeem.start(signal);
  return {
    meter,
    said,
    registry: own,
    async stop() {
      stop.abort(new Error('stopped'));
      await Promise.all([meter.stopped, redeem.stopped, chain.stopped]);
    },
  };
}
