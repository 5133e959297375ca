import { hostname } from 'node:os';
import { hubId } from '@gridlease/contracts/ids';
import * as resources from '@gridlease/crds/resources';
import { abortable, linkedAbort } from '@gridlease/kube/abort';
import { buildInfo } from '@gridlease/kube/buildInfo';
import * as builtins from '@gridlease/kube/builtins';
import { systemClock } from '@gridlease/kube/clock';
import { connectCluster } from '@gridlease/kube/cluster';
import { describeError, retryOf, TerminalError } from '@gridlease/kube/errors';
import { informerCheck, staleListsCheck, startHttpServer } from '@gridlease/kube/http';
import { joinedMetrics } from '@gridlease/kube/joinedMetrics';
import { leaderLease } from '@gridlease/kube/leaderLease';
import { createLogger, type Logger } from '@gridlease/kube/log';
import { childRegistry, createRegistry } from '@gridlease/kube/metrics';
import { replicaNameOf } from '@gridlease/kube/replicaName';
import { resourceClient } from '@gridlease/kube/resources';
import { startTracing } from '@gridlease/kube/tracingSetup';
import type { Registry } from 'prom-client';
import { isAddressEqual } from 'viem';
import { connectChain } from './chain.ts';
import { createClusterView } from './clusterView.ts';
import { completeConfig } from './completeConfig.ts';
import type { AgentConfig } from './config.ts';
import { createFence } from './fence/reconcile.ts';
import { type CoordinationLease, createHeartbeat, heartbeatCheck } from './heartbeat.ts';
import { connectHub } from './hubConnection.ts';
import { createInformers } from './informers.ts';
import { loadKey } from './keys.ts';
import { lead } from './lead.ts';
import { readAsks } from './offer/asks.ts';
import { createRemoval } from './removal.ts';
import { createRenewalRecord } from './renewalRecord.ts';
import type { Transforms } from './stageContext.ts';
import { untilDone } from './untilDone.ts';
import { version } from './version.ts';

export type AgentOptions = {
  readonly config: AgentConfig;
  /** Ends the agent; it then returns within a few seconds. Running pods are left alone. */
  readonly signal: AbortSignal;
  readonly transforms?: Transforms;
};

const userAgent = `gridlease-provider-agent/${version}`;
/** A stage that hangs must not keep the process; what it was doing is repeated at the next start. */
const stopMs = 4_000;

/**
 * Runs one provider's agent for one hub until the signal aborts. Of several replicas one leads; the
 * others keep their caches warm, and all of them watch the fence. Throws a TerminalError when the
 * configuration contradicts itself or the chain; everything that can heal is retried instead.
 */
export async function runAgent({ config, signal, transforms }: AgentOptions): Promise<void> {
  const log = createLogger({
    name: 'provider-agent',
    level: config.logLevel,
    bindings: { provider: config.providerName },
  });
  await using _tracing = await startTracing({
    config: config.tracing,
    serviceName: 'gridlease-provider-agent',
    serviceVersion: version,
    resource: {
      'service.instance.id': hostname(),
      'service.namespace': 'gridlease',
      'gridlease.provider.name': config.providerName,
      'gridlease.hub.name': config.hub.name,
    },
    log,
    signal,
  });
  const clock = systemClock;
  const registry = createRegistry();
  buildInfo(registry, 'provider-agent', version);
  const agent = loadKey(config.agentKeyPath, 'agent', log);
  const gas = loadKey(config.gasKeyPath, 'gas', log);
  checkGrant(config, agent.address, log);
  // A wrong price is an error at once, where the token is stated.
  if (config.chain.token !== undefined) readAsks(config.offers, config.chain.token);

  const watchLimits = {
    silenceMs: config.watch.silenceSeconds * 1_000,
    relistMs: config.watch.relistSeconds * 1_000,
  };
  const connection = connectHub(config, { registry, userAgent, watchLimits, log });
  await using hub = connection.cluster;
  const { kubeconfigPath, namespace: recordNamespace } = config.cluster;
  const own = kubeconfigPath === undefined ? {} : { kubeconfigPath };
  await using cluster = connectCluster({
    name: 'cluster',
    ...own,
    userAgent,
    watchLimits,
    registry,
  });
  const hubNamespace = config.hub.namespace;
  const informers = createInformers({ hub, hubNamespace, cluster, recordNamespace, log });
  const view = createClusterView(informers.cluster, hubId(config.hub.uid), config.inventory);

  const workloads = {
    deployments: resourceClient(cluster, builtins.deployments),
    replicaSets: resourceClient(cluster, builtins.replicaSets),
    jobs: resourceClient(cluster, builtins.jobs),
    pods: resourceClient(cluster, builtins.pods),
  };
  const ownLeases = resourceClient<CoordinationLease>(cluster, builtins.leases);
  const { leaseName, durationSeconds, renewDeadlineSeconds, retrySeconds } = config.leaderElection;
  const replicaName = replicaNameOf(config.leaderElection.replicaName);
  const election = leaderLease({
    client: ownLeases,
    namespace: recordNamespace,
    name: leaseName ?? `gridlease-provider-agent.${config.hub.uid}`,
    ...(replicaName === undefined ? {} : { replicaName }),
    durationMs: durationSeconds * 1_000,
    renewDeadlineMs: renewDeadlineSeconds * 1_000,
    retryMs: retrySeconds * 1_000,
    log,
  });
  const { identity } = election;
  // Until the contract has said it, the longest that it can be.
  let closeWindowSeconds = 86_400;
  const heartbeat = createHeartbeat({
    client: resourceClient(hub, builtins.leases),
    namespace: hubNamespace,
    identity: `${config.providerName}/${replicaName ?? process.pid}`,
    intervalSeconds: config.heartbeatSeconds,
    shared: createRenewalRecord({
      client: ownLeases,
      namespace: recordNamespace,
      name: `gridlease-heartbeat.${config.hub.uid}`,
      identity,
      clock,
    }),
    isLeading: () => election.isLeading,
    clock,
    registry,
    log,
  });
  const fence = createFence({
    renewals: heartbeat,
    isLeader: () => election.isLeading,
    hubNamespace,
    recordNamespace,
    informers: {
      leases: informers.hub.leases,
      records: informers.cluster.records,
      pods: informers.cluster.leasePods,
    },
    clients: {
      leases: resourceClient(hub, resources.gpuLeases),
      records: resourceClient(cluster, resources.leaseRecords),
      ...workloads,
    },
    remove: createRemoval(workloads),
    clock,
    registry,
    log,
  });
  const watched = [...Object.values(informers.hub), ...Object.values(informers.cluster)];
  // The stages' metrics live as long as they do: what a follower last counted as leader is no news.
  let termRegistry: Registry | undefined;
  await using _server = await startHttpServer({
    ...config.listen,
    registry: joinedMetrics(
      registry,
      () => [termRegistry],
      (metric, error) => log.error({ metric, error: describeError(error) }, 'Not readable'),
    ),
    liveness: watched.map((informer) => staleListsCheck(informer)),
    readiness: [
      heartbeatCheck(config.hub.name, heartbeat, clock),
      ...watched.map((informer) => informerCheck(informer)),
    ],
  });
  // Aborts with the caller's signal, or when the chain turns out to be another than configured.
  const failed = new AbortController();
  const ending = AbortSignal.any([signal, failed.signal]);
  connection.start(ending);
  for (const informer of watched) informer.start(ending);
  heartbeat.start(ending);
  fence.start(ending);
  const completed = completeConfig(config, ending, log);
  const replica = {
    ...{
      completed,
      hub,
      cluster,
      informers,
      view,
      heartbeat,
      agent,
      gas,
      transforms,
      clock,
      log,
    },
    hubHeard: fence.mayStart,
    closeWindowSeconds: () => closeWindowSeconds,
  };
  const leading = election
    .run(async (term) => {
      termRegistry = childRegistry(registry);
      try {
        await lead(replica, term, termRegistry);
      } finally {
        termRegistry = undefined;
      }
    }, ending)
    .catch((error: unknown) => failed.abort(error));
  log.info({ hub: config.hub.name, owner: config.owner, agent: agent.address }, 'agent started');
  const listing = untilDone(
    'Listing the cluster',
    async (s) => {
      await Promise.all(Object.values(informers.cluster).map((informer) => informer.synced(s)));
      view.refresh();
    },
    ending,
    log,
  );
  const checking = completed
    .then(async (known) => {
      const chain = connectChain({ ...known.config.chain, log });
      await untilDone('Checking the chain', (s) => chain.verify(s), ending, log);
      if (!ending.aborted) closeWindowSeconds = await chain.closeWindowSeconds(ending);
    })
    .catch((error: unknown) => {
      if (retryOf(error) === 'never') failed.abort(error);
    });
  await new Promise<void>((resolve) => {
    if (ending.aborted) resolve();
    else ending.addEventListener('abort', () => resolve(), { once: true });
  });
  const parts = [...watched, heartbeat, fence];
  using limit = linkedAbort([], stopMs, 'Stopping');
  await abortable(
    Promise.all([leading, listing, checking, ...parts.map((part) => part.stopped)]),
    limit.signal,
  ).catch((error: unknown) => log.warn({ error: describeError(error) }, 'Not everything stopped'));
  log.info('agent stopped');
  if (failed.signal.aborted && !signal.aborted) throw failed.signal.reason;
}

/** The owner's permission must be for this key and this owner; the hub would refuse every offer. */
function checkGrant(config: AgentConfig, agent: `0x${string}`, log: Logger): void {
  const { grant } = config;
  if (!isAddressEqual(grant.agent, agent)) {
    throw new TerminalError(
      `The grant is for agent ${grant.agent}, agentKeyPath holds ${agent}: have the owner sign a new one`,
    );
  }
  if (!isAddressEqual(grant.provider, config.owner)) {
    throw new TerminalError(`The grant is of ${grant.provider}, owner is ${config.owner}`);
  }
  const leftSeconds = Number(grant.notAfter) - Date.now() / 1000;
  if (leftSeconds < 86_400 * 7) {
    log.warn(
      { notAfter: grant.notAfter },
      'The grant ends within a week: have the owner sign a new one',
    );
  }
}
