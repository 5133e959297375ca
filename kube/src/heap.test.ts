import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Heap } from './heap.ts';

test('a heap gives back what it was given in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = new Heap<number>((a, b) => a < b);
      for (const number of numbers) heap.push(number);
      expect(Array.from(numbers, () => heap.pop())).toEqual(numbers.toSorted((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});
