import { describe, expect, test } from '@jest/globals';
import { gpusOfNode } from './gpuNodes.ts';
import { gpuHoldsOf } from './gpuPods.ts';
import { testHub } from './testing/builders.ts';
import { aNode, aPod } from './testing/clusterBuilders.ts';

describe('the GPUs of a node', () => {
  test.each([
    [
      'normalised product, memory and health',
      aNode({ healthy: 7 }),
      {
        product: 'H100-80GB-HBM3',
        rawProduct: 'NVIDIA-H100-80GB-HBM3',
        memoryMiB: 81_559,
        capacity: 8,
        allocatable: 7,
        schedulable: true,
      },
    ],
    [
      'NVLink domain and driver',
      aNode({
        labels: {
          'nvidia.com/gpu.clique': 'c0ffee.1',
          'nvidia.com/cuda.driver-version.full': '580.95.05',
        },
      }),
      { clique: 'c0ffee.1', driver: '580.95.05' },
    ],
    [
      'the older driver labels',
      aNode({
        labels: { 'nvidia.com/cuda.driver.major': '535', 'nvidia.com/cuda.driver.minor': '104' },
      }),
      { driver: '535.104' },
    ],
    [
      'a profile under the single MIG strategy',
      aNode({
        labels: { 'nvidia.com/gpu.product': 'A100-SXM4-40GB-MIG-1g.5gb' },
      }),
      { migProfile: '1g.5gb', resourceName: 'nvidia.com/gpu' },
    ],
    [
      'a resource of its own under the mixed MIG strategy',
      aNode({
        resource: 'nvidia.com/mig-1g.5gb',
        labels: {
          'nvidia.com/mig-1g.5gb.product': 'A100-SXM4-40GB-MIG-1g.5gb',
          'nvidia.com/mig-1g.5gb.memory': '4864',
        },
      }),
      {
        migProfile: '1g.5gb',
        resourceName: 'nvidia.com/mig-1g.5gb',
        productLabel: 'nvidia.com/mig-1g.5gb.product',
        memoryMiB: 4864,
      },
    ],
    ['not schedulable while not Ready', aNode({ ready: 'Unknown' }), { schedulable: false }],
    [
      'not schedulable while cordoned',
      aNode({ spec: { unschedulable: true } }),
      { schedulable: false },
    ],
    [
      'not schedulable behind a foreign taint',
      aNode({
        spec: { taints: [{ key: 'dedicated', effect: 'NoSchedule' }] },
      }),
      { schedulable: false },
    ],
    [
      'schedulable behind the customary taint of GPU nodes',
      aNode({
        spec: { taints: [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }] },
      }),
      { schedulable: true },
    ],
    [
      'schedulable where a taint only prefers',
      aNode({
        spec: { taints: [{ key: 'dedicated', effect: 'PreferNoSchedule' }] },
      }),
      { schedulable: true },
    ],
  ])('shows %s', (_name, node, expected) => {
    expect(gpusOfNode(node).groups).toEqual([expect.objectContaining(expected)]);
  });

  test.each([
    [
      'GPUs without a product label',
      { 'nvidia.com/gpu.product': undefined },
      'kubectl label node node-a nvidia.com/gpu.product=<product>',
    ],
    [
      'time-sliced GPUs',
      { 'nvidia.com/gpu.sharing-strategy': 'time-slicing' },
      'shared by time-slicing have no memory isolation',
    ],
    [
      'GPUs with a shared product',
      { 'nvidia.com/gpu.product': 'L40S-SHARED' },
      'partition it with MIG',
    ],
  ])('names %s with the remedy and offers none of them', (_name, labels, remedy) => {
    const { groups, unusable } = gpusOfNode(aNode({ labels }));
    expect(groups).toEqual([]);
    expect(unusable).toMatchObject({ name: 'node-a', gpus: 8 });
    expect(unusable?.message).toContain(remedy);
  });

  const unlabelled = aNode({
    labels: { 'nvidia.com/gpu.product': undefined, 'nvidia.com/gpu.memory': undefined, pool: 'a' },
  });
  const stated = { product: 'NVIDIA H100 80GB HBM3', memoryMiB: 81_559 };

  test.each([
    ['by the name of the node', { nodeName: 'node-a' }],
    ['by its labels', { nodeSelector: { pool: 'a' } }],
    ['by no label at all, which every node has', { nodeSelector: {} }],
  ])('takes GPUs without a label as the configuration states them, %s', (_name, which) => {
    const settings = { products: [{ ...stated, ...which }], toleratedTaints: [] };
    expect(gpusOfNode(unlabelled, settings)).toEqual({
      groups: [
        expect.objectContaining({
          product: 'H100-80GB-HBM3',
          memoryMiB: 81_559,
          isStated: true,
          schedulable: true,
        }),
      ],
    });
  });

  test.each([
    ['another node', { nodeName: 'node-b' }],
    ['other labels', { nodeSelector: { pool: 'a', zone: 'b' } }],
  ])('takes nothing from what is stated for %s', (_name, which) => {
    const settings = { products: [{ ...stated, ...which }], toleratedTaints: [] };
    expect(gpusOfNode(unlabelled, settings).unusable?.message).toContain('inventory.products');
  });

  test('believes a label before what is stated', () => {
    const settings = {
      products: [{ ...stated, nodeName: 'node-a', product: 'L40S' }],
      toleratedTaints: [],
    };
    expect(gpusOfNode(aNode(), settings).groups[0]).toMatchObject({ product: 'H100-80GB-HBM3' });
    expect(gpusOfNode(aNode(), settings).groups[0]).not.toHaveProperty('isStated');
  });

  test('lets tenants past a taint that the provider tolerates, and past no other', () => {
    const taints = [{ key: 'dedicated', effect: 'NoSchedule' }];
    const usable = (toleratedTaints: readonly string[]) =>
      gpusOfNode(aNode({ spec: { taints } }), { products: [], toleratedTaints }).groups[0]
        ?.schedulable;
    expect(usable(['dedicated'])).toBe(true);
    expect(usable(['other'])).toBe(false);
  });

  test('leaves out a node without GPUs', () => {
    expect(gpusOfNode(aNode({ gpus: 0 }))).toEqual({ groups: [] });
  });
});

describe('the GPUs of a pod', () => {
  const held = (pod: ReturnType<typeof aPod>) => gpuHoldsOf(pod, testHub).map((hold) => hold.gpus);

  test.each([
    ['a running one holds its limits', aPod({ gpus: 2 }), [2]],
    ['one that waits for a node holds nothing', aPod({ node: undefined }), []],
    ['one that has succeeded holds nothing', aPod({ phase: 'Succeeded' }), []],
    ['one that has failed holds nothing', aPod({ phase: 'Failed' }), []],
    ['one of unknown state holds what it has', aPod({ phase: 'Unknown' }), [1]],
    [
      'containers add up',
      aPod({
        spec: {
          nodeName: 'node-a',
          containers: [
            { name: 'a', resources: { limits: { 'nvidia.com/gpu': '1' } } },
            { name: 'b', resources: { limits: { 'nvidia.com/gpu': '2' } } },
          ],
        },
      }),
      [3],
    ],
    [
      'an init container counts when it is larger',
      aPod({
        spec: {
          nodeName: 'node-a',
          containers: [{ name: 'a', resources: { limits: { 'nvidia.com/gpu': '1' } } }],
          initContainers: [{ name: 'i', resources: { limits: { 'nvidia.com/gpu': '4' } } }],
        },
      }),
      [4],
    ],
    [
      'one without GPUs holds nothing',
      aPod({
        spec: { nodeName: 'node-a', containers: [{ name: 'a' }] },
      }),
      [],
    ],
  ])('%s', (_name, pod, expected) => {
    expect(held(pod)).toEqual(expected);
  });

  test('names the lease only for this agent’s pods of this hub', () => {
    const leaseOf = (pod: ReturnType<typeof aPod>) => gpuHoldsOf(pod, testHub)[0]?.leaseUid;
    expect(leaseOf(aPod({ leaseUid: 'lease-a' }))).toBe('lease-a');
    expect(
      leaseOf(aPod({ leaseUid: 'lease-a', labels: { 'gridlease.dev/hub': 'other' } })),
    ).toBeUndefined();
    expect(
      leaseOf(aPod({ leaseUid: 'lease-a', labels: { 'gridlease.dev/managed-by': 'somebody' } })),
    ).toBeUndefined();
  });
});
