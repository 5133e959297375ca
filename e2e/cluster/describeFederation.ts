import type { FederationAccounts } from './accounts.ts';
import type { LocalChain } from './chain.ts';
import type { ControlPlane } from './controlPlane.ts';
import type { FederationEnvironment, RealNodeEnvironment } from './environment.ts';
import { TENANT } from './hub.ts';
import type { Money } from './money.ts';
import type { Processes } from './processes.ts';
import type { FederationPrograms } from './program.ts';
import type { ProviderCluster } from './providerCluster.ts';
import type { RealNode } from './realNode/realNode.ts';
import type { S3Store } from './s3.ts';

type Described = {
  readonly hub: ControlPlane;
  readonly hubRealNodes: readonly RealNode[];
  readonly providers: readonly ProviderCluster[];
  readonly chain: LocalChain;
  readonly money: Money;
  readonly accounts: FederationAccounts;
  /** Why addresses and names of Services don't work on real nodes; null where they do. */
  readonly noServices: string | null;
  readonly store: S3Store | undefined;
  /** None where only the clusters run. */
  readonly programs: FederationPrograms | undefined;
  readonly processes: Processes;
};

/** What env.json says of a federation that runs. */
export const describeFederation = (federation: Described): FederationEnvironment => {
  const { hub, providers, chain, money, accounts, programs, processes, noServices } = federation;
  const records = processes.records();
  const describe = (nodes: readonly RealNode[]): readonly RealNodeEnvironment[] =>
    nodes.map(({ name, address, machineAddress, devices, pids }) => ({
      ...{ name, address, machineAddress, noServices, pids },
      devicesURL: devices.url,
    }));
  return {
    hub: { kubeconfig: hub.adminKubeconfig, realNodes: describe(federation.hubRealNodes) },
    providers: providers.map((provider, index) => ({
      name: provider.name,
      kubeconfig: provider.adminKubeconfig,
      address: accounts.provider(index).owner.address,
      realNodes: describe(provider.realNodes),
    })),
    chain: {
      rpcURL: chain.rpcURL,
      chainId: chain.chainId,
      ...money,
      registry: null,
    },
    store: federation.store ?? null,
    tenant: { ...TENANT, ...accounts.tenant },
    metrics: {
      operator: programs?.operator.metricsURL ?? null,
      agents: programs?.agents.map((agent) => agent.metricsURL) ?? [],
      operators: programs?.operators.map(({ metricsURL }) => metricsURL) ?? [],
      agentReplicas:
        programs?.agentReplicas.map((all) => all.map(({ metricsURL }) => metricsURL)) ?? [],
    },
    pids: {
      operator: programs?.operator.process.pid ?? null,
      agents: programs?.agents.map((agent) => agent.process.pid) ?? [],
      operators: programs?.operators.map(({ process }) => process.pid) ?? [],
      agentReplicas:
        programs?.agentReplicas.map((all) => all.map(({ process }) => process.pid)) ?? [],
      wallet: programs?.wallet.pid ?? null,
      chain: records.find((record) => record.name === 'chain')?.pid ?? null,
      clusters: Object.fromEntries(
        records
          .filter((record) => record.layer < 3 && record.name !== 'chain')
          .map((record) => [record.name, record.pid]),
      ),
    },
  };
};
