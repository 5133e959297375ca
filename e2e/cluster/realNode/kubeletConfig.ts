import { CLUSTER_DOMAIN, DNS_ADDRESS, NODE_PORTS } from './addresses.ts';
import { CONTAINERD_SOCKET } from './containerdConfig.ts';

export type KubeletConfigOptions = {
  /** Address of the node. */
  readonly address: string;
  readonly cgroup: string;
  readonly clientAuthorityFile: string;
  readonly certificateFile: string;
  readonly privateKeyFile: string;
  readonly resolvConf: string;
  /** Whether pods get the cluster's names; else they have none but their own. */
  readonly hasNames: boolean;
};

/** KubeletConfiguration. Whoever asks the kubelet shows a certificate or a token, and RBAC decides. */
export const kubeletConfig = (options: KubeletConfigOptions): Record<string, unknown> => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address: options.address,
  port: NODE_PORTS.kubelet,
  readOnlyPort: 0,
  healthzBindAddress: options.address,
  healthzPort: NODE_PORTS.kubeletHealth,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: options.clientAuthorityFile },
  },
  authorization: { mode: 'Webhook' },
  tlsCertFile: options.certificateFile,
  tlsPrivateKeyFile: options.privateKeyFile,
  containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${options.cgroup}`,
  // Both are as the machine is; what they cost a real cluster doesn't matter here.
  failCgroupV1: false,
  failSwapOn: false,
  enforceNodeAllocatable: [],
  resolvConf: options.resolvConf,
  ...(options.hasNames && { clusterDNS: [DNS_ADDRESS], clusterDomain: CLUSTER_DOMAIN }),
  makeIPTablesUtilChains: false,
  serializeImagePulls: false,
  // Images are imported once and there is no registry to get them from again.
  imageGCHighThresholdPercent: 100,
  // The machine's disk is shared: how full it is says nothing about the node.
  evictionHard: {
    'memory.available': '100Mi',
    'nodefs.available': '1%',
    'imagefs.available': '1%',
  },
  nodeStatusUpdateFrequency: '5s',
  // Otherwise a pod's file of settings may be a minute old.
  syncFrequency: '10s',
  nodeLeaseDurationSeconds: 40,
  // One task can't take all the process ids of the machine.
  podPidsLimit: 1024,
});
