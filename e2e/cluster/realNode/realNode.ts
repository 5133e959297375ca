import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BuiltImage, buildImage } from '../../images/buildImage.ts';
import type { NodeAssetPaths } from '../assets.ts';
import type { ControlPlane } from '../controlPlane.ts';
import { GPU_PRODUCTS } from '../gpuProducts.ts';
import { gpuFeatureLabels } from '../nodes.ts';
import type { Processes, RunningProcess } from '../processes.ts';
import { waitFor } from '../waitFor.ts';
import { cgroupOf, machineAddress, nodeAddress, podSubnet } from './addresses.ts';
import { makeCgroup, removeCgroup } from './cgroups.ts';
import { containerdConfig, networkConfig } from './containerdConfig.ts';
import { controlNode, type RealNodeControl } from './control.ts';
import { firstProcess } from './inside.ts';
import { connectNode, disconnectNode } from './network.ts';
import { NODE_PROGRAMS, type NodeFolder, nodeFolder } from './nodeFolder.ts';
import { openNodeHost, startNodeHolder } from './nodeHost.ts';
import {
  devicesCommand,
  devicesURL,
  kubeletCommand,
  type NodeGpus,
  type NodeProgramOptions,
} from './nodePrograms.ts';
import { addDnsEndpoint, dnsCommand, type NodeServices, proxyCommand } from './services.ts';

export type RealNodeOptions = {
  /** A control plane in a network of real nodes that was told the node's name when it started. */
  readonly plane: ControlPlane;
  readonly name: string;
  /** Default none. */
  readonly gpus?: NodeGpus | undefined;
  /** Default none: addresses of Services then lead nowhere, and pods resolve no names. */
  readonly services?: NodeServices | undefined;
  /** Folder of the whole federation; the node's own is made in it. */
  readonly dir: string;
  readonly assets: NodeAssetPaths;
  readonly processes: Processes;
  readonly signal?: AbortSignal | undefined;
};

/** As RealNodeControl; disposing ends the node and leaves nothing of it. */
export type RealNode = RealNodeControl & AsyncDisposable;

type NodeObject = {
  readonly status?: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
};

/** As GPU Feature Discovery labels a node, and one label more that says what these GPUs are. */
const labelNode = ({ plane, name }: RealNodeOptions, { product, count }: NodeGpus) =>
  plane.client.request(
    'PATCH',
    `/api/v1/nodes/${name}`,
    {
      metadata: {
        labels: {
          'gridlease.dev/simulated-gpus': 'true',
          ...gpuFeatureLabels(GPU_PRODUCTS[product], count),
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
  const has = node.status?.allocatable?.['nvidia.com/gpu'] ?? '0';
  return isReady === true && has === String(gpus?.count ?? 0);
};

/** Writes what each program needs; none is started yet. */
const prepare = async (
  options: RealNodeOptions,
  program: NodeProgramOptions,
): Promise<BuiltImage> => {
  const { assets, gpus, services, name } = options;
  const { folder, place } = program;
  const sandbox = await buildImage({
    name: 'gridlease.test/pause',
    base: 'empty',
    files: { '/pause': assets.pause },
    config: { entrypoint: ['/pause'] },
    outDir: folder.file('images'),
  });
  folder.write('cni/pods.conflist', networkConfig(podSubnet(place)));
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
  const hasNames = services !== undefined;
  folder.program('kubelet', kubeletCommand({ ...program, kubelet: assets.kubelet, hasNames }));
  if (gpus !== undefined) folder.program('devices', devicesCommand(name, place, gpus));
  if (services !== undefined) {
    folder.program('kube-proxy', proxyCommand(program, services));
    folder.program('coredns', dnsCommand(program, services));
  }
  for (const each of NODE_PROGRAMS) folder.allow(each, false);
  return sandbox;
};

const startNames = async (node: RealNodeControl, program: NodeProgramOptions): Promise<void> => {
  await node.restart('coredns');
  await addDnsEndpoint(program);
  await node.restart('kube-proxy');
};

const startPrograms = async (
  options: RealNodeOptions,
  program: NodeProgramOptions,
  node: RealNodeControl,
  sandbox: BuiltImage,
): Promise<void> => {
  const { name, gpus, services, signal } = options;
  await node.restart('containerd');
  await node.importImage(sandbox.archivePath, sandbox.reference);
  await node.restart('kubelet');
  if (gpus !== undefined) await node.restart('devices');
  const registered = { what: `the node object of ${name}`, signal };
  await waitFor(() => options.plane.client.find(`/api/v1/nodes/${name}`), registered);
  if (gpus !== undefined) await labelNode(options, gpus);
  if (services !== undefined) await startNames(node, program);
  const what = `${name} Ready${gpus === undefined ? '' : ` with ${gpus.count} GPUs`}`;
  await waitFor(() => isInService(options), { what, timeoutMilliseconds: 60_000, signal });
};

const controlOf = (
  options: RealNodeOptions,
  { folder, place }: NodeProgramOptions,
  holder: RunningProcess,
): RealNodeControl => {
  const { name, dir, assets, signal } = options;
  return controlNode({
    name,
    address: nodeAddress(place),
    machineAddress: machineAddress(place.network),
    devicesURL: devicesURL(place),
    cgroup: cgroupOf(place),
    host: openNodeHost(name, folder, holder, signal),
    ctr: assets.ctr,
    logs: join(dir, 'logs'),
    signal,
  });
};

/**
 * Starts containerd, a kubelet and, where wanted, simulated GPUs, kube-proxy and CoreDNS in namespaces of their own,
 * joined to the network of the node's control plane. Returns once the node is Ready with all its GPUs.
 */
export const startRealNode = async (options: RealNodeOptions): Promise<RealNode> => {
  const { plane, name, assets, processes } = options;
  const { network, nodeNames } = plane;
  if (network === undefined) throw new Error(`${plane.name} is in no network of real nodes`);
  const place = network.place(name);
  const path = join(options.dir, 'nodes', name);
  let holder: RunningProcess | undefined;
  const dispose = async (): Promise<void> => {
    if (holder !== undefined) await processes.stopOne(holder);
    await disconnectNode(place);
    await removeCgroup(cgroupOf(place));
    rmSync(path, { recursive: true, force: true });
  };
  try {
    const folder: NodeFolder = nodeFolder(path);
    const program = { plane, name, place, folder };
    const sandbox = await prepare(options, program);
    makeCgroup(cgroupOf(place));
    const programFolder = dirname(assets['containerd-shim-runc-v2']);
    holder = await startNodeHolder({ ...options, folder, programFolder });
    const peers = nodeNames.filter((other) => other !== name).map(network.place);
    await connectNode(place, await firstProcess(holder.pid), peers);
    const node = controlOf(options, program, holder);
    await startPrograms(options, program, node, sandbox);
    return Object.assign(node, { [Symbol.asyncDispose]: dispose });
  } catch (error) {
    await dispose();
    throw error;
  }
};
