import { describe, expect, test } from '@jest/globals';
import { type Hex, toHex } from 'viem';
import type { LookedLease } from './lookedLease.ts';
import { storeAll } from './storeAll.ts';

const id = (index: number): Hex => toHex(index, { size: 32 });
const looked = [1, 2, 3].map(
  (index) => ({ lease: { leaseId: id(index) } }) as unknown as LookedLease,
);

describe('storing the leases of a channel', () => {
  test('goes on after one that the API server refuses, and says which it was', async () => {
    const stored: Hex[] = [];
    const tooLarge = new Error('etcdserver: request is too large');
    const result = await storeAll(
      looked,
      async ({ lease }) => {
        if (lease.leaseId === id(1)) throw tooLarge;
        stored.push(lease.leaseId);
      },
      new AbortController().signal,
    );
    expect(stored).toEqual([id(2), id(3)]);
    expect(result).toEqual({ unstored: new Set([id(1)]), error: tooLarge });
  });

  test('ends with its signal', async () => {
    const stop = new AbortController();
    const storing = storeAll(
      looked,
      async () => {
        stop.abort(new Error('stopped'));
        throw new Error('cut off');
      },
      stop.signal,
    );
    await expect(storing).rejects.toThrow('stopped');
  });
});
