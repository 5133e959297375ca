/**
 * Where the nodes of a federation are. Each federation with real nodes has a number that nobody else on this machine
 * has, and each of its nodes an index from 1. All of it lies in a part of 10/8 that is seldom used.
 */
export const MAX_NETWORKS = 250;
/** So many that their pods' subnets end at 10.229. */
export const MAX_NODES = 16;

export type NodePlace = {
  /** 1 to 250, the federation's. */
  readonly network: number;
  /** 1 to 16, the node's within the federation. */
  readonly index: number;
};

/** The bridge that a federation's nodes and this machine meet on. */
export const bridgeOf = (network: number): string => `gridlease${network}`;
/** This machine's address on the bridge. */
export const machineAddress = (network: number): string => `10.213.${network}.1`;
/** This machine's end of the pair that leads into the node. Linux allows 15 characters. */
export const linkOf = ({ network, index }: NodePlace): string => `gridlease${network}n${index}`;
/** Whether an interface leads into one of the federation's nodes. */
export const isLinkOf = (network: number, link: string): boolean =>
  link.startsWith(`${bridgeOf(network)}n`);
/** The node's own address on the bridge. */
export const nodeAddress = ({ network, index }: NodePlace): string =>
  `10.213.${network}.${index + 1}`;
/** Of the node's pods. */
export const podSubnet = ({ network, index }: NodePlace): string =>
  `10.${213 + index}.${network}.0/24`;
const CGROUP = 'gridlease-node-';
/** The control group that everything in the node's containers is in. */
export const cgroupOf = ({ network, index }: NodePlace): string => `${CGROUP}${network}-${index}`;
/** Whether a control group is of one of the federation's nodes. */
export const isCgroupOf = (network: number, group: string): boolean =>
  group.startsWith(`${CGROUP}${network}-`);

/** As --service-cluster-ip-range of all clusters here. */
export const SERVICE_RANGE = '10.0.0.0/24';
/** What pods ask for names: the address of the Service kube-dns. */
export const DNS_ADDRESS = '10.0.0.10';
export const CLUSTER_DOMAIN = 'cluster.local';

/** A node has an address of its own, and so the ports that are usual. */
export const NODE_PORTS = {
  kubelet: 10_250,
  kubeletHealth: 10_248,
  proxyHealth: 10_256,
  dns: 53,
  dnsReady: 8_181,
  devices: 9_400,
} as const;
