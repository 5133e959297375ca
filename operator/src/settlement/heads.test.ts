import { describe, expect, test } from '@jest/globals';
import { type Hex, pad, toHex } from 'viem';
import { type Head, judgeHead, type KnownBlocks, remember } from './heads.ts';

const hash = (value: number): Hex => pad(toHex(value + 1), { size: 32 });
/** Block `number` of the branch; a branch begins as the first one does. */
const aHead = (number: number, branch = 0, parentBranch = branch): Head => ({
  number: BigInt(number),
  hash: hash(number + branch * 1_000),
  parentHash: hash(number - 1 + parentBranch * 1_000),
  timestamp: number,
});
const seen = (...numbers: readonly number[]): KnownBlocks =>
  numbers.reduce<KnownBlocks>((known, number) => remember(known, aHead(number), false), new Map());

describe('a new head', () => {
  test.each<[string, KnownBlocks, Head, ReturnType<typeof judgeHead>]>([
    ['is the first', new Map(), aHead(7), 'continues'],
    ['is the next one', seen(7), aHead(8), 'continues'],
    ['is the same again', seen(7), aHead(7), 'continues'],
    ['is an older one of an RPC that is behind', seen(7, 8, 9), aHead(8), 'continues'],
    ['is older than all that is remembered', seen(90), aHead(7), 'continues'],
    ['stands in the place of a known one', seen(7, 8), aHead(8, 1, 0), 'reorganised'],
    ['has another parent than the known one', seen(7, 8), aHead(9, 1), 'reorganised'],
    ['is lower and another', seen(7, 8, 9), aHead(8, 1, 0), 'reorganised'],
    ['came after blocks that were missed', seen(7), aHead(12), { ask: 7n, hash: hash(7) }],
  ])('%s', (_, known, head, verdict) => {
    expect(judgeHead(known, head)).toEqual(verdict);
  });

  test('after a reorganisation continues the new chain', () => {
    const known = remember(seen(7, 8), aHead(9, 1), true);
    expect(judgeHead(known, aHead(10, 1))).toBe('continues');
    expect(judgeHead(known, aHead(10, 0))).toBe('reorganised');
  });

  test('is remembered, and not without bound', () => {
    const many = seen(...Array.from({ length: 500 }, (_, number) => number));
    expect(many.size).toBeLessThan(100);
    expect(judgeHead(many, aHead(500))).toBe('continues');
  });
});
