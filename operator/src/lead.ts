import { hubId } from '@gridlease/contracts/ids';
import { chainTransactionStore } from '@gridlease/crds/chainTransactionStore';
import { allCaughtUp } from '@gridlease/kube/caughtUp';
import { type Clock, systemTimers } from '@gridlease/kube/clock';
import type { Cluster } from '@gridlease/kube/cluster';
import type { EventRecorder } from '@gridlease/kube/events';
import { createFailures } from '@gridlease/kube/failures';
import type { Logger } from '@gridlease/kube/log';
import { scoped, scopedInformers } from '@gridlease/kube/scoped';
import { type Term, termCluster } from '@gridlease/kube/term';
import type { Registry } from 'prom-client';
import type { BatchFiles } from './anchor/batchFiles.ts';
import { createChains } from './chains.ts';
import { operatorClients, type operatorInformers } from './clients.ts';
import type { OperatorConfig } from './config.ts';
import type { Heartbeats } from './heartbeats.ts';
import { jobStatusWriter } from './jobStatus.ts';
import { createKeyring } from './keyring.ts';
import { followWaiting } from './lease/succeeded.ts';
import type { BundleStore } from './match/bundles.ts';
import { chainRequests } from './metrics.ts';
import { createStages } from './stages.ts';

/** What outlasts a term: connections and caches, which every replica keeps warm. */
export type Replica = {
  readonly config: OperatorConfig;
  readonly hub: Cluster;
  readonly hubUid: string;
  readonly informers: ReturnType<typeof operatorInformers>;
  readonly heartbeats: Heartbeats;
  readonly recorder: EventRecorder;
  readonly bundles: BundleStore;
  readonly anchors: BatchFiles;
  readonly clock: Clock;
  readonly log: Logger;
};

/**
 * Acts for one term: builds every stage anew, so that nothing remembered from an earlier term is
 * believed, and returns when all have stopped. Nothing is sent to the hub after the term's end.
 */
export async function lead(replica: Replica, term: Term, registry: Registry): Promise<void> {
  const { config, hubUid, recorder, bundles, anchors, clock, log } = replica;
  const { signal } = term;
  // What the leader before us wrote last must be in the caches that decisions are made from.
  await allCaughtUp(Object.values(replica.informers), { signal, log });
  const { namespace } = config;
  const clients = operatorClients(termCluster(replica.hub, term));
  const informers = scopedInformers(replica.informers, signal);
  const heartbeats = scoped(replica.heartbeats, signal, 'onBeat');
  const keyring = createKeyring({ client: clients.secrets, informer: informers.keys, namespace });
  const failures = createFailures(registry, 'job-status', clock);
  signal.addEventListener('abort', () => failures.closed(), { once: true });
  const jobStatus = jobStatusWriter({
    failures,
    client: clients.jobs,
    informer: informers.jobs,
    clock,
    timers: systemTimers,
    log,
    signal,
    follow: (before, after) => followWaiting(before, after, clock.now()),
  });
  const chains = createChains({ secrets: clients.secrets, observe: chainRequests(registry) });
  const transactions = chainTransactionStore({
    client: clients.transactions,
    informer: informers.transactions,
    namespace,
    fieldManager: 'gridlease-operator',
    now: () => clock.now(),
  });
  const stages = createStages({
    ...{ config, hubUid, hub: hubId(hubUid), clients, informers, jobStatus, heartbeats },
    signerFor: (accountUid) => keyring.signerFor(accountUid),
    ...{ chains, transactions, bundles, anchors, recorder, clock, log, registry },
  });
  for (const stage of stages) stage.start(signal);
  try {
    await Promise.all(stages.map(({ stopped }) => stopped));
  } finally {
    chains.close();
  }
}
