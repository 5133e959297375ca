import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPartialGpu, normaliseProduct, productMatches } from './product.ts';

describe('a GPU Feature Discovery label', () => {
  test.each([
    ['NVIDIA-H100-80GB-HBM3', 'H100-80GB-HBM3'],
    ['NVIDIA-GeForce-RTX-4090', 'RTX-4090'],
    ['NVIDIA-L40S', 'L40S'],
    ['A100-SXM4-80GB', 'A100-SXM4-80GB'],
    ['Tesla-T4', 'T4'],
    ['NVIDIA H200', 'H200'],
    ['nvidia_geforce_rtx_3090', 'rtx-3090'],
    ['  NVIDIA-A10G ', 'A10G'],
    ['NVIDIA-A100-SXM4-40GB-MIG-1g.5gb-SHARED', 'A100-SXM4-40GB-MIG-1g.5gb-SHARED'],
    ['', ''],
  ])('"%s" becomes "%s"', (label, product) => {
    expect(normaliseProduct(label)).toBe(product);
  });

  test('is the same when normalised twice', () => {
    const words = fc.constantFrom(
      'NVIDIA',
      'GeForce',
      'Tesla',
      'H100',
      'RTX',
      '4090',
      '_',
      ' ',
      '-',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 6 }), (parts) => {
        const once = normaliseProduct(parts.join('-'));
        expect(normaliseProduct(once)).toBe(once);
      }),
    );
  });
});

describe('a wish for a product', () => {
  test.each([
    ['H100', 'H100-80GB-HBM3', true],
    ['h100', 'H100-80GB-HBM3', true],
    ['H100-80GB-HBM3', 'H100-80GB-HBM3', true],
    ['NVIDIA H100', 'H100-80GB-HBM3', true],
    ['RTX 4090', 'RTX-4090', true],
    ['rtx_4090', 'NVIDIA-GeForce-RTX-4090', true],
    ['RTX4090', 'RTX-4090', true],
    ['rtx4090', 'RTX-4090-D', true],
    ['RTX40', 'RTX-4090', false],
    ['A10', 'A100-SXM4-80GB', false],
    ['L40', 'L40S', false],
    ['L40', 'L40', true],
    ['H10', 'H100-80GB-HBM3', false],
    ['H100-80GB-HBM3', 'H100', false],
    ['A100', 'A100-SXM4-40GB-MIG-1g.5gb', false],
    ['A100-SXM4-40GB', 'A100-SXM4-40GB-MIG-1g.5gb', false],
    ['A100-SXM4-40GB-MIG-1g.5gb', 'A100-SXM4-40GB-MIG-1g.5gb', true],
    ['A100-SXM4-40GB-MIG-1g.5gb', 'A100-SXM4-40GB-MIG-1g.5gb-SHARED', false],
    ['T4', 'T4-SHARED', false],
    ['T4-SHARED', 'Tesla-T4-SHARED', true],
    ['', 'H100', false],
    ['NVIDIA-', 'H100', false],
  ])('"%s" and the offer "%s": %s', (wanted, offered, matches) => {
    expect(productMatches(wanted, offered)).toBe(matches);
  });

  test.each([
    ['H100-80GB-HBM3', false],
    ['A100-SXM4-40GB-MIG-1g.5gb', true],
    ['Tesla-T4-SHARED', true],
  ])('%s is part of a GPU: %s', (product, partial) => {
    expect(isPartialGpu(product)).toBe(partial);
  });
});
