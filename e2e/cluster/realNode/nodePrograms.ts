import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { MODEL_NAMES } from '../../devices/modelNames.ts';
import type { ControlPlane } from '../controlPlane.ts';
import type { GpuProductName } from '../gpuProducts.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import { cgroupOf, NODE_PORTS, type NodePlace, nodeAddress } from './addresses.ts';
import { kubeletConfig } from './kubeletConfig.ts';
import type { NodeFolder } from './nodeFolder.ts';

export type NodeProgramOptions = {
  readonly plane: ControlPlane;
  /** Of the node. */
  readonly name: string;
  readonly place: NodePlace;
  readonly folder: NodeFolder;
};

export type NodeGpus = { readonly product: GpuProductName; readonly count: number };

/** What a kubelet and a container runtime need to know of each other and of the API server; returns the command line. */
export const kubeletCommand = (
  options: NodeProgramOptions & {
    readonly kubelet: string;
    /** Whether pods ask the cluster for names. */
    readonly hasNames: boolean;
  },
): readonly string[] => {
  const { plane, name, place, folder } = options;
  const { kubelets } = plane.apiServer;
  if (kubelets === undefined) throw new Error(`${plane.name} was started without real nodes`);
  const address = nodeAddress(place);
  const kubeconfig = folder.file('kubelet.kubeconfig');
  writeKubeconfig(kubeconfig, kubelets.accessAs(name), {
    cluster: plane.name,
    user: `system:node:${name}`,
  });
  const { certificate, privateKey } = kubelets.trust.serve(name, address);
  const config = kubeletConfig({
    address,
    cgroup: cgroupOf(place),
    clientAuthorityFile: kubelets.trust.authorityFile,
    certificateFile: folder.write('kubelet.crt', certificate),
    privateKeyFile: folder.write('kubelet.key', privateKey),
    resolvConf: folder.write('resolv.conf', 'options ndots:1\n'),
    hasNames: options.hasNames,
  });
  return [
    options.kubelet,
    `--kubeconfig=${kubeconfig}`,
    `--config=${folder.write('kubelet.json', JSON.stringify(config, null, 2))}`,
    '--root-dir=/var/lib/kubelet',
    `--cert-dir=${folder.path}`,
    `--hostname-override=${name}`,
    `--node-ip=${address}`,
    '--v=2',
  ];
};

const DEVICES = fileURLToPath(new URL('../../devices/main.ts', import.meta.url));

export const devicesURL = (place: NodePlace): string =>
  `http://${nodeAddress(place)}:${NODE_PORTS.devices}`;

/** Simulated GPUs, see e2e/devices. */
export const devicesCommand = (
  name: string,
  place: NodePlace,
  { product, count }: NodeGpus,
): readonly string[] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  DEVICES,
  ...['--plugin-dir', '/var/lib/kubelet/device-plugins'],
  ...['--pod-resources', '/var/lib/kubelet/pod-resources/kubelet.sock'],
  ...['--resource', 'nvidia.com/gpu'],
  ...['--devices', Array.from({ length: count }, () => `GPU-${randomUUID()}`).join(',')],
  ...['--product', MODEL_NAMES[product]],
  ...['--node', name],
  ...['--host', nodeAddress(place)],
  ...['--port', String(NODE_PORTS.devices)],
];
