import type { TransactionStore } from '@gridlease/contracts/transaction';
import { type Clock, systemTimers } from '@gridlease/kube/clock';
import type { EventRecorder } from '@gridlease/kube/events';
import type { Logger } from '@gridlease/kube/log';
import type { Registry } from 'prom-client';
import type { Hex, LocalAccount } from 'viem';
import type { BatchFiles } from './anchor/batchFiles.ts';
import { createAnchorStage } from './anchor/stage.ts';
import { createBillingStage } from './billing/stage.ts';
import type { Chains } from './chains.ts';
import { generationReader } from './channelGeneration.ts';
import type { operatorClients, operatorInformers } from './clients.ts';
import { type OperatorConfig, recoveryLimits } from './config.ts';
import { createFederationStage } from './federation/stage.ts';
import { checkGrant } from './grantCheck.ts';
import type { Heartbeats } from './heartbeats.ts';
import { jobProgress } from './jobProgress.ts';
import type { JobStatusWriter } from './jobStatus.ts';
import { holdJob } from './lease/finalizer.ts';
import { createLeaseStage } from './lease/stage.ts';
import { endOf } from './leaseEnds.ts';
import type { BundleStore } from './match/bundles.ts';
import { createMatchStage } from './match/stage.ts';
import { checkOffer } from './offerCheck.ts';
import { createQueueStage } from './queue/reconcile.ts';
import { createRecoveryStage } from './recovery/stage.ts';
import { createSettlementStage } from './settlement/stage.ts';
import { createSignalsStage } from './signals/stage.ts';
import { senderFor } from './transactions.ts';

/** How long the hub itself tells which placements a transaction anchored; the operator's volume tells it for longer. */
const anchorsKeptMs = 86_400_000;

type Clients = ReturnType<typeof operatorClients>;
type Informers = ReturnType<typeof operatorInformers>;

/** Everything that the stages share, for one term. */
export type StageContext = {
  readonly config: OperatorConfig;
  readonly hubUid: string;
  /** The hub's id, as signed terms have it. */
  readonly hub: Hex;
  readonly clients: Clients;
  readonly informers: Informers;
  readonly jobStatus: JobStatusWriter;
  readonly heartbeats: Heartbeats;
  readonly signerFor: (accountUid: string) => Promise<LocalAccount>;
  readonly chains: Chains;
  readonly transactions: TransactionStore;
  readonly bundles: BundleStore;
  readonly anchors: BatchFiles;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
};

/** What every stage is given. */
function sharedDeps(context: StageContext) {
  const { clients, informers, signerFor, recorder, hub, clock, log, registry } = context;
  return { clients, informers, signerFor, recorder, hub, clock, log, registry };
}

/** Those who speak about a job see at once what each of them has said. */
function jobDeps(context: StageContext) {
  const { jobs, write } = context.jobStatus;
  return {
    ...sharedDeps(context),
    informers: { ...context.informers, jobs },
    writeJobStatus: write,
  };
}

/** The stages in the order of a job's way. They know nothing of each other but what is injected here. */
export function createStages(context: StageContext) {
  const { config, heartbeats, chains } = context;
  const unreachableMs = config.unreachableSeconds * 1_000;
  return [
    createQueueStage(jobDeps(context)),
    matchStage(context),
    createLeaseStage({
      ...jobDeps(context),
      progressOf: (job, leases, intents) => jobProgress({ job, leases, intents }),
      acceptSeconds: config.acceptSeconds,
      fundDeadlineSeconds: config.fundDeadlineSeconds,
      retentionSeconds: config.retentionSeconds,
      finalRowSeconds: config.finalRowSeconds,
    }),
    createFederationStage({
      ...sharedDeps(context),
      ...{ hubUid: context.hubUid, heartbeats, checkOffer, unreachableMs },
    }),
    createRecoveryStage({ ...sharedDeps(context), heartbeats, limits: recoveryLimits(config) }),
    createBillingStage({ ...sharedDeps(context), checkGrant, heartbeats }),
    ...chainStages(context),
    createSignalsStage({ ...jobDeps(context), ...{ heartbeats, chains, endOf, unreachableMs } }),
  ];
}

function matchStage(context: StageContext) {
  const { config, clients, informers, chains, hub } = context;
  return createMatchStage({
    ...jobDeps(context),
    checkOffer: (offer, { provider, ...around }) =>
      checkOffer(offer, { ...around, provider: provider.spec.address, hub }),
    generationOf: generationReader({ channels: informers.channels, chains }),
    holdJob: (job, stop) => holdJob({ client: clients.jobs, informer: informers.jobs }, job, stop),
    progressOf: (job, leases, intents) => jobProgress({ job, leases, intents }),
    bundles: context.bundles,
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
  });
}

/** Those who send transactions. */
function chainStages(context: StageContext) {
  const { config, chains, clock, transactions: store } = context;
  return [
    createSettlementStage({
      ...sharedDeps(context),
      chains,
      createSender: (chain, account) => senderFor(chain, account, { store, clock }),
      stopSeconds: config.stopSeconds,
    }),
    createAnchorStage({
      ...sharedDeps(context),
      chains,
      createSender: (chain, account) =>
        senderFor(chain, account, { store, clock, keepMs: anchorsKeptMs }),
      batches: context.anchors,
      namespace: config.namespace,
      anchorMs: config.anchorSeconds * 1_000,
    }),
  ];
}
