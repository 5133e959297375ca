import type { FederationAccounts } from './accounts.ts';
import type { LocalChain } from './chain.ts';
import type { ControlPlane } from './controlPlane.ts';
import type { FederationEnvironment } from './environment.ts';
import { TENANT } from './hub.ts';
import type { Money } from './money.ts';
import type { Processes } from './processes.ts';
import type { FederationPrograms } from './program.ts';
import type { ProviderCluster } from './providerCluster.ts';
import type { S3Store } from './s3.ts';

type Described = {
  readonly hub: ControlPlane;
  readonly providers: readonly ProviderCluster[];
  readonly chain: LocalChain;
  readonly money: Money;
  readonly accounts: FederationAccounts;
  readonly store: S3Store | undefined;
  /** None where only the clusters run. */
  readonly programs: FederationPrograms | undefined;
  readonly processes: Processes;
};

/** What env.json says of a federation that runs. */
export const describeFederation = (federation: Described): FederationEnvironment => {
  const { hub, providers, chain, money, accounts, programs, processes } = federation;
  const records = processes.records();
  return {
    hub: { kubeconfig: hub.adminKubeconfig },
    providers: providers.map((provider, index) => ({
      name: provider.name,
      kubeconfig: provider.adminKubeconfig,
      address: accounts.provider(index).owner.address,
      realNodes: provider.realNodes.map(({ name, address, devices, pids }) => ({
        name,
        address,
        devicesURL: devices.url,
        pids,
      })),
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
