import { hostname } from 'node:os';
import { hubId } from '@gridlease/contracts/ids';
import { watchLimits } from '@gridlease/crds/programConfig';
import { abortable, linkedAbort } from '@gridlease/kube/abort';
import { buildInfo } from '@gridlease/kube/buildInfo';
import { systemClock } from '@gridlease/kube/clock';
import { connectCluster } from '@gridlease/kube/cluster';
import { describeError, retryOf } from '@gridlease/kube/errors';
import { informerCheck, staleListsCheck, startHttpServer } from '@gridlease/kube/http';
import { createLogger, type Logger } from '@gridlease/kube/log';
import { createRegistry } from '@gridlease/kube/metrics';
import { termMetrics } from '@gridlease/kube/termMetrics';
import { startTracing } from '@gridlease/kube/tracingSetup';
import { connectChain } from './chain.ts';
import { type ClusterView, createClusterView } from './clusterView.ts';
import { completeConfig } from './completeConfig.ts';
import type { AgentConfig } from './config.ts';
import { checkGrant } from './grantCheck.ts';
import { heartbeatCheck } from './heartbeat.ts';
import { connectHub } from './hubConnection.ts';
import { type AgentInformers, createInformers } from './informers.ts';
import { loadKey } from './keys.ts';
import { lead, type Replica } from './lead.ts';
import { readAsks } from './offer/asks.ts';
import { createSignsOfLife } from './signsOfLife.ts';
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
/** Until the contract has said its close window, the longest that it can be. */
const longestCloseWindowSeconds = 86_400;

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
  await using _tracing = await tracingOf(config, log, signal);
  const clock = systemClock;
  const registry = createRegistry();
  buildInfo(registry, 'provider-agent', version);
  const keys = keysOf(config, log);

  const calls = { registry, userAgent, watchLimits: watchLimits(config.watch) };
  const connection = connectHub(config, { ...calls, log });
  await using hub = connection.cluster;
  const { kubeconfigPath, namespace: recordNamespace } = config.cluster;
  const own = kubeconfigPath === undefined ? {} : { kubeconfigPath };
  await using cluster = connectCluster({ name: 'cluster', ...own, ...calls });
  const hubNamespace = config.hub.namespace;
  const informers = createInformers({ hub, hubNamespace, cluster, recordNamespace, log });
  const watched = [...Object.values(informers.hub), ...Object.values(informers.cluster)];
  const view = createClusterView(informers.cluster, hubId(config.hub.uid), config.inventory);
  const common = { hub, cluster, informers, clock, log };
  const { election, heartbeat, fence } = createSignsOfLife({ ...common, config, registry });
  const metrics = termMetrics(registry, log);
  await using _server = await startHttpServer({
    ...config.listen,
    registry: metrics.page,
    liveness: watched.map((informer) => staleListsCheck(informer)),
    readiness: [
      heartbeatCheck(config.hub.name, heartbeat, clock),
      ...watched.map((informer) => informerCheck(informer)),
    ],
  });
  // Aborts with the caller's signal, or when the chain turns out to be another than configured.
  const failed = new AbortController();
  const ending = AbortSignal.any([signal, failed.signal]);
  const parts = [...watched, heartbeat, fence];
  for (const part of [connection, ...parts]) part.start(ending);
  const completed = completeConfig(config, ending, log);
  const checked = checkChain(completed, ending, log, (error) => failed.abort(error));
  const replica: Replica = {
    ...{ ...common, ...keys, view, heartbeat, completed, transforms },
    hubHeard: fence.mayStart,
    closeWindowSeconds: checked.closeWindowSeconds,
  };
  const leading = election
    .run((term) => metrics.during((ofTerm) => lead(replica, term, ofTerm)), ending)
    .catch((error: unknown) => failed.abort(error));
  const { owner } = config;
  log.info({ hub: config.hub.name, owner, agent: keys.agent.address }, 'agent started');
  const listing = listCluster(informers, view, ending, log);
  await aborted(ending);
  await stopped([leading, listing, checked.done, ...parts.map((part) => part.stopped)], log);
  log.info('agent stopped');
  if (failed.signal.aborted && !signal.aborted) throw failed.signal.reason;
}

function tracingOf(config: AgentConfig, log: Logger, signal: AbortSignal) {
  return startTracing({
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
}

/** Throws a TerminalError where keys, grant and prices can't go together. */
function keysOf(config: AgentConfig, log: Logger): Pick<Replica, 'agent' | 'gas'> {
  const agent = loadKey(config.agentKeyPath, 'agent', log);
  const gas = loadKey(config.gasKeyPath, 'gas', log);
  checkGrant(config, agent.address, log);
  // A wrong price is an error at once, where the token is stated.
  if (config.chain.token !== undefined) readAsks(config.offers, config.chain.token);
  return { agent, gas };
}

/** Asks the chain whether it is the one that is configured, and for its close window. */
function checkChain(
  completed: Replica['completed'],
  ending: AbortSignal,
  log: Logger,
  fail: (error: unknown) => void,
): { readonly closeWindowSeconds: () => number; readonly done: Promise<void> } {
  let closeWindowSeconds = longestCloseWindowSeconds;
  const done = completed
    .then(async (known) => {
      const chain = connectChain({ ...known.config.chain, log });
      await untilDone('Checking the chain', (s) => chain.verify(s), ending, log);
      if (!ending.aborted) closeWindowSeconds = await chain.closeWindowSeconds(ending);
    })
    .catch((error: unknown) => {
      if (retryOf(error) === 'never') fail(error);
    });
  return { closeWindowSeconds: () => closeWindowSeconds, done };
}

function listCluster(
  informers: AgentInformers,
  view: ClusterView,
  ending: AbortSignal,
  log: Logger,
): Promise<void> {
  const list = async (signal: AbortSignal): Promise<void> => {
    await Promise.all(Object.values(informers.cluster).map((informer) => informer.synced(signal)));
    view.refresh();
  };
  return untilDone('Listing the cluster', list, ending, log);
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

async function stopped(parts: readonly Promise<void>[], log: Logger): Promise<void> {
  using limit = linkedAbort([], stopMs, 'Stopping');
  await abortable(Promise.all(parts), limit.signal).catch((error: unknown) =>
    log.warn({ error: describeError(error) }, 'Not everything stopped'),
  );
}
