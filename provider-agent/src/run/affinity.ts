import type { WorkloadDocument } from '@gridlease/crds/workloadDocument';

/** The GPUs that a lease's product stands for in this cluster. */
export type GPUSelection = {
  /** What a container limits, such as `nvidia.com/gpu`. */
  readonly resourceName: string;
  /** Node label that names the product. */
  readonly productLabel: string;
  /** Its values on the nodes of this product. */
  readonly rawProducts: readonly string[];
  /** Nodes of this product without that label: the agent's configuration says what they have. */
  readonly statedNodes?: readonly { readonly nodeName: string; readonly memoryMiB: number }[];
  /** Keys of taints that don't keep tenants off here, beside the customary one of GPU nodes. */
  readonly toleratedTaints?: readonly string[];
};

/**
 * The very product that is paid for, memory enough where one product comes in two sizes, and the one
 * NVLink domain of a job that must stay together. Nodes without labels are listed by name.
 */
export function nodesFor(gpus: GPUSelection, document: WorkloadDocument): unknown {
  const { memoryMiB, clique } = document.gpu;
  const memory =
    memoryMiB === undefined
      ? []
      : [
          {
            key: gpus.productLabel.replace(/\.product$/, '.memory'),
            operator: 'Gt',
            values: [String(memoryMiB - 1)],
          },
        ];
  const domain =
    clique === undefined
      ? []
      : [{ key: 'nvidia.com/gpu.clique', operator: 'In', values: [clique] }];
  const product = {
    key: gpus.productLabel,
    operator: 'In',
    // A list of values may not be empty; none of these is a product.
    values: gpus.rawProducts.length === 0 ? ['none'] : [...gpus.rawProducts].sort(),
  };
  const stated = (gpus.statedNodes ?? [])
    .filter((node) => node.memoryMiB >= (memoryMiB ?? 0))
    .map(({ nodeName }) => nodeName)
    .sort()
    // A field takes one value: a term for each node.
    .map((nodeName) => ({
      ...(domain.length === 0 ? {} : { matchExpressions: domain }),
      matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }],
    }));
  // Without any node there is still a term, since an empty list would be refused: none meets it.
  const isLabelled = gpus.rawProducts.length > 0 || stated.length === 0;
  const labelled = isLabelled ? [{ matchExpressions: [product, ...memory, ...domain] }] : [];
  return { nodeSelectorTerms: [...labelled, ...stated] };
}

/** The customary taint of GPU nodes, and those that the provider lets tenants past. */
export function tolerationsFor({ toleratedTaints = [] }: GPUSelection): readonly unknown[] {
  return [
    { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
    ...toleratedTaints.map((key) => ({ key, operator: 'Exists' })),
  ];
}
