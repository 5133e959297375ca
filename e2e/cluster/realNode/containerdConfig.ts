import { dirname } from 'node:path';
import type { NodeAssetPaths } from '../assets.ts';

/** In the node's own file system; /run is the node's alone, so all nodes may call it the same. */
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

export type ContainerdConfigOptions = {
  readonly assets: NodeAssetPaths;
  /** Where images and layers are kept, on a file system that overlayfs can lie on. */
  readonly root: string;
  readonly networkConfigDir: string;
  /** Reference of the image that holds a pod's namespaces; it is imported, nothing is pulled. */
  readonly sandboxImage: string;
};

const quoted = (text: string): string => JSON.stringify(text);

/** containerd's configuration, version 3. */
export const containerdConfig = (options: ContainerdConfigOptions): string => {
  const { assets } = options;
  const pluginDirs = new Set(
    [assets.ptp, assets.loopback, assets['host-local']].map((file) => dirname(file)),
  );
  return `version = 3
root = ${quoted(options.root)}
state = "/run/containerd"

[grpc]
  address = ${quoted(CONTAINERD_SOCKET)}

[plugins.'io.containerd.cri.v1.runtime']
  # A score below its own may be refused to a process; runc then starts nothing at all.
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = [${[...pluginDirs].map(quoted).join(', ')}]
    conf_dir = ${quoted(options.networkConfigDir)}
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      BinaryName = ${quoted(assets.runc)}
      SystemdCgroup = false

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = ${quoted(options.sandboxImage)}
`;
};

/**
 * Pods get addresses of the node's own subnet. Each has a link of its own to the node, which routes between them: what
 * goes to a Service and comes back to a pod beside it passes the node both ways, with no help from a bridge's filter.
 */
export const networkConfig = (subnet: string): string =>
  JSON.stringify({
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          dataDir: '/var/lib/cni',
          ranges: [[{ subnet }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  });
