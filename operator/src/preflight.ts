import * as kinds from '@gridlease/crds/resources';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { secrets } from '@gridlease/kube/builtins';
import { type Cluster, connectCluster } from '@gridlease/kube/cluster';
import type { HealthCheck } from '@gridlease/kube/http';
import { type PreflightResult, runPreflight, servedCheck } from '@gridlease/kube/preflight';
import { resourceClient } from '@gridlease/kube/resources';
import { type Chains, createChains, type Secret } from './chains.ts';
import type { OperatorConfig } from './config.ts';
import { version } from './version.ts';

/** What a hub must serve. */
const hubKinds = [
  kinds.gpuJobs,
  kinds.gpuLeases,
  kinds.leaseWorkloads,
  kinds.placementRecords,
  kinds.paymentAccounts,
  kinds.paymentChannels,
  kinds.settlementChains,
  kinds.gpuProviders,
  kinds.gpuOffers,
  kinds.gpuInventories,
  kinds.chainTransactions,
];

/**
 * What the operator needs before it can work: its kinds, and of each chain that is named the right id, contract and
 * token. Writes nothing. Resolves with what was found when all is well or `timeoutMs` is over.
 */
export async function checkOperator(options: {
  readonly config: OperatorConfig;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<readonly PreflightResult[]> {
  const { config, timeoutMs, signal } = options;
  await using hub = connectCluster({
    name: 'hub',
    userAgent: `gridlease-operator/${version}`,
    ...(config.kubeconfigPath === undefined ? {} : { kubeconfigPath: config.kubeconfigPath }),
  });
  const chains = createChains({ secrets: resourceClient<Secret>(hub, secrets) });
  try {
    const checks = [servedCheck(hub, hubKinds), chainsCheck(hub, chains, signal)];
    return await runPreflight({ checks, timeoutMs, signal });
  } finally {
    chains.close();
  }
}

/** Before the first SettlementChain there is none to check: they are named after the install. */
const chainsCheck = (hub: Cluster, chains: Chains, signal: AbortSignal): HealthCheck => ({
  name: 'chains',
  check: async () => {
    const client = resourceClient<SettlementChain>(hub, kinds.settlementChains);
    const { items } = await client.list({ signal });
    const verdicts = await Promise.all(items.map((chain) => chains.reconcile(chain, signal)));
    const problems = verdicts.flatMap((verdict, index) =>
      verdict.ready ? [] : [`${items[index]!.metadata.name}: ${verdict.message}`],
    );
    return problems.length === 0 ? undefined : problems.join('; ');
  },
});
