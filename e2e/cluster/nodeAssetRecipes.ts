import { type AssetRecipe, kubernetes } from './assetRecipes.ts';

export type NodeAssetName =
  | 'containerd'
  | 'containerd-shim-runc-v2'
  | 'ctr'
  | 'runc'
  | 'kubelet'
  | 'ptp'
  | 'loopback'
  | 'host-local'
  | 'pause';

const containerd = (
  name: 'containerd' | 'containerd-shim-runc-v2' | 'ctr',
  aboutSeconds: number,
): AssetRecipe<NodeAssetName> => ({
  name,
  module: 'containerd',
  package: `github.com/containerd/containerd/v2/cmd/${name}`,
  linkerFlags: '-s -w',
  // Snapshotters that need kernel modules or tools of their own; nodes here use overlayfs.
  tags: 'no_btrfs no_devmapper no_zfs no_aufs',
  aboutSeconds,
});

const networkPlugin = (
  name: 'ptp' | 'loopback' | 'host-local',
  folder: 'main' | 'ipam',
): AssetRecipe<NodeAssetName> => ({
  name,
  module: 'cni',
  package: `github.com/containernetworking/plugins/plugins/${folder}/${name}`,
  linkerFlags: '-s -w',
  aboutSeconds: 5,
});

/** What a real node runs. runc is first: only it needs a C library, and a machine without it is told so at once. */
export const NODE_RECIPES: readonly AssetRecipe<NodeAssetName>[] = [
  {
    name: 'runc',
    module: 'runc',
    package: 'github.com/opencontainers/runc',
    linkerFlags: '-s -w',
    tags: 'seccomp',
    library: 'seccomp',
    aboutSeconds: 20,
  },
  containerd('containerd', 100),
  containerd('containerd-shim-runc-v2', 10),
  containerd('ctr', 10),
  kubernetes('kubelet', 60),
  networkPlugin('ptp', 'main'),
  networkPlugin('loopback', 'main'),
  networkPlugin('host-local', 'ipam'),
  {
    name: 'pause',
    module: 'pause',
    package: 'gridlease.dev/e2e/cluster/pause',
    linkerFlags: '-s -w',
    aboutSeconds: 2,
  },
];

export type ServiceAssetName = 'kube-proxy' | 'coredns';

/** What Services' addresses and names need. A set with a key of its own, so that neither set rebuilds the other. */
export const SERVICE_RECIPES: readonly AssetRecipe<ServiceAssetName>[] = [
  // Not in the module of the other programs of Kubernetes: what it needs besides would change the key of them all.
  { ...kubernetes('kube-proxy', 50), module: 'kube-proxy' },
  {
    name: 'coredns',
    module: 'coredns',
    package: 'gridlease.dev/e2e/cluster/coredns',
    linkerFlags: '-s -w',
    aboutSeconds: 90,
  },
];
