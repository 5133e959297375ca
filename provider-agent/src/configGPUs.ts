import { z } from 'zod';
import { seconds } from './configFields.ts';

/** As the kind GPUOffer takes it: exact in every token. */
const offerPrice = z
  .string()
  .regex(
    /^(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?$/,
    'must be token units with at most 6 decimals, such as "2.10"',
  );

/** As a job may ask for it: one that no job can name is never taken. */
const product = z
  .string()
  .regex(
    /^[A-Za-z0-9][-A-Za-z0-9._ ]*$/,
    'must be a product such as H100 or RTX-4090: letters, digits, . _ - and spaces',
  )
  .max(63);

/** One product and its price. */
export const offerConfig = z.strictObject({
  product: product.describe(
    'A product as jobs write it ("H100"); offered for every kind of it in the cluster.',
  ),
  pricePerGPUHour: offerPrice.describe('Token units for one GPU for one hour.'),
  spotPricePerGPUHour: offerPrice
    .optional()
    .describe('The same on spot terms; left out, none is offered.'),
  minGPUs: z.int().min(1).optional(),
  maxGPUs: z.int().min(1).optional(),
  maxDurationSeconds: seconds(0).optional(),
  validSeconds: seconds(60).optional(),
});

/** GPUs of nodes that carry no product label, as the provider states them. */
const statedProduct = z
  .strictObject({
    nodeName: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .describe('One node; or all nodes with these labels.'),
    nodeSelector: z.record(z.string(), z.string()).optional(),
    product: product.describe(
      'As GPU Feature Discovery would write it, such as "NVIDIA-H100-80GB-HBM3".',
    ),
    memoryMiB: z
      .int()
      .min(0)
      .max(16_777_216)
      .default(0)
      .describe(
        "Memory of one GPU; 0 when it isn't stated: then jobs that ask for memory go elsewhere.",
      ),
  })
  .refine(
    ({ nodeName, nodeSelector }) => (nodeName === undefined) !== (nodeSelector === undefined),
    'give either nodeName or nodeSelector',
  );

/** Without an effect or a value: the key alone is compared. */
const taintKey = z
  .string()
  .regex(
    /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
    'must be the key of a taint, such as example.org/gpu',
  );

/** What a cluster does not say itself. */
export const inventoryConfig = z
  .strictObject({
    products: z
      .array(statedProduct)
      .max(64)
      .default([])
      .describe(
        'For nodes with GPUs and without a product label; a label wins. The first that fits counts.',
      ),
    toleratedTaints: z
      .array(taintKey)
      .max(16)
      .default([])
      .describe(
        "Keys of taints that don't keep tenants off, beside nvidia.com/gpu. In a cluster of one node those of the control plane are tolerated without being named.",
      ),
  })
  .prefault({})
  .describe('What the cluster does not say itself of its nodes.');

const exporterURL = z
  .string()
  .regex(
    /^https?:\/\/([A-Za-z0-9][-A-Za-z0-9_.]*|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?(\/[^\s]*)?$/,
    'must be a URL such as http://10.0.0.7:9400/metrics',
  );

/** Where the agent learns which container has which GPUs. */
export const meteringConfig = z
  .strictObject({
    exporterURLs: z
      .array(exporterURL)
      .max(256)
      .default([])
      .describe('Pages of DCGM exporters, such as http://10.0.0.7:9400/metrics.'),
    discoverExporters: z
      .boolean()
      .default(true)
      .describe(
        "Also ask the pods labelled as NVIDIA's exporter, on their port 9400, each about its own node.",
      ),
    exporterNamespaces: z
      .array(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must name a namespace'))
      .max(16)
      .default(['gpu-operator', 'nvidia-gpu-operator', 'kube-system'])
      .describe('Namespaces in which nobody but the provider can make such pods.'),
    exporterSeconds: seconds(1).default(10).describe('Between two readings of an exporter.'),
  })
  .prefault({})
  .describe('Who says which GPUs a container has, where the kubelet does not.');
