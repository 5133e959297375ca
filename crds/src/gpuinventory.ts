import type { z } from 'zod';
import { defineKind, type ObjectOf, type SpecOf } from './defineKind.ts';
import { conditions, integer, list, message, objectName, struct, text, time } from './fields.ts';
import { gpuInventories } from './resources.ts';

const count = (description: string) => integer(description, { min: 0, max: 1_000_000 });

const pool = struct('GPUs of one product (and MIG profile and NVLink domain) at this provider.', {
  product: text('Normalised product, such as H100-80GB-HBM3.', { maxLength: 63, minLength: 1 }),
  rawProducts: list(
    'The node labels behind it.',
    text('Value of nvidia.com/gpu.product.', { maxLength: 63 }),
    {
      max: 16,
    },
  ),
  memoryMiB: integer('Memory of one GPU, in MiB; 0 when the nodes don’t say.', {
    min: 0,
    max: 16_777_216,
  }),
  clique: text('NVLink domain, if the GPUs are in one: value of the label nvidia.com/gpu.clique.', {
    maxLength: 63,
    pattern: /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
  }).optional(),
  migProfile: text('MIG profile, such as 1g.5gb, if the GPUs are slices.', {
    maxLength: 32,
  }).optional(),
  driver: text('Version of the driver.', { maxLength: 64 }).optional(),
  capacity: count('GPUs on the nodes.'),
  healthy: count('GPUs on Ready nodes that the device plugin reports healthy.'),
  used: count('Healthy GPUs taken by anything that is not a lease of this hub.'),
  leased: count('GPUs held by accepted leases of this hub.'),
  free: count('Healthy GPUs that a new lease could take.'),
  nodeFree: list(
    'Free GPUs of each node, descending: a task needs all of its GPUs on one node.',
    count('Free GPUs of one node.'),
    {
      max: 256,
    },
  ),
});

const spec = struct(
  'What the provider has. Written by its agent when it changes; valid while the heartbeat is.',
  {
    observedTime: time('When this was observed.'),
    pools: list('GPUs by product.', pool, { max: 64 }),
    summary: text(
      'Free of healthy GPUs per product, such as "H100-80GB-HBM3 6/8, L40S 4/4"; for people.',
      { maxLength: 1024 },
    ).optional(),
    isolationClasses: list(
      'Container isolation on offer: runc, gvisor, kata.',
      text('One class.', { maxLength: 32 }),
      {
        max: 8,
      },
    ),
    cachedImages: list(
      'Images that are on nodes already, with digest.',
      text('One image.', { maxLength: 512 }),
      {
        max: 256,
      },
    ),
    unlabelledNodes: list(
      'Nodes with GPUs that can’t be offered: without a product label and not stated in the agent’s configuration either, or shared without isolation.',
      struct('One node.', {
        name: objectName('Name of the node.'),
        gpus: count('Its GPUs.'),
        message: message('What is missing and how to add it.'),
      }),
      { max: 64 },
    ),
    conditions: conditions(['NetworkPolicyEnforced']).optional(),
  },
  { atomic: true },
);

/** What a provider has, by product. */
export const gpuInventory = defineKind({
  resource: gpuInventories,
  shortNames: ['ginv'],
  cluster: 'hub',
  description:
    'GPUInventory says what a provider has, by normalised product. One per provider, named like it, written by its agent.',
  columns: [
    {
      name: 'Free',
      type: 'string',
      jsonPath: '.spec.summary',
      description: 'Free of healthy GPUs, per product.',
    },
    {
      name: 'Observed',
      type: 'date',
      jsonPath: '.spec.observedTime',
      description: 'Time since the observation.',
    },
    {
      name: 'Isolation',
      type: 'string',
      jsonPath: '.spec.isolationClasses',
      description: 'Container isolation.',
      wide: true,
    },
    {
      name: 'Unlabelled',
      type: 'string',
      jsonPath: '.spec.unlabelledNodes[0].name',
      description: 'The first node whose GPUs can’t be offered.',
      wide: true,
    },
    {
      name: 'Network',
      type: 'string',
      jsonPath: '.spec.conditions[?(@.type=="NetworkPolicyEnforced")].reason',
      description: 'Whether the cluster keeps tenants’ networks apart.',
      wide: true,
    },
  ],
  spec,
});

export type GPUInventory = ObjectOf<typeof gpuInventory>;
export type GPUInventorySpec = SpecOf<typeof gpuInventory>;
export type GPUPool = z.output<typeof pool>;
