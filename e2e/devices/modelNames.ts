import { GPU_PRODUCTS, type GpuProduct, type GpuProductName } from '../cluster/gpuProducts.ts';

/**
 * What the driver calls each product, which is DCGM's `modelName`. GPU Feature Discovery's label is this name with
 * dashes for spaces, so the name can't be had back from the label.
 */
export const MODEL_NAMES: Readonly<Record<GpuProductName, string>> = {
  H100: 'NVIDIA H100 80GB HBM3',
  H200: 'NVIDIA H200',
  A100: 'NVIDIA A100-SXM4-80GB',
  L40S: 'NVIDIA L40S',
  RTX4090: 'NVIDIA GeForce RTX 4090',
};

/** The product that the driver calls so. Throws, naming those it knows, when there is none. */
export function productOfModel(modelName: string): GpuProduct {
  const found = Object.entries(MODEL_NAMES).find(([, name]) => name === modelName);
  if (found === undefined) {
    const known = Object.values(MODEL_NAMES).join(', ');
    throw new Error(`no product is called "${modelName}"; there are ${known}`);
  }
  return GPU_PRODUCTS[found[0] as GpuProductName];
}
