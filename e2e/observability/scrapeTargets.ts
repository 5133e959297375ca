import { OPERATOR_NAMESPACE } from '@gridlease/crds/labels';
import type { Federation } from '../cluster/federation.ts';
import type { ScrapeTarget } from '../cluster/prometheus.ts';
import { AGENT_NAMESPACE } from '../cluster/providerCluster.ts';

/** A program as the charts' monitors label it, each cluster by its name. */
export type Scraped = Pick<ScrapeTarget, 'job'> & {
  readonly labels: { readonly cluster: string; readonly namespace: string };
};

export const scrapedOperator: Scraped = {
  job: 'gridlease-operator',
  labels: { cluster: 'hub', namespace: OPERATOR_NAMESPACE },
};

export const scrapedAgent = (cluster: string): Scraped => ({
  job: 'gridlease-provider-agent',
  labels: { cluster, namespace: AGENT_NAMESPACE },
});

/** Every replica of every program. */
export const scrapeTargets = ({
  environment,
}: Pick<Federation, 'environment'>): readonly ScrapeTarget[] => {
  const { operators, agentReplicas } = environment.metrics;
  const agents = environment.providers.flatMap(({ name }, index) =>
    (agentReplicas[index] ?? []).map((address) => ({ address, ...scrapedAgent(name) })),
  );
  return [...operators.map((address) => ({ address, ...scrapedOperator })), ...agents];
};
