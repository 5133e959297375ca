import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sharedStrings } from './sharedStrings.ts';
import { heldHeapBytes } from './testing/heldMemory.ts';

test('whatever is shared stays equal to what it was', () => {
  const { share } = sharedStrings({ most: 4 });
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(share(structuredClone(value))).toEqual(value);
    }),
  );
});

test('what somebody has frozen is left alone', () => {
  const value = Object.freeze({ kind: 'GPULease' });
  expect(sharedStrings().share(value)).toBe(value);
});

test('a thousand parsed objects that say the same take much less than a thousand copies', () => {
  const text = JSON.stringify(Array.from({ length: 40 }, (_, i) => `condition-of-a-lease-${i}`));
  const sizeOf = (keep: (value: unknown) => unknown): number => {
    const before = heldHeapBytes();
    const kept = Array.from({ length: 1_000 }, () => keep(JSON.parse(text)));
    const size = heldHeapBytes() - before;
    expect(kept).toHaveLength(1_000);
    return size;
  };
  const { share } = sharedStrings();
  expect(sizeOf(share)).toBeLessThan(0.5 * sizeOf((value) => value));
});
