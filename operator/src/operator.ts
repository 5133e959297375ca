import { hostname } from 'node:os';
import { join } from 'node:path';
import { electionOptions, watchLimits } from '@gridlease/crds/programConfig';
import { linkedAbort } from '@gridlease/kube/abort';
import { apiServerCheck } from '@gridlease/kube/apiServerCheck';
import * as builtins from '@gridlease/kube/builtins';
import { systemClock } from '@gridlease/kube/clock';
import { type Cluster, connectCluster } from '@gridlease/kube/cluster';
import { type EventRecorder, eventRecorder } from '@gridlease/kube/events';
import { informerCheck, staleListsCheck, startHttpServer } from '@gridlease/kube/http';
import type { ElectionLease } from '@gridlease/kube/leaderDecide';
import { leaderLease } from '@gridlease/kube/leaderLease';
import { createLogger, type Logger } from '@gridlease/kube/log';
import { resourceClient } from '@gridlease/kube/resources';
import type { Term } from '@gridlease/kube/term';
import { termMetrics } from '@gridlease/kube/termMetrics';
import { startTracing } from '@gridlease/kube/tracingSetup';
import { type BatchFiles, batchFiles } from './anchor/batchFiles.ts';
import { operatorClients, operatorInformers } from './clients.ts';
import type { OperatorConfig } from './config.ts';
import { heartbeatFile } from './heartbeatMemory.ts';
import { createHeartbeats } from './heartbeats.ts';
import { lead } from './lead.ts';
import { type BundleStore, bundleStore } from './match/bundles.ts';
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
  const { logLevel: level } = config;
  const log = createLogger({ name: 'operator', ...(level === undefined ? {} : { level }) });
  await using _tracing = await tracingOf(config, log, signal);
  const registry = operatorRegistry(version);
  await using hub = connectCluster({
    name: 'hub',
    userAgent: `gridlease-operator/${version}`,
    registry,
    watchLimits: watchLimits(config.watch),
    ...(config.kubeconfigPath === undefined ? {} : { kubeconfigPath: config.kubeconfigPath }),
  });
  const clock = systemClock;
  const { namespaces } = operatorClients(hub);
  const kubeSystem = await namespaces.get({ name: 'kube-system' }, { signal });
  const informers = operatorInformers(hub, config.namespace, log);
  const watched = Object.values(informers);
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
  const election = electionOf(config, hub, recorder, log);
  const metrics = termMetrics(registry, log);
  await using server = await startHttpServer({
    ...config.listen,
    registry: metrics.page,
    liveness: watched.map((informer) => staleListsCheck(informer)),
    readiness: [apiServerCheck(hub), ...watched.map((informer) => informerCheck(informer))],
  });
  using ending = linkedAbort([signal]);
  for (const informer of watched) informer.start(ending.signal);
  const prune = setInterval(() => pruneFiles(bundles, anchors, config, log), dayMs);
  log.info({ url: server.url, hub: hub.server, version }, 'The operator runs');
  const hubUid = kubeSystem.metadata.uid!;
  const lasting = { hub, hubUid, informers, heartbeats, recorder, bundles, anchors };
  const replica = { config, ...lasting, clock, log };
  const act = (term: Term) => metrics.during((ofTerm) => lead(replica, term, ofTerm));
  try {
    await election.run(act, ending.signal);
  } finally {
    ending.abort();
    clearInterval(prune);
    await Promise.all(watched.map(({ stopped }) => stopped));
    await memory.written;
  }
  log.info('The operator has stopped');
}

function tracingOf(config: OperatorConfig, log: Logger, signal: AbortSignal) {
  return startTracing({
    config: config.tracing,
    serviceName: 'gridlease-operator',
    serviceVersion: version,
    resource: { 'service.instance.id': hostname(), 'service.namespace': 'gridlease' },
    log,
    signal,
  });
}

function electionOf(config: OperatorConfig, hub: Cluster, recorder: EventRecorder, log: Logger) {
  return leaderLease({
    client: resourceClient<ElectionLease>(hub, builtins.leases),
    namespace: config.namespace,
    name: config.leaderElection.leaseName,
    ...electionOptions(config.leaderElection),
    recorder,
    log,
  });
}

/** Deletes what is older than the objects that it belongs to; what can't be deleted now goes another day. */
function pruneFiles(
  bundles: BundleStore,
  anchors: BatchFiles,
  { retentionSeconds }: OperatorConfig,
  log: Logger,
): void {
  const nowMs = systemClock.now().getTime();
  bundles
    .prune(retentionSeconds * 1_000, nowMs)
    .catch((error: unknown) => log.warn({ error }, 'Old placement inputs could not be deleted'));
  anchors
    .prune(retentionSeconds * 1_000, nowMs)
    .catch((error: unknown) => log.warn({ error }, 'Old anchored batches could not be deleted'));
}
