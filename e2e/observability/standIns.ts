import { OPERATOR_NAMESPACE } from '@gridlease/crds/labels';
import type { ApiClient } from '../cluster/apiClient.ts';
import type { Federation } from '../cluster/federation.ts';
import { AGENT_NAMESPACE } from '../cluster/providerCluster.ts';

/** A Deployment under the name that the chart gives it: here the programs are processes, and nothing is restarted. */
const standIn = (name: string, namespace: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    replicas: 0,
    selector: { matchLabels: { 'app.kubernetes.io/name': name } },
    template: {
      metadata: { labels: { 'app.kubernetes.io/name': name } },
      spec: { containers: [{ name, image: `registry.example/${name}@sha256:${'ab'.repeat(32)}` }] },
    },
  },
});

const made = new WeakSet<ApiClient>();

/** So that `kubectl rollout restart` in a runbook finds what it names. Made once in each cluster. */
export const standInDeployments = async ({ hub, providers }: Federation): Promise<void> => {
  const make = async (client: ApiClient, name: string, namespace: string) => {
    if (made.has(client)) return;
    await client.apply(standIn(name, namespace));
    made.add(client);
  };
  await make(hub.client, 'gridlease-operator', OPERATOR_NAMESPACE);
  for (const { client } of providers) {
    await make(client, 'gridlease-provider-agent', AGENT_NAMESPACE);
  }
};
