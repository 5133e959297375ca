import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MODEL_NAMES } from '../../devices/modelNames.ts';
import { type BuiltImage, buildImage } from '../../images/buildImage.ts';
import type { NodeAssetPaths } from '../assets.ts';
import type { ControlPlane } from '../controlPlane.ts';
import { GPU_PRODUCTS, type GpuProductName } from '../gpuProducts.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import { gpuFeatureLabels } from '../nodes.ts';
import { claimPort } from '../ports.ts';
import type { Processes, RunningProcess } from '../processes.ts';
import { waitFor } from '../waitFor.ts';
import { makeCgroup } from './cgroups.ts';
import { containerdConfig, networkConfig } from './containerdConfig.ts';
import { controlNode, type RealNodeControl } from './control.ts';
import { kubeletConfig } from './kubeletConfig.ts';
import { type NodeFolder, nodeFolder } from './nodeFolder.ts';
import { openNodeHost, startNodeHolder } from './nodeHost.ts';
import {
  bridgeOf,
  cgroupOf,
  clearAbandonedNodes,
  clearNode,
  type RegisteredNode,
  registerNode,
  subnetOf,
} from './register.ts';
import { realNodeSupport } from './support.ts';

export type RealNodeOptions = {
  /** A provider's control plane that was told the node's name when it started. */
  readonly plane: ControlPlane;
  readonly name: string;
  readonly product: GpuProductName;
  readonly gpus: number;
  /** Folder of the whole federation; the node's own is made in it. */
  readonly dir: string;
  readonly assets: NodeAssetPaths;
  readonly processes: Processes;
  /** Default false: the node is cleared by the next run when this program ended without doing so. */
  readonly outlivesOwner?: boolean;
  readonly signal?: AbortSignal | undefined;
};

/** As RealNodeControl; disposing ends the node and leaves nothing of it. */
export type RealNode = RealNodeControl & AsyncDisposable;

const DEVICES = fileURLToPath(new URL('../../devices/main.ts', import.meta.url));

type Ports = { readonly kubelet: number; readonly health: number; readonly devices: number };

const kubeletCommand = (
  options: RealNodeOptions,
  folder: NodeFolder,
  registered: RegisteredNode,
  ports: Ports,
): readonly string[] => {
  const { apiServer, name: cluster } = options.plane;
  const { kubelets } = apiServer;
  if (kubelets === undefined) throw new Error(`${cluster} was started without real nodes`);
  const { gateway } = subnetOf(registered.number);
  const kubeconfig = folder.file('kubelet.kubeconfig');
  writeKubeconfig(kubeconfig, kubelets.accessAs(options.name), {
    cluster,
    user: `system:node:${options.name}`,
  });
  const { certificate, privateKey } = kubelets.trust.serve(options.name, gateway);
  const config = kubeletConfig({
    address: gateway,
    port: ports.kubelet,
    healthPort: ports.health,
    cgroup: cgroupOf(registered.number),
    clientAuthorityFile: kubelets.trust.authorityFile,
    certificateFile: folder.write('kubelet.crt', certificate),
    privateKeyFile: folder.write('kubelet.key', privateKey),
    resolvConf: folder.write('resolv.conf', 'options ndots:1\n'),
  });
  return [
    options.assets.kubelet,
    `--kubeconfig=${kubeconfig}`,
    `--config=${folder.write('kubelet.json', JSON.stringify(config, null, 2))}`,
    '--root-dir=/var/lib/kubelet',
    `--cert-dir=${folder.path}`,
    `--hostname-override=${options.name}`,
    `--node-ip=${gateway}`,
    '--v=2',
  ];
};

const devicesCommand = (options: RealNodeOptions, port: number): readonly string[] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  DEVICES,
  ...['--plugin-dir', '/var/lib/kubelet/device-plugins'],
  ...['--pod-resources', '/var/lib/kubelet/pod-resources/kubelet.sock'],
  ...['--resource', 'nvidia.com/gpu'],
  ...['--devices', Array.from({ length: options.gpus }, () => `GPU-${randomUUID()}`).join(',')],
  ...['--product', MODEL_NAMES[options.product]],
  ...['--node', options.name],
  ...['--port', String(port)],
];

type NodeObject = {
  readonly status?: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
};

/** As GPU Feature Discovery labels a node, and one label more that says what these GPUs are. */
const labelNode = (options: RealNodeOptions): Promise<unknown> =>
  options.plane.client.request(
    'PATCH',
    `/api/v1/nodes/${options.name}`,
    {
      metadata: {
        labels: {
          'gridlease.dev/simulated-gpus': 'true',
          ...gpuFeatureLabels(GPU_PRODUCTS[options.product], options.gpus),
        },
      },
    },
    'application/merge-patch+json',
  );

const isInService = async ({ plane, name, gpus }: RealNodeOptions): Promise<boolean> => {
  const node = await plane.client.get<NodeObject>(`/api/v1/nodes/${name}`);
  const isReady = node.status?.conditions?.some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
  return isReady === true && node.status?.allocatable?.['nvidia.com/gpu'] === String(gpus);
};

/** Writes what each program needs; none is started yet. */
const prepare = async (
  options: RealNodeOptions,
  folder: NodeFolder,
  registered: RegisteredNode,
  ports: Ports,
): Promise<BuiltImage> => {
  const { assets } = options;
  const sandbox = await buildImage({
    name: 'gridlease.test/pause',
    base: 'empty',
    files: { '/pause': assets.pause },
    config: { entrypoint: ['/pause'] },
    outDir: folder.file('images'),
  });
  const { subnet } = subnetOf(registered.number);
  folder.write('cni/pods.conflist', networkConfig(bridgeOf(registered.number), subnet));
  const config = containerdConfig({
    assets,
    root: folder.file('containerd'),
    networkConfigDir: folder.file('cni'),
    sandboxImage: sandbox.reference,
  });
  folder.program('containerd', [
    assets.containerd,
    '--config',
    folder.write('containerd.toml', config),
  ]);
  folder.program('kubelet', kubeletCommand(options, folder, registered, ports));
  folder.program('devices', devicesCommand(options, ports.devices));
  for (const program of ['containerd', 'kubelet', 'devices'] as const) folder.allow(program, false);
  return sandbox;
};

const claimPorts = async () => {
  const claims = [await claimPort(), await claimPort(), await claimPort()] as const;
  const [kubelet, health, devices] = claims.map(({ port }) => port) as [number, number, number];
  return {
    ports: { kubelet, health, devices } satisfies Ports,
    release: () => {
      for (const claim of claims) claim.release();
    },
  };
};

/**
 * Starts containerd, a kubelet and simulated GPUs in namespaces of their own, and returns once the node is Ready with
 * all its GPUs. Clears first what nodes of crashed runs have left. Throws where realNodeSupport says no.
 */
export const startRealNode = async (options: RealNodeOptions): Promise<RealNode> => {
  const { name, assets, signal } = options;
  const support = realNodeSupport();
  if (!support.supported) throw new Error(`no real node can run here: ${support.reason}`);
  await clearAbandonedNodes();
  const path = join(options.dir, 'nodes', name);
  const outlivesOwner = options.outlivesOwner ?? false;
  const registered = registerNode({ name, dir: options.dir, folder: path, outlivesOwner });
  let holder: RunningProcess | undefined;
  const dispose = async (): Promise<void> => {
    if (holder !== undefined) await options.processes.stopOne(holder);
    await clearNode(registered);
    rmSync(path, { recursive: true, force: true });
  };
  const { ports, release } = await claimPorts();
  try {
    const folder = nodeFolder(path);
    const sandbox = await prepare(options, folder, registered, ports);
    makeCgroup(cgroupOf(registered.number));
    const programFolder = dirname(assets['containerd-shim-runc-v2']);
    holder = await startNodeHolder({ ...options, folder, programFolder });
    const node = controlNode({
      name,
      address: subnetOf(registered.number).gateway,
      devicesURL: `http://127.0.0.1:${ports.devices}`,
      healthPort: ports.health,
      cgroup: cgroupOf(registered.number),
      host: openNodeHost(name, folder, holder, signal),
      ctr: assets.ctr,
      logs: join(options.dir, 'logs'),
      signal,
    });
    await node.restart('containerd');
    await node.importImage(sandbox.archivePath, sandbox.reference);
    await node.restart('kubelet');
    await node.restart('devices');
    const registeredAt = { what: `the node object of ${name}`, signal };
    await waitFor(() => options.plane.client.find(`/api/v1/nodes/${name}`), registeredAt);
    await labelNode(options);
    const ready = { what: `${name} Ready with ${options.gpus} GPUs`, timeoutMilliseconds: 60_000 };
    await waitFor(() => isInService(options), { ...ready, signal });
    return Object.assign(node, { [Symbol.asyncDispose]: dispose });
  } catch (error) {
    await dispose();
    throw error;
  } finally {
    release();
  }
};
