import * as kinds from '@gridlease/crds/resources';
import { type Cluster, connectCluster } from '@gridlease/kube/cluster';
import type { HealthCheck } from '@gridlease/kube/http';
import { createLogger } from '@gridlease/kube/log';
import { type PreflightResult, runPreflight, servedCheck } from '@gridlease/kube/preflight';
import { createPublicClient, http, isAddressEqual } from 'viem';
import { verifyChain } from './chainVerify.ts';
import type { AgentConfig } from './config.ts';
import { accessOf } from './hubConnection.ts';
import { loadKey } from './keys.ts';
import { askChain } from './knownChain.ts';
import { version } from './version.ts';

const clusterKinds = [kinds.leaseRecords, kinds.channelRecords, kinds.chainTransactions];
const userAgent = `gridlease-provider-agent/${version}`;

/**
 * What the agent needs before it can work: its kinds at home, rights at the hub, a chain with the escrow, and a grant
 * for its own key. Writes nothing, and leaves the hub's token as it is. Resolves with what was found when all is well
 * or `timeoutMs` is over.
 */
export async function checkAgent(options: {
  readonly config: AgentConfig;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<readonly PreflightResult[]> {
  const { config, timeoutMs, signal } = options;
  const { kubeconfigPath } = config.cluster;
  await using cluster = connectCluster({
    name: 'cluster',
    userAgent,
    ...(kubeconfigPath === undefined ? {} : { kubeconfigPath }),
  });
  await using hub = connectCluster({
    name: 'hub',
    userAgent,
    kubeConfig: accessOf(config.hub),
  });
  const checks = [
    keyCheck(config),
    servedCheck(cluster, clusterKinds),
    hubCheck(hub, config, signal),
    chainCheck(config),
  ];
  return runPreflight({ checks, timeoutMs, signal });
}

const keyCheck = (config: AgentConfig): HealthCheck => ({
  name: 'grant',
  check: () => {
    const { address } = loadKey(config.agentKeyPath, 'agent', createLogger({ name: 'check' }));
    if (isAddressEqual(address, config.grant.agent)) return undefined;
    return `is for agent ${config.grant.agent}, and the key is that of ${address}: have the owner sign a new one`;
  },
});

/** Takes the hub's address, its certificate, the token, and the binding that the hub's operator made. */
const hubCheck = (hub: Cluster, config: AgentConfig, signal: AbortSignal): HealthCheck => ({
  name: 'hub',
  check: async () => {
    const { group, version: served, plural } = kinds.gpuLeases;
    const path = `/apis/${group}/${served}/namespaces/${config.hub.namespace}/${plural}`;
    await hub.request({ method: 'GET', path, query: { limit: 1 }, signal });
    return undefined;
  },
});

const chainCheck = ({ chain }: AgentConfig): HealthCheck => ({
  name: 'chain',
  check: async () => {
    const client = createPublicClient({ transport: http(chain.rpcURL, { timeout: 10_000 }) });
    await verifyChain(client, await askChain(client, chain));
    return undefined;
  },
});
