import { escrowDomain } from '@gridlease/contracts/domain';
import { hubId } from '@gridlease/contracts/ids';
import { chainTransactionStore } from '@gridlease/crds/chainTransactionStore';
import * as resources from '@gridlease/crds/resources';
import { abortable } from '@gridlease/kube/abort';
import { allCaughtUp } from '@gridlease/kube/caughtUp';
import { resourceClient } from '@gridlease/kube/resources';
import { scoped, scopedInformers } from '@gridlease/kube/scoped';
import { type Term, termCluster } from '@gridlease/kube/term';
import type { Registry } from 'prom-client';
import { connectChain } from './chain.ts';
import { createChannelRecords } from './channelRecords.ts';
import type { Heartbeat } from './heartbeat.ts';
import { chainRequests, leaderMetrics } from './metrics.ts';
import { createChannelViews } from './redeem/channelViews.ts';
import type { StageContext } from './stageContext.ts';
import { createStages } from './stages.ts';
import { untilDone } from './untilDone.ts';

/** What outlasts a term: connections and caches, which every replica keeps warm. */
export type Replica = Pick<
  StageContext,
  | 'hub'
  | 'cluster'
  | 'informers'
  | 'view'
  | 'agent'
  | 'gas'
  | 'hubHeard'
  | 'closeWindowSeconds'
  | 'transforms'
  | 'clock'
  | 'log'
> & {
  readonly heartbeat: Pick<Heartbeat, 'lead'>;
  /** Once the chain has said what the configuration leaves out. */
  readonly completed: Promise<Pick<StageContext, 'config' | 'asks'>>;
};

/**
 * Acts for one term: renews the heartbeat, builds every stage anew, so that nothing remembered from an
 * earlier term is believed, and returns when all have stopped. Nothing is sent to either cluster after
 * the term's end.
 */
export async function lead(replica: Replica, term: Term, registry: Registry): Promise<void> {
  const { log } = replica;
  const { transactions } = replica.informers.cluster;
  const { signal } = term;
  // First: without it the hub holds the provider for gone, however long the rest takes.
  const beating = replica.heartbeat.lead(signal);
  // What the leader before us wrote last must be in the caches that decisions are made from.
  await allCaughtUp(decisive(replica), { signal, log });
  const { config, asks } = await abortable(replica.completed, signal);
  const hub = termCluster(replica.hub, term);
  const cluster = termCluster(replica.cluster, term);
  const chain = connectChain({ ...config.chain, log, observe: chainRequests(registry) });
  const records = createChannelRecords({
    client: resourceClient(cluster, resources.channelRecords),
    namespace: config.cluster.namespace,
  });
  // What was signed before must be known before anything is decided.
  await untilDone('Reading the channel records', (s) => records.load(s), signal, log);
  signal.throwIfAborted();
  const channelViews = createChannelViews({ chain, records, log });
  leaderMetrics(registry, {
    capacity: replica.view.capacity,
    ...scopedInformers(replica.informers.hub, signal),
    transactions: scoped(transactions, signal, 'onChange'),
    clock: replica.clock,
  });
  const stages = createStages({
    ...replica,
    ...{ config, asks },
    hub,
    cluster,
    hubId: hubId(config.hub.uid),
    informers: {
      hub: scopedInformers(replica.informers.hub, signal),
      cluster: scopedInformers(replica.informers.cluster, signal),
    },
    view: scoped(replica.view, signal, 'onChange'),
    domain: escrowDomain(config.chain),
    chain,
    records,
    transactions: chainTransactionStore({
      client: resourceClient(cluster, resources.chainTransactions),
      informer: transactions,
      namespace: config.cluster.namespace,
      fieldManager: 'gridlease-agent-redeem',
      now: () => replica.clock.now(),
    }),
    channelViews,
    registry,
  });
  chain.start(signal);
  channelViews.start(signal);
  const parts = Object.values(stages);
  for (const part of parts) part.start(signal);
  await Promise.all([beating, chain.stopped, ...parts.map(({ stopped }) => stopped)]);
}

/** Nodes and foreign pods are left out: a late word of them is a late decision, not a wrong one. */
function decisive({ informers }: Replica) {
  const { leasePods, jobs, deployments, records, transactions } = informers.cluster;
  return [...Object.values(informers.hub), leasePods, jobs, deployments, records, transactions];
}
