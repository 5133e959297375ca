import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApiClient } from './apiClient.ts';
import type { ControllerOptions } from './controllerManager.ts';
import { IDENTITIES } from './identities.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import type { RunningProcess } from './processes.ts';

/** How simulated nodes and their pods behave; the file says it line by line. */
const STAGES = fileURLToPath(new URL('./kwok/stages.yaml', import.meta.url));

const ROLE = 'gridlease-e2e-kwok';

/** What the simulator may do: play kubelet for nodes and pods, nothing else. */
const grantRights = async (client: ApiClient): Promise<void> => {
  await client.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: ROLE },
    rules: [
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch', 'patch'] },
      {
        apiGroups: [''],
        resources: ['pods'],
        verbs: ['get', 'list', 'watch', 'patch', 'update', 'delete'],
      },
      {
        apiGroups: [''],
        resources: ['nodes/status', 'pods/status'],
        verbs: ['patch', 'update'],
      },
      { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch', 'update'] },
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'update'],
      },
    ],
  });
  await client.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: ROLE },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: ROLE },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: IDENTITIES.kwok.user }],
  });
};

/** Starts kwok for all simulated nodes of a cluster; nodes without the label are left to a real kubelet. */
export const startKwok = async (
  options: ControllerOptions & { readonly client: ApiClient },
): Promise<RunningProcess> => {
  await grantRights(options.client);
  const kubeconfig = join(options.dir, `${options.name}-kwok.kubeconfig`);
  writeKubeconfig(kubeconfig, options.apiServer.accessAs('kwok'), {
    cluster: options.name,
    user: IDENTITIES.kwok.user,
  });
  return options.processes.start({
    name: `${options.name}-kwok`,
    layer: 2,
    command: options.assets.kwok,
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--config=${STAGES}`,
      '--manage-nodes-with-label-selector=gridlease.dev/simulated=true',
      '--node-ip=127.0.0.1',
      '--cidr=10.244.0.0/16',
      '--node-lease-duration-seconds=40',
      '--v=WARN',
    ],
  });
};
