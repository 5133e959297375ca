/** A GPU product as GPU Feature Discovery describes it on a node's labels. */
export type GpuProduct = {
  /** nvidia.com/gpu.product, spelled as the driver's product name is with dashes. */
  readonly product: string;
  readonly memoryMiB: number;
  readonly family: 'ampere' | 'ada-lovelace' | 'hopper';
  readonly computeMajor: number;
  readonly computeMinor: number;
  readonly multiprocessors: number;
  readonly migCapable: boolean;
  /** nvidia.com/gpu.machine: the server's DMI product name. */
  readonly machine: string;
};

export const GPU_PRODUCTS = {
  H100: {
    product: 'NVIDIA-H100-80GB-HBM3',
    memoryMiB: 81_559,
    family: 'hopper',
    computeMajor: 9,
    computeMinor: 0,
    multiprocessors: 132,
    migCapable: true,
    machine: 'DGXH100',
  },
  H200: {
    product: 'NVIDIA-H200',
    memoryMiB: 143_771,
    family: 'hopper',
    computeMajor: 9,
    computeMinor: 0,
    multiprocessors: 132,
    migCapable: true,
    machine: 'PowerEdge-XE9680',
  },
  A100: {
    product: 'NVIDIA-A100-SXM4-80GB',
    memoryMiB: 81_920,
    family: 'ampere',
    computeMajor: 8,
    computeMinor: 0,
    multiprocessors: 108,
    migCapable: true,
    machine: 'DGXA100-920-23687-2530-002',
  },
  L40S: {
    product: 'NVIDIA-L40S',
    memoryMiB: 46_068,
    family: 'ada-lovelace',
    computeMajor: 8,
    computeMinor: 9,
    multiprocessors: 142,
    migCapable: false,
    machine: 'ThinkSystem-SR675-V3',
  },
  RTX4090: {
    product: 'NVIDIA-GeForce-RTX-4090',
    memoryMiB: 24_564,
    family: 'ada-lovelace',
    computeMajor: 8,
    computeMinor: 9,
    multiprocessors: 128,
    migCapable: false,
    machine: 'SYS-4029GP-TRT',
  },
} as const satisfies Readonly<Record<string, GpuProduct>>;

export type GpuProductName = keyof typeof GPU_PRODUCTS;
