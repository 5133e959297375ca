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
import { createAnchorStage } from './anchor/stage.ts';
import { createBillingStage } from './billing/stage.ts';
import { createChains } from './chains.ts';
import { generationReader } from './channelGeneration.ts';
import { operatorClients, type operatorInformers } from './clients.ts';
import { type OperatorConfig, recoveryLimits } from './config.ts';
import { createFederationStage } from './federation/stage.ts';
import { checkGrant } from './grantCheck.ts';
import type { Heartbeats } from './heartbeats.ts';
import { jobProgress } from './jobProgress.ts';
import { jobStatusWriter } from './jobStatus.ts';
import { createKeyring } from './keyring.ts';
import { holdJob } from './lease/finalizer.ts';
import { createLeaseStage } from './lease/stage.ts';
import { followWaiting } from './lease/succeeded.ts';
import { endOf } from './leaseEnds.ts';
import type { BundleStore } from './match/bundles.ts';
import { createMatchStage } from './match/stage.ts';
import { chainRequests } from './metrics.ts';
import { checkOffer } from './offerCheck.ts';
import { createQueueStage } from './queue/reconcile.ts';
import { createRecoveryStage } from './recovery/stage.ts';
import { createSettlementStage } from './settlement/stage.ts';
import { createSignalsStage } from './signals/stage.ts';
import { senderFor } from './transactions.ts';

/** How long the hub itself tells which placements a transaction anchored; the operator's volume tells it for longer. */
const anchorsKeptMs = 86_400_000;

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
  const { config, hubUid, recorder, bundles, clock, log } = replica;
  const { signal } = term;
  // What the leader before us wrote last must be in the caches that decisions are made from.
  await allCaughtUp(Object.values(replica.informers), { signal, log });
  const { namespace } = config;
  const clients = operatorClients(termCluster(replica.hub, term));
  const informers = scopedInformers(replica.informers, signal);
  const heartbeats = scoped(replica.heartbeats, signal, 'onBeat');
  const keyring = createKeyring({ client: clients.secrets, informer: informers.keys, namespace });
  const signerFor = (accountUid: string) => keyring.signerFor(accountUid);
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
  const hub = hubId(hubUid);
  const shared = { clients, informers, signerFor, recorder, hub, clock, log, registry };
  // Those who speak about a job see at once what each of them has said.
  const ofJobs = {
    ...shared,
    informers: { ...informers, jobs: jobStatus.jobs },
    writeJobStatus: jobStatus.write,
  };

  const stages = [
    createQueueStage(ofJobs),
    createMatchStage({
      ...ofJobs,
      checkOffer: (offer, { provider, ...context }) =>
        checkOffer(offer, { ...context, provider: provider.spec.address, hub }),
      generationOf: generationReader({ channels: informers.channels, chains }),
      holdJob: (job, stop) =>
        holdJob({ client: clients.jobs, informer: informers.jobs }, job, stop),
      progressOf: (job, leases, intents) => jobProgress({ job, leases, intents }),
      bundles,
      policy: {
        hub,
        hubEpoch: BigInt(config.hubEpoch),
        intervalSeconds: config.voucherIntervalSeconds,
        graceSeconds: config.graceSeconds,
        prepaySeconds: config.prepaySeconds,
        idleSeconds: config.idleSeconds,
        fenceSeconds: config.fenceSeconds,
        acceptSeconds: config.acceptSeconds,
      },
      timers: systemTimers,
    }),
    createLeaseStage({
      ...ofJobs,
      progressOf: (job, leases, intents) => jobProgress({ job, leases, intents }),
      acceptSeconds: config.acceptSeconds,
      fundDeadlineSeconds: config.fundDeadlineSeconds,
      retentionSeconds: config.retentionSeconds,
      finalRowSeconds: config.finalRowSeconds,
    }),
    createFederationStage({
      ...shared,
      hubUid,
      heartbeats,
      checkOffer,
      unreachableMs: config.unreachableSeconds * 1_000,
    }),
    createRecoveryStage({ ...shared, heartbeats, limits: recoveryLimits(config) }),
    createBillingStage({ ...shared, checkGrant, heartbeats }),
    createSettlementStage({
      ...shared,
      chains,
      createSender: (chain, account) => senderFor(chain, account, { store: transactions, clock }),
      stopSeconds: config.stopSeconds,
    }),
    createAnchorStage({
      ...shared,
      chains,
      createSender: (chain, account) =>
        senderFor(chain, account, { store: transactions, clock, keepMs: anchorsKeptMs }),
      batches: replica.anchors,
      namespace,
      anchorMs: config.anchorSeconds * 1_000,
    }),
    createSignalsStage({
      ...ofJobs,
      heartbeats,
      chains,
      endOf,
      unreachableMs: config.unreachableSeconds * 1_000,
    }),
  ];

  for (const stage of stages) stage.start(signal);
  try {
    await Promise.all(stages.map(({ stopped }) => stopped));
  } finally {
    chains.close();
  }
}
