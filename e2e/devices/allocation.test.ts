import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allocate, InvalidAllocation, prefer } from './allocation.ts';

const node = ['GPU-a', 'GPU-b', 'GPU-c', 'GPU-d'];

describe('an allocation', () => {
  test.each([
    ['one device', ['GPU-b'], 'GPU-b'],
    ['several, in the order that the kubelet chose', ['GPU-c', 'GPU-a'], 'GPU-c,GPU-a'],
  ])('of %s is named to NVIDIA’s runtime', (_what, devices_ids, visible) => {
    expect(allocate({ devices_ids }, node)).toEqual({
      envs: { NVIDIA_VISIBLE_DEVICES: visible },
    });
  });

  test('of a device that is not here is refused by its name', () => {
    expect(() => allocate({ devices_ids: ['GPU-a', 'GPU-x'] }, node)).toThrow(
      new InvalidAllocation('this node has no device GPU-x; it has GPU-a, GPU-b, GPU-c, GPU-d'),
    );
  });
});

describe('a preferred allocation', () => {
  const ask = (available: readonly string[], must: readonly string[], size: number) =>
    prefer(
      {
        available_deviceIDs: available,
        must_include_deviceIDs: must,
        allocation_size: size,
      },
      node,
    );

  test.each([
    ['takes the first of the node', ['GPU-d', 'GPU-b', 'GPU-a'], [], 2, ['GPU-a', 'GPU-b']],
    ['has what must be in it', ['GPU-a', 'GPU-b', 'GPU-d'], ['GPU-d'], 2, ['GPU-d', 'GPU-a']],
    ['is just what must be in it', ['GPU-a', 'GPU-b'], ['GPU-b', 'GPU-a'], 2, ['GPU-b', 'GPU-a']],
    ['of nothing is nothing', ['GPU-a'], [], 0, []],
  ])('%s', (_what, available, must, size, expected) => {
    expect(ask(available, must, size)).toEqual(expected);
  });

  test.each([
    ['more than there are', ['GPU-a'], [], 2, /can't choose 2 of 1/],
    ['fewer than must be in it', ['GPU-a', 'GPU-b'], ['GPU-a', 'GPU-b'], 1, /2 of which must/],
    ['one that is taken', ['GPU-a'], ['GPU-b'], 1, /GPU-b must be included, but is not available/],
  ])('of %s is refused', (_what, available, must, size, message) => {
    expect(() => ask(available, must, size)).toThrow(message);
  });

  test('always has the number asked for, each once, from those available', () => {
    const choice = fc.subarray(node, { minLength: 1 }).chain((available) =>
      fc.record({
        available: fc.constant(available),
        must: fc.subarray(available),
        extra: fc.nat(4),
      }),
    );
    fc.assert(
      fc.property(choice, ({ available, must, extra }) => {
        const size = Math.min(available.length, must.length + extra);
        const chosen = ask(available, must, size);
        expect(new Set(chosen).size).toBe(size);
        expect(available).toEqual(expect.arrayContaining([...chosen]));
        expect(chosen).toEqual(expect.arrayContaining(must));
      }),
    );
  });
});
