import { describe, expect, test } from '@jest/globals';
import { decideInventory, type InventoryInput, type InventoryNode } from './decide.ts';

const aGPUNode = (overrides: Partial<InventoryNode> = {}): InventoryNode => ({
  nodeName: 'a',
  rawProduct: 'NVIDIA-H100-80GB-HBM3',
  product: 'H100-80GB-HBM3',
  memoryMiB: 81_559,
  capacity: 8,
  allocatable: 8,
  schedulable: true,
  used: 0,
  leased: 0,
  free: 8,
  ...overrides,
});
const decide = (overrides: Partial<InventoryInput>) =>
  decideInventory({
    nodes: [],
    unusable: [],
    runtimeClasses: [],
    images: [],
    networkPolicy: { setting: 'Check', nodes: [] },
    ...overrides,
  });
const digest = (letter: string) => `registry.example/${letter}@sha256:${letter.repeat(64)}`;

describe('the inventory', () => {
  test('joins nodes of one product into a pool and keeps their free GPUs apart', () => {
    const { pools } = decide({
      nodes: [
        aGPUNode({ nodeName: 'a', used: 3, free: 5 }),
        aGPUNode({ nodeName: 'b', rawProduct: 'H100-80GB-HBM3', leased: 2, free: 6 }),
        aGPUNode({ nodeName: 'c', schedulable: false, free: 0 }),
      ],
    });
    expect(pools).toEqual([
      {
        product: 'H100-80GB-HBM3',
        rawProducts: ['H100-80GB-HBM3', 'NVIDIA-H100-80GB-HBM3'],
        memoryMiB: 81_559,
        capacity: 24,
        healthy: 16,
        used: 3,
        leased: 2,
        free: 11,
        nodeFree: [6, 5],
      },
    ]);
  });

  test.each([
    ['memory', { memoryMiB: 40_000 }],
    ['NVLink domain', { clique: 'c0ffee.1' }],
    ['MIG profile', { migProfile: '1g.5gb' }],
    ['product', { product: 'L40S' }],
  ])('keeps another %s in a pool of its own', (_name, overrides) => {
    expect(decide({ nodes: [aGPUNode(), aGPUNode(overrides)] }).pools).toHaveLength(2);
  });

  test('shows the oldest driver of a pool', () => {
    const nodes = ['580.95.05', '535.104.12', '550.54.15'].map((driver) => aGPUNode({ driver }));
    expect(decide({ nodes }).pools[0]?.driver).toBe('535.104.12');
  });

  test.each([
    ['runc where there is nothing else', [], ['runc']],
    ['gvisor by its handler', [{ name: 'sandbox', handler: 'runsc' }], ['runc', 'gvisor']],
    ['kata by its handler', [{ name: 'vm', handler: 'kata-qemu-nvidia-gpu' }], ['runc', 'kata']],
    ['nothing for a class that only is called so', [{ name: 'gvisor', handler: 'runc' }], ['runc']],
  ])('says %s', (_name, runtimeClasses, expected) => {
    expect(decide({ runtimeClasses }).isolationClasses).toEqual(expected);
  });

  test('lists cached images by digest, those on most nodes first, and no tags', () => {
    const images = [['train:latest', digest('a'), digest('b')], [digest('b')]];
    expect(decide({ images }).cachedImages).toEqual([digest('b'), digest('a')]);
  });

  test('is the same whatever order nodes come in', () => {
    const nodes = [
      aGPUNode({ nodeName: 'a', free: 1 }),
      aGPUNode({ nodeName: 'b', product: 'L40S' }),
    ];
    expect(decide({ nodes })).toEqual(decide({ nodes: nodes.toReversed() }));
  });

  test('says in one line what is free of each product, whatever pools it is in', () => {
    const { summary } = decide({
      nodes: [
        aGPUNode({ clique: 'a.1', used: 3, free: 5 }),
        aGPUNode({ nodeName: 'b', clique: 'b.1' }),
        aGPUNode({ nodeName: 'c', product: 'L40S', capacity: 4, allocatable: 4, free: 0, used: 4 }),
      ],
    });
    expect(summary).toBe('H100-80GB-HBM3 13/16, L40S 0/4');
  });

  test('stays within the bounds of its schema', () => {
    const many = Array.from({ length: 300 }, (_, index) => index);
    const result = decide({
      nodes: many.map((index) => aGPUNode({ nodeName: `n${index}`, clique: `c.${index}` })),
      unusable: many.map((index) => ({ name: `n${index}`, gpus: 1, message: 'no label' })),
      images: [many.map((index) => `image@sha256:${String(index).padStart(64, '0')}`)],
    });
    expect(result.pools).toHaveLength(64);
    expect(result.unlabelledNodes).toHaveLength(64);
    expect(result.cachedImages).toHaveLength(256);
  });
});
