import { describe, expect, test } from '@jest/globals';
import { keccak256, toHex } from 'viem';
import { decideBatch } from './decide.ts';

const nowMs = 1_800_000_000_000;
const placed = (id: number, secondsAgo: number) => ({
  digest: keccak256(toHex(id)),
  decidedMs: nowMs - secondsAgo * 1_000,
});
const decide = (...waiting: ReturnType<typeof placed>[]) =>
  decideBatch({ waiting, nowMs, anchorMs: 3_600_000, maxBatch: 3 });

describe('digests of placements', () => {
  test('are none: look again after the whole time', () => {
    expect(decide()).toEqual({ do: 'Wait', ms: 3_600_000 });
  });

  test('wait until the oldest has waited for the whole time', () => {
    expect(decide(placed(1, 10), placed(2, 3_000))).toEqual({ do: 'Wait', ms: 600_000 });
  });

  test('are anchored together when the oldest is due, ascending, with their times', () => {
    const [young, due] = [placed(1, 10), placed(2, 3_600)];
    expect(decide(young, due)).toEqual({
      do: 'Anchor',
      digests: [young.digest, due.digest].sort(),
      firstTime: nowMs / 1_000 - 3_600,
      lastTime: nowMs / 1_000 - 10,
    });
  });

  test('are anchored early when a batch is full, the oldest first', () => {
    const four = [placed(1, 1), placed(2, 2), placed(3, 3), placed(4, 4)];
    expect(decide(...four)).toMatchObject({
      do: 'Anchor',
      digests: four
        .slice(1)
        .map(({ digest }) => digest)
        .sort(),
      firstTime: nowMs / 1_000 - 4,
      lastTime: nowMs / 1_000 - 2,
    });
  });
});
