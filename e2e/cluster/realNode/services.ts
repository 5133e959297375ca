import type { ApiClient } from '../apiClient.ts';
import type { ServiceAssetPaths } from '../assets.ts';
import { IDENTITIES, type IdentityName } from '../identities.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import { CLUSTER_DOMAIN, DNS_ADDRESS, NODE_PORTS, nodeAddress } from './addresses.ts';
import type { NodeProgramOptions } from './nodePrograms.ts';

/** What makes addresses and names of Services work on a node. */
export type NodeServices = {
  readonly assets: ServiceAssetPaths;
  /** Folder with the program nft. */
  readonly nftFolder: string;
};

/** As the interfaces are called that lead into pods. */
const POD_INTERFACE_PREFIX = 'veth';

const kubeconfigFor = (options: NodeProgramOptions, identity: IdentityName): string => {
  const { plane, folder } = options;
  const file = folder.file(`${identity}.kubeconfig`);
  writeKubeconfig(file, plane.apiServer.accessAs(identity), {
    cluster: plane.name,
    user: IDENTITIES[identity].user,
  });
  return file;
};

/** kube-proxy, whose rules are in the node's own network namespace and nowhere else. */
export const proxyCommand = (
  options: NodeProgramOptions,
  { assets, nftFolder }: NodeServices,
): readonly string[] => {
  const config = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    hostnameOverride: options.name,
    clientConnection: { kubeconfig: kubeconfigFor(options, 'kubeProxy') },
    healthzBindAddress: `${nodeAddress(options.place)}:${NODE_PORTS.proxyHealth}`,
    metricsBindAddress: '127.0.0.1:10249',
    detectLocalMode: 'InterfaceNamePrefix',
    detectLocal: { interfaceNamePrefix: POD_INTERFACE_PREFIX },
    // Some of these are the whole machine's: they stay as they are.
    conntrack: {
      maxPerCore: 0,
      min: 0,
      tcpEstablishedTimeout: '0s',
      tcpCloseWaitTimeout: '0s',
    },
  };
  const file = options.folder.write('kube-proxy.json', JSON.stringify(config, null, 2));
  // kube-proxy looks for nft in its PATH.
  return [
    ...['env', `PATH=${nftFolder}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`],
    ...[assets['kube-proxy'], `--config=${file}`, '--v=2'],
  ];
};

/** CoreDNS for the pods of the cluster. It asks nobody else: a name outside the cluster does not exist. */
export const dnsCommand = (
  options: NodeProgramOptions,
  { assets }: NodeServices,
): readonly string[] => {
  const address = nodeAddress(options.place);
  const zones = `${CLUSTER_DOMAIN}:${NODE_PORTS.dns} in-addr.arpa:${NODE_PORTS.dns}`;
  const corefile = `${zones} {
  bind ${address}
  errors
  ready ${address}:${NODE_PORTS.dnsReady}
  kubernetes ${CLUSTER_DOMAIN} in-addr.arpa {
    kubeconfig ${kubeconfigFor(options, 'coreDNS')}
    pods insecure
    ttl 5
  }
}
.:${NODE_PORTS.dns} {
  bind ${address}
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;
  return [assets.coredns, '-conf', options.folder.write('Corefile', corefile)];
};

const NAMESPACE = 'kube-system';
const PORTS = [
  { name: 'dns', protocol: 'UDP', port: NODE_PORTS.dns },
  { name: 'dns-tcp', protocol: 'TCP', port: NODE_PORTS.dns },
] as const;

/** The Service that pods ask for names, and what CoreDNS may read. Each node adds itself to it, see addDnsEndpoint. */
export const installNames = async (client: ApiClient): Promise<void> => {
  const metadata = { name: 'system:coredns' };
  const apiGroup = 'rbac.authorization.k8s.io';
  await client.apply({
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRole',
    metadata,
    rules: [
      {
        apiGroups: [''],
        resources: ['services', 'namespaces', 'pods'],
        verbs: ['list', 'watch'],
      },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  });
  await client.apply({
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup, kind: 'ClusterRole', name: metadata.name },
    subjects: [{ apiGroup, kind: 'User', name: IDENTITIES.coreDNS.user }],
  });
  await client.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: NAMESPACE, name: 'kube-dns', labels: { 'k8s-app': 'kube-dns' } },
    // Without a selector: CoreDNS is a program of each node here, and not a pod.
    spec: { clusterIP: DNS_ADDRESS, ports: PORTS, internalTrafficPolicy: 'Local' },
  });
};

/** Pods of this node are sent to its own CoreDNS. */
export const addDnsEndpoint = ({ plane, name, place }: NodeProgramOptions): Promise<unknown> =>
  plane.client.apply({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: NAMESPACE,
      name: `kube-dns-${name}`,
      labels: {
        'kubernetes.io/service-name': 'kube-dns',
        'endpointslice.kubernetes.io/managed-by': 'gridlease-e2e',
      },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: [nodeAddress(place)], nodeName: name, conditions: { ready: true } }],
    ports: PORTS,
  });
