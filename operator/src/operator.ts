import { hostname } from 'node:os';
import { join } from 'node:path';
import { linkedAbort } from '@gridlease/kube/abort';
import { apiServerCheck } from '@gridlease/kube/apiServerCheck';
import * as builtins from '@gridlease/kube/builtins';
import { systemClock } from '@gridlease/kube/clock';
import { connectCluster } from '@gridlease/kube/cluster';
import { describeError } from '@gridlease/kube/errors';
import { eventRecorder } from '@gridlease/kube/events';
import { informerCheck, staleListsCheck, startHttpServer } from '@gridlease/kube/http';
import { joinedMetrics } from '@gridlease/kube/joinedMetrics';
import type { ElectionLease } from '@gridlease/kube/leaderDecide';
import { leaderLease } from '@gridlease/kube/leaderLease';
import { createLogger } from '@gridlease/kube/log';
import { childRegistry } from '@gridlease/kube/metrics';
import { replicaNameOf } from '@gridlease/kube/replicaName';
import { resourceClient } from '@gridlease/kube/resources';
import { startTracing } from '@gridlease/kube/tracingSetup';
import type { Registry } from 'prom-client';
import { batchFiles } from './anchor/batchFiles.ts';
import { operatorClients, operatorInformers } from './clients.ts';
import type { OperatorConfig } from './config.ts';
import { heartbeatFile } from './heartbeatMemory.ts';
import { createHeartbeats } from './heartbeats.ts';
import { lead } from './lead.ts';
import { bundleStore } from './match/bundles.ts';
import { operatorRegistry } from './metrics.ts';
import { version } from './version.ts';

const dayMs = 86_400_000;

/**
 * Runs the operator until the signal aborts. Of several replicas one leads: queue → match → lease for
 * the jobs, federation for the providers, billing and settlement for the money. The others keep their
 * caches warm. Resolves once everything has stopped.
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
  await using _tracing = await startTracing({
    config: config.tracing,
    serviceName: 'gridlease-operator',
    serviceVersion: version,
    resource: { 'service.instance.id': hostname(), 'service.namespace': 'gridlease' },
    log,
    signal,
  });
  const registry = operatorRegistry(version);
  await using hub = connectCluster({
    name: 'hub',
    userAgent: `gridlease-operator/${version}`,
    registry,
    watchLimits: {
      silenceMs: config.watch.silenceSeconds * 1_000,
      relistMs: config.watch.relistSeconds * 1_000,
    },
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
  const memory = heartbeatFile({ path: join(config.stateDir, 'heartbeats.json'), log });
  const heartbeats = createHeartbeats({ informer: informers.heartbeats, clock, memory });
  const bundles = bundleStore(join(config.stateDir, 'placements'));
  const anchors = batchFiles(join(config.stateDir, 'anchors'));
  const { leaseName, durationSeconds, renewDeadlineSeconds, retrySeconds } = config.leaderElection;
  const replicaName = replicaNameOf(config.leaderElection.replicaName);
  const election = leaderLease({
    client: resourceClient<ElectionLease>(hub, builtins.leases),
    namespace: config.namespace,
    name: leaseName,
    ...(replicaName === undefined ? {} : { replicaName }),
    durationMs: durationSeconds * 1_000,
    renewDeadlineMs: renewDeadlineSeconds * 1_000,
    retryMs: retrySeconds * 1_000,
    recorder,
    log,
  });
  // The stages' metrics live as long as they do: what a follower last counted as leader is no news.
  let termRegistry: Registry | undefined;
  await using server = await startHttpServer({
    ...config.listen,
    registry: joinedMetrics(
      registry,
      () => [termRegistry],
      (metric, error) => log.error({ metric, error: describeError(error) }, 'Not readable'),
    ),
    liveness: Object.values(informers).map((informer) => staleListsCheck(informer)),
    readiness: [
      apiServerCheck(hub),
      ...Object.values(informers).map((informer) => informerCheck(informer)),
    ],
  });
  using ending = linkedAbort([signal]);
  for (const informer of Object.values(informers)) informer.start(ending.signal);
  const prune = setInterval(() => {
    bundles
      .prune(config.retentionSeconds * 1_000, clock.now().getTime())
      .catch((error: unknown) => log.warn({ error }, 'Old placement inputs could not be deleted'));
    anchors
      .prune(config.retentionSeconds * 1_000, clock.now().getTime())
      .catch((error: unknown) => log.warn({ error }, 'Old anchored batches could not be deleted'));
  }, dayMs);
  log.info({ url: server.url, hub: hub.server, version }, 'The operator runs');
  const replica = { config, hub, hubUid, informers, heartbeats, recorder, bundles, clock, log };
  try {
    await election.run(async (term) => {
      termRegistry = childRegistry(registry);
      try {
        await lead(replica, term, termRegistry);
      } finally {
        termRegistry = undefined;
      }
    }, ending.signal);
  } finally {
    ending.abort();
    clearInterval(prune);
    await Promise.all(Object.values(informers).map(({ stopped }) => stopped));
    await memory.written;
  }
  log.info('The operator has stopped');
}
