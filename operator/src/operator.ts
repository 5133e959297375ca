import { hostname } from 'node:os';
import { join } from 'node:path';
import { hubId } from '@gridlease/contracts/ids';
import { apiServerCheck } from '@gridlease/kube/apiServerCheck';
import { systemClock, systemTimers } from '@gridlease/kube/clock';
import { connectCluster } from '@gridlease/kube/cluster';
import { eventRecorder } from '@gridlease/kube/events';
import { informerCheck, staleListsCheck, startHttpServer } from '@gridlease/kube/http';
import { createLogger } from '@gridlease/kube/log';
import { createBillingStage } from './billing/stage.ts';
import { createSender } from './chainSender.ts';
import { createChains } from './chains.ts';
import { generationReader } from './channelGeneration.ts';
import { operatorClients, operatorInformers } from './clients.ts';
import type { OperatorConfig } from './config.ts';
import { createFederationStage } from './federation/stage.ts';
import { checkGrant } from './grantCheck.ts';
import { createHeartbeats } from './heartbeats.ts';
import { jobProgress } from './jobProgress.ts';
import { jobStatusWriter } from './jobStatus.ts';
import { createKeyring } from './keyring.ts';
import { holdJob } from './lease/finalizer.ts';
import { createLeaseStage } from './lease/stage.ts';
import { followWaiting } from './lease/succeeded.ts';
import { bundleStore } from './match/bundles.ts';
import { createMatchStage } from './match/stage.ts';
import { operatorRegistry } from './metrics.ts';
import { checkOffer } from './offerCheck.ts';
import { createQueueStage } from './queue/reconcile.ts';
import { createSettlementStage } from './settlement/stage.ts';

const version = '0.1.0';
const dayMs = 86_400_000;

/**
 * Runs the operator until the signal aborts: queue → match → lease for the jobs, federation for the
 * providers, billing and settlement for the money. Resolves once everything has stopped.
 */
export async function runOperator({
  config,
  signal,
}: {
  readonly config: OperatorConfig;
  readonly signal: AbortSignal;
}): Promise<void> {
  const log = createLogger({
    name: 'operator',
    ...(config.logLevel === undefined ? {} : { level: config.logLevel }),
  });
  const registry = operatorRegistry(version);
  await using hub = connectCluster({
    name: 'hub',
    userAgent: `gridlease-operator/${version}`,
    registry,
    ...(config.kubeconfigPath === undefined ? {} : { kubeconfigPath: config.kubeconfigPath }),
  });
  const clock = systemClock;
  const clients = operatorClients(hub);
  const kubeSystem = await clients.namespaces.get({ name: 'kube-system' }, { signal });
  const hubUid = kubeSystem.metadata.uid!;
  const informers = operatorInformers(hub, config.namespace, log);
  await using recorder = eventRecorder({
    cluster: hub,
    reportingController: 'gridlease.dev/operator',
    reportingInstance: hostname(),
    log,
  });
  const heartbeats = createHeartbeats({ informer: informers.heartbeats, clock });
  const { namespace } = config;
  const keyring = createKeyring({ client: clients.secrets, informer: informers.keys, namespace });
  const signerFor = (accountUid: string) => keyring.signerFor(accountUid);
  const writeJobStatus = jobStatusWriter({
    client: clients.jobs,
    informer: informers.jobs,
    timers: systemTimers,
    follow: (before, after) => followWaiting(before, after, clock.now()),
  });
  const chains = createChains({ secrets: clients.secrets });
  const bundles = bundleStore(join(config.stateDir, 'placements'));
  const shared = { clients, informers, signerFor, writeJobStatus, recorder, clock, log, registry };

  const stages = [
    createQueueStage(shared),
    createMatchStage({
      ...shared,
      checkOffer: (offer, { provider, ...context }) =>
        checkOffer(offer, { ...context, provider: provider.spec.address, hub: hubId(hubUid) }),
      generationOf: generationReader({ channels: informers.channels, chains }),
      holdJob: (job, stop) =>
        holdJob({ client: clients.jobs, informer: informers.jobs }, job, stop),
      progressOf: (job, leases, intents) => jobProgress({ job, leases, intents }),
      bundles,
      policy: {
        hub: hubId(hubUid),
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
      ...shared,
      progressOf: (job, leases, intents) => jobProgress({ job, leases, intents }),
      acceptSeconds: config.acceptSeconds,
      fundDeadlineSeconds: config.fundDeadlineSeconds,
      retentionSeconds: config.retentionSeconds,
    }),
    createFederationStage({ ...shared, hubUid, heartbeats, checkOffer }),
    createBillingStage({ ...shared, checkGrant, heartbeats }),
    createSettlementStage({
      ...shared,
      chains,
      createSender: ({ rpc, chainId }, account) => createSender({ rpc, chainId, account, clock }),
      stopSeconds: config.stopSeconds,
    }),
  ];

  await using server = await startHttpServer({
    ...config.listen,
    registry,
    liveness: Object.values(informers).map((informer) => staleListsCheck(informer)),
    readiness: [
      apiServerCheck(hub),
      ...Object.values(informers).map((informer) => informerCheck(informer)),
    ],
  });
  for (const informer of Object.values(informers)) informer.start(signal);
  for (const stage of stages) stage.start(signal);
  const prune = setInterval(() => {
    bundles
      .prune(config.retentionSeconds * 1_000, clock.now().getTime())
      .catch((error: unknown) => log.warn({ error }, 'Old placement inputs could not be deleted'));
  }, dayMs);
  log.info({ url: server.url, hub: hub.server, version }, 'The operator runs');
  await Promise.all(stages.map(({ stopped }) => stopped));
  await Promise.all(Object.values(informers).map(({ stopped }) => stopped));
  clearInterval(prune);
  chains.close();
  log.info('The operator has stopped');
}
