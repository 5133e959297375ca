import { describe, expect, test } from '@jest/globals';
import { DEFAULT_PROVIDERS, MAX_PROVIDERS, providersFor } from './defaultProviders.ts';
import { GPU_PRODUCTS } from './gpuProducts.ts';
import { nodeManifests } from './nodes.ts';

describe('the embedded federation', () => {
  test('has no provider with twelve H100, but twelve at two of them', () => {
    const h100 = DEFAULT_PROVIDERS.map((provider) =>
      provider.pools
        .filter((pool) => pool.product === 'H100')
        .reduce((sum, pool) => sum + pool.nodes * pool.gpusPerNode, 0),
    ).filter((count) => count > 0);
    expect(Math.max(...h100)).toBeLessThan(12);
    expect(h100).toHaveLength(2);
    expect(h100.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(12);
  });

  test.each(providersFor(MAX_PROVIDERS))(
    '$name asks an exact price for each of its products',
    (spec) => {
      expect(spec.name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(spec.jurisdiction).toMatch(/^[A-Z]{2}$/);
      const labels = spec.pools.map((pool) => GPU_PRODUCTS[pool.product].product as string);
      expect(spec.offers).toHaveLength(labels.length);
      for (const offer of spec.offers) {
        expect(offer.pricePerGPUHour).toMatch(/^\d+\.\d{2}$/);
        expect(labels.some((label) => `${label}-`.includes(`-${offer.product}-`))).toBe(true);
      }
    },
  );

  test('has distinct names, the same for the same number', () => {
    const many = providersFor(MAX_PROVIDERS);
    expect(new Set(many.map((spec) => spec.name)).size).toBe(MAX_PROVIDERS);
    expect(providersFor(5)).toEqual(many.slice(0, 5));
  });

  test.each([0, 1.5, MAX_PROVIDERS + 1, Number.NaN])('refuses %p providers', (count) => {
    expect(() => providersFor(count)).toThrow(RangeError);
  });
});

describe('a simulated node', () => {
  const [node] = nodeManifests(
    'alpha',
    { product: 'H200', nodes: 1, gpusPerNode: 4 },
    1_700_000_000,
  );

  test('carries the labels of GPU Feature Discovery', () => {
    expect(node?.metadata.labels).toMatchObject({
      'nvidia.com/gpu.product': 'NVIDIA-H200',
      'nvidia.com/gpu.count': '4',
      'nvidia.com/gpu.memory': '143771',
      'nvidia.com/gpu.family': 'hopper',
      'nvidia.com/gpu.compute.major': '9',
      'nvidia.com/mig.capable': 'true',
      'nvidia.com/gfd.timestamp': '1700000000',
    });
  });

  test('says that it is simulated', () => {
    expect(node?.metadata.labels?.['gridlease.dev/simulated']).toBe('true');
  });

  test.each(Object.entries(GPU_PRODUCTS))(
    'of %s has only labels that Kubernetes takes',
    (_, gpu) => {
      for (const value of [gpu.product, gpu.machine]) {
        expect(value).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
      }
    },
  );
});
