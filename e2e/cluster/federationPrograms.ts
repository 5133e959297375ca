import { join } from 'node:path';
import { startAgent } from './agentProgram.ts';
import type { LocalChain } from './chain.ts';
import type { ControlPlane } from './controlPlane.ts';
import type { Clusters, FederationOptions } from './federation.ts';
import { createHubObjects, hubUid, TENANT } from './hub.ts';
import { startOperator } from './operatorProgram.ts';
import type { Processes } from './processes.ts';
import type { FederationPrograms } from './program.ts';
import type { ProviderCluster } from './providerCluster.ts';
import { waitUntilInService } from './readiness.ts';
import { startWallet } from './walletProgram.ts';

/** The chain as the programs reach it. */
const routedChain = async (
  options: FederationOptions,
  direct: LocalChain,
): Promise<LocalChain> => ({
  ...direct,
  rpcURL: (await options.chainRoute?.(direct.rpcURL)) ?? direct.rpcURL,
});

/** What the platform team's admin names. */
const nameAll = ({ hub, money, accounts, providers }: Clusters, chain: LocalChain): Promise<void> =>
  createHubObjects(hub.client, {
    chain,
    money,
    anchorKey: accounts.anchor.privateKey,
    tenantAddress: accounts.tenant.address,
    providers: providers.map(({ spec }, index) => ({
      spec,
      address: accounts.provider(index).owner.address,
    })),
  });

/** Starts operator, agents and wallet, and returns once all of them are in service. */
export const startPrograms = async (
  options: FederationOptions,
  processes: Processes,
  clusters: Clusters,
): Promise<FederationPrograms> => {
  const { hub, money, accounts, providers } = clusters;
  const chain = await routedChain(options, clusters.chain);
  const common = { hub, chain, money, processes, signal: options.signal };
  await nameAll(clusters, chain);
  const uid = await hubUid(hub.client);
  const hubDir = join(options.dir, 'hub');
  const serverOf = async (plane: ControlPlane) =>
    (await options.programServer?.(plane)) ?? plane.apiServer.server;
  const hubServer = await serverOf(hub);
  const agentsOf = async (provider: ProviderCluster, index: number) => {
    const clusterServer = await serverOf(provider);
    const starting = replicas(options.agentReplicas).map((replica) =>
      startAgent({
        ...common,
        hubServer,
        clusterServer,
        provider,
        hubUid: uid,
        accounts: accounts.provider(index),
        replica,
        main: options.agentPrograms?.[provider.spec.name],
        settings: options.agentSettings,
      }),
    );
    return Promise.all(starting);
  };
  const [operators, wallet, ...agentReplicas] = await Promise.all([
    Promise.all(
      replicas(options.operators).map((replica) =>
        startOperator({
          ...common,
          hubServer,
          dir: hubDir,
          replica,
          settings: options.operatorSettings,
        }),
      ),
    ),
    startWallet({ ...common, dir: hubDir, tenant: accounts.tenant }),
    ...providers.map(agentsOf),
  ]);
  await waitUntilInService(hub.client, providers, options.signal);
  const agents = agentReplicas.map(([first]) => first!);
  return { operator: operators[0]!, operators, agents, agentReplicas, wallet };
};

/** See Federation.admit. */
export const admit = async (
  options: FederationOptions,
  processes: Processes,
  clusters: Clusters,
): Promise<void> => {
  const { hub, money, accounts } = clusters;
  if (options.programs !== 'none') return;
  const chain = await routedChain(options, clusters.chain);
  await hub.client.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: TENANT.namespace },
  });
  await nameAll(clusters, chain);
  const dir = join(options.dir, 'hub');
  const { signal } = options;
  await startWallet({ hub, chain, money, processes, signal, dir, tenant: accounts.tenant });
};

/** Their numbers, from 1. */
const replicas = (count = 1): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1);
