import type { FederationEnvironment } from './environment.ts';
import type { Federation } from './federation.ts';
import { TENANT } from './hub.ts';

type Described = Pick<
  Federation,
  'hub' | 'providers' | 'chain' | 'money' | 'accounts' | 'programs' | 'processes'
>;

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
    })),
    chain: {
      rpcURL: chain.rpcURL,
      chainId: chain.chainId,
      ...money,
      registry: null,
      anchor: null,
    },
    tenant: { ...TENANT, ...accounts.tenant },
    metrics: {
      operator: programs?.operator.metricsURL ?? null,
      agents: programs?.agents.map((agent) => agent.metricsURL) ?? [],
    },
    pids: {
      operator: programs?.operator.process.pid ?? null,
      agents: programs?.agents.map((agent) => agent.process.pid) ?? [],
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
