import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sameJson } from './json.ts';

test.each([
  ['order of members', { a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, true],
  ['undefined as absent', { a: 1, b: undefined }, { a: 1 }, true],
  ['absent against null', { a: null }, {}, false],
  ['order of items', [1, 2], [2, 1], false],
  ['an array against an object', [], {}, false],
  ['a missing member', { a: 1 }, { a: 1, b: 2 }, false],
])('sameJson: %s', (_, a, b, wanted) => {
  expect(sameJson(a, b)).toBe(wanted);
  expect(sameJson(b, a)).toBe(wanted);
});

test('sameJson agrees with what JSON writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(sameJson(a, JSON.parse(JSON.stringify(a)))).toBe(true);
      if (JSON.stringify(a) === JSON.stringify(b)) expect(sameJson(a, b)).toBe(true);
    }),
  );
});
