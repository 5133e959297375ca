import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ApiClient } from './apiClient.ts';
import { type ApiServer, startApiServer } from './apiServer.ts';
import type { AssetPaths } from './assets.ts';
import { type ControllerRole, startControllerManager } from './controllerManager.ts';
import { startEtcd } from './etcd.ts';
import { IDENTITIES } from './identities.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { startKwok } from './kwok.ts';
import type { Processes, RunningProcess } from './processes.ts';
import { KUBELET_CLIENT } from './realNode/kubeletTrust.ts';
import type { NodeNetwork } from './realNode/network.ts';
import { startScheduler } from './scheduler.ts';

export type ControlPlaneOptions = {
  /** Prefix of its programs and files: "hub", "alpha". */
  readonly name: string;
  readonly role: ControllerRole;
  /** Folder of this cluster's files; made when missing. */
  readonly dir: string;
  readonly assets: AssetPaths;
  readonly processes: Processes;
  readonly audit?: boolean;
  /** Where pods of real nodes, of this cluster or another, reach this API server. Default: they don't. */
  readonly network?: NodeNetwork | undefined;
  /** Nodes with a kubelet of their own, to be started once this is up; the node simulator is then left out. */
  readonly nodeNames?: readonly string[];
  readonly signal?: AbortSignal | undefined;
};

export type ControlPlane = {
  readonly name: string;
  readonly apiServer: ApiServer;
  /** Bootstrap rights (system:masters); for setting the cluster up, never for a program. */
  readonly client: ApiClient;
  /** kubeconfig of a platform team's admin: cluster-admin by a binding to the group gridlease:platform-admins. */
  readonly adminKubeconfig: string;
  /** None where no pod reaches the API server. */
  readonly network: NodeNetwork | undefined;
  /** Those with a kubelet of their own. */
  readonly nodeNames: readonly string[];
  /** controller-manager and, where there are nodes, scheduler and kwok. */
  readonly controllers: readonly RunningProcess[];
};

const ADMIN_BINDING = 'gridlease-platform-admins';

/** People are bound to cluster-admin, so that what they may do can be read and taken back like any other right. */
const bindPlatformAdmins = (client: ApiClient) =>
  client.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: ADMIN_BINDING },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [
      {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Group',
        name: IDENTITIES.platformAdmin.groups[0],
      },
    ],
  });

/** Logs of real containers are read through the API server, which asks the kubelet with a certificate of its own. */
const letAskKubelets = (client: ApiClient) =>
  client.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'gridlease-kubelet-client' },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'system:kubelet-api-admin',
    },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: KUBELET_CLIENT }],
  });

/**
 * Starts one cluster's control plane: etcd and kube-apiserver, controllers of its role, and where it is to have nodes
 * the scheduler and, unless they are real, the node simulator. Resolves when the API server is ready; the controllers come up behind it.
 */
export const startControlPlane = async (options: ControlPlaneOptions): Promise<ControlPlane> => {
  const { name, dir } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const etcdURL = await startEtcd({ ...options, name: `${name}-etcd` });
  const apiServer = await startApiServer({ ...options, name: `${name}-apiserver`, etcdURL });
  const hasRealNodes = apiServer.kubelets !== undefined;
  const { network, nodeNames = [] } = options;
  const controllers: RunningProcess[] = [
    startControllerManager({ ...options, apiServer, servesPods: network !== undefined }),
  ];
  const client = new ApiClient(apiServer.accessAs('bootstrap'));
  await bindPlatformAdmins(client);
  if (hasRealNodes || options.role === 'provider') {
    controllers.push(startScheduler({ ...options, apiServer }));
  }
  if (hasRealNodes) await letAskKubelets(client);
  else if (options.role === 'provider') {
    controllers.push(await startKwok({ ...options, apiServer, client }));
  }
  const adminKubeconfig = join(dir, 'admin.kubeconfig');
  writeKubeconfig(adminKubeconfig, apiServer.accessAs('platformAdmin'), {
    cluster: `gridlease-${name}`,
    user: IDENTITIES.platformAdmin.user,
  });
  return { name, apiServer, client, adminKubeconfig, network, nodeNames, controllers };
};
