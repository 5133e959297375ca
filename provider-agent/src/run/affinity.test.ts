import { describe, expect, test } from '@jest/globals';
import { aWorkloadDocument } from '../testing/builders.ts';
import { type GPUSelection, nodesFor, tolerationsFor } from './affinity.ts';

const labelled: GPUSelection = {
  resourceName: 'nvidia.com/gpu',
  productLabel: 'nvidia.com/gpu.product',
  rawProducts: ['NVIDIA-H100', 'H100'],
};
const stated = (nodeName: string, memoryMiB = 0) => ({ nodeName, memoryMiB });
const byLabel = (values: readonly string[]) => ({
  matchExpressions: [{ key: 'nvidia.com/gpu.product', operator: 'In', values }],
});
const byName = (name: string) => ({
  matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }],
});

describe('the nodes that a task may go to', () => {
  test.each<[string, Partial<GPUSelection>, number | undefined, unknown]>([
    ['those with the label', {}, undefined, [byLabel(['H100', 'NVIDIA-H100'])]],
    [
      'those that are stated, by name',
      { rawProducts: [], statedNodes: [stated('b'), stated('a')] },
      undefined,
      [byName('a'), byName('b')],
    ],
    [
      'both',
      { statedNodes: [stated('a')] },
      undefined,
      [byLabel(['H100', 'NVIDIA-H100']), byName('a')],
    ],
    [
      'of those that are stated the ones with memory enough',
      { rawProducts: [], statedNodes: [stated('a', 40_000), stated('b', 80_000)] },
      80_000,
      [byName('b')],
    ],
  ])('are %s', (_name, gpus, memoryMiB, terms) => {
    const gpu = memoryMiB === undefined ? { count: 1 } : { count: 1, memoryMiB };
    const document = aWorkloadDocument({ gpu });
    expect(nodesFor({ ...labelled, ...gpus }, document)).toEqual({ nodeSelectorTerms: terms });
  });

  test('are none, in a form that the API server takes, when no stated node has the memory', () => {
    const document = aWorkloadDocument({ gpu: { count: 1, memoryMiB: 80_000 } });
    const gpus = { ...labelled, rawProducts: [], statedNodes: [stated('a', 40_000)] };
    const { nodeSelectorTerms } = nodesFor(gpus, document) as {
      nodeSelectorTerms: readonly { matchExpressions: readonly { values: readonly string[] }[] }[];
    };
    expect(nodeSelectorTerms).toHaveLength(1);
    expect(nodeSelectorTerms[0]!.matchExpressions.every(({ values }) => values.length > 0)).toBe(
      true,
    );
  });
});

test('a task passes the taint of GPU nodes and those that the provider lets tenants past', () => {
  expect(tolerationsFor({ ...labelled, toleratedTaints: ['dedicated'] })).toEqual([
    { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
    { key: 'dedicated', operator: 'Exists' },
  ]);
});
