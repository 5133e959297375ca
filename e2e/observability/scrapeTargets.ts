import type { Federation } from '../cluster/federation.ts';
import type { ScrapeTarget } from '../cluster/prometheus.ts';

/** Every replica of every program, labelled as the charts' monitors do, each cluster by its name. */
export function scrapeTargets({
  environment,
}: Pick<Federation, 'environment'>): readonly ScrapeTarget[] {
  const { operators, agentReplicas } = environment.metrics;
  const agents = environment.providers.flatMap(({ name }, index) =>
    (agentReplicas[index] ?? []).map((address) => ({
      address,
      job: 'gridlease-provider-agent',
      labels: { cluster: name, namespace: 'gridlease-agent' },
    })),
  );
  return [
    ...operators.map((address) => ({
      address,
      job: 'gridlease-operator',
      labels: { cluster: 'hub', namespace: 'gridlease-system' },
    })),
    ...agents,
  ];
}
