import { join } from 'node:path';
import type { ApiServer } from './apiServer.ts';
import type { AssetPaths } from './assets.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import type { Processes, RunningProcess } from './processes.ts';

/** What a hub needs: namespaces that go away, service accounts, quota, garbage collection, roles, checked policies. */
const HUB_CONTROLLERS = [
  'namespace-controller',
  'serviceaccount-controller',
  'garbage-collector-controller',
  'resourcequota-controller',
  'clusterrole-aggregation-controller',
  // Writes into a policy's status what its expressions say wrongly about the types they look at.
  'validatingadmissionpolicy-status-controller',
] as const;

/** What a cluster with nodes needs besides: workloads, and nodes that can be lost. */
const PROVIDER_CONTROLLERS = [
  ...HUB_CONTROLLERS,
  'job-controller',
  'ttl-after-finished-controller',
  'deployment-controller',
  'replicaset-controller',
  'pod-garbage-collector-controller',
  'node-lifecycle-controller',
  'taint-eviction-controller',
] as const;

/** What pods need besides that use their own cluster's API, and Services that lead to them. */
const POD_CONTROLLERS = [
  'root-ca-certificate-publisher-controller',
  'serviceaccount-token-controller',
  'endpointslice-controller',
  'disruption-controller',
] as const;

export type ControllerRole = 'hub' | 'provider';

export type ControllerOptions = {
  /** Prefix of the program's name, "alpha" for "alpha-scheduler". */
  readonly name: string;
  readonly dir: string;
  readonly assets: AssetPaths;
  readonly processes: Processes;
  readonly apiServer: ApiServer;
};

/** Starts kube-controller-manager with the controllers that a cluster needs only: the others would cost CPU and do nothing here. */
export const startControllerManager = (
  options: ControllerOptions & {
    readonly role: ControllerRole;
    /** Whether real pods, here or in another cluster, use this API server. */
    readonly servesPods: boolean;
  },
): RunningProcess => {
  const kubeconfig = join(options.dir, `${options.name}-controller-manager.kubeconfig`);
  writeKubeconfig(kubeconfig, options.apiServer.accessAs('controllerManager'), {
    cluster: options.name,
    user: 'system:kube-controller-manager',
  });
  const hasNodes = options.role === 'provider' || options.apiServer.kubelets !== undefined;
  const controllers: readonly string[] = [
    ...(hasNodes ? PROVIDER_CONTROLLERS : HUB_CONTROLLERS),
    ...(options.servesPods ? POD_CONTROLLERS : []),
  ];
  return options.processes.start({
    name: `${options.name}-controller-manager`,
    layer: 2,
    command: options.assets['kube-controller-manager'],
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--controllers=${controllers.join(',')}`,
      // Each controller then has the rights of its own standard role, none has all.
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${options.apiServer.serviceAccountKeyFile}`,
      `--root-ca-file=${options.apiServer.certificateAuthorityFile}`,
      '--leader-elect=false',
      '--secure-port=0',
      // The defaults (20, 30) are made for large clusters with patience; here they would be what one measures.
      '--kube-api-qps=500',
      '--kube-api-burst=1000',
      '--concurrent-job-syncs=10',
      '--concurrent-namespace-syncs=10',
      '--node-monitor-period=2s',
      '--node-monitor-grace-period=50s',
      '--allocate-node-cidrs=false',
      '--v=1',
    ],
  });
};
