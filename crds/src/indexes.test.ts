import { TerminalError } from '@gridlease/kube/errors';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { count, formatIndexes, parseIndexes, subtract, union } from './indexes.ts';

const sets = fc.uniqueArray(fc.integer({ min: 0, max: 9_999 }), { maxLength: 200 });
const ascending = (indexes: readonly number[]) => [...indexes].sort((a, b) => a - b);

describe('task indexes', () => {
  test.each([
    ['', []],
    ['0', [0]],
    ['0-3,7', [0, 1, 2, 3, 7]],
    ['2,4-5', [2, 4, 5]],
  ])('"%s" is read and written back', (text, indexes) => {
    expect(parseIndexes(text)).toEqual(indexes);
    expect(formatIndexes(indexes)).toBe(text);
    expect(count(text)).toBe(indexes.length);
  });

  test('any set survives being written and read', () => {
    fc.assert(
      fc.property(sets, (indexes) => {
        const text = formatIndexes(indexes);
        expect(parseIndexes(text)).toEqual(ascending(indexes));
        expect(count(text)).toBe(indexes.length);
      }),
    );
  });

  test('the written form is the shortest: no two parts touch', () => {
    fc.assert(
      fc.property(sets, (indexes) => {
        const parts = formatIndexes(indexes).split(',').filter(Boolean);
        const ends = parts.map((part) => part.split('-').map(Number));
        for (let i = 1; i < ends.length; i += 1) {
          expect(ends[i]![0]! - ends[i - 1]!.at(-1)!).toBeGreaterThan(1);
        }
      }),
    );
  });

  test.each(['a', '1,', ',1', '3-1', '1,1', '5,2', '-1', '1-', '0x1', '1 ,2', '1-2-3', '1e3'])(
    '"%s" is refused with what to write',
    (text) => {
      expect(() => parseIndexes(text)).toThrow(TerminalError);
      expect(() => parseIndexes(text)).toThrow(/write ascending ranges such as 0-3,7/);
    },
  );

  test('a huge range is refused before it is expanded', () => {
    expect(() => parseIndexes('0-999999999')).toThrow(/more than 10000/);
    expect(parseIndexes('0-9999')).toHaveLength(10_000);
  });

  test('subtract and union are those of sets', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const rest = subtract(a, b);
        expect(rest.some((index) => b.includes(index))).toBe(false);
        expect(union(rest, b)).toEqual(union(a, b));
        expect(union(a, b)).toEqual(ascending([...new Set([...a, ...b])]));
      }),
    );
  });
});
