import { type LeaseIdentity, tenantLabels } from './labels.ts';
import { type Manifest, synthesise } from './manifests.ts';

/** As rbac/provider/agent.yaml has them: the agent may bind this role, to whom else it likes nothing. */
const roleName = 'gridlease-tenant-logs';
const accountName = 'gridlease-provider-agent';

/**
 * The agent's right to read logs, in one tenant's namespace: what else runs in the cluster may say in its
 * logs what is nobody's business. Not a wall; without it the tasks run as well, and their logs are lost.
 */
export function renderLogRights(
  identity: LeaseIdentity,
  namespace: string,
  agentNamespace: string,
): Manifest {
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: roleName },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: roleName },
    subjects: [{ kind: 'ServiceAccount', name: accountName, namespace: agentNamespace }],
  };
  return synthesise({ namespace, labels: tenantLabels(identity) }, [binding])[0]!;
}
