import { describe, expect, test } from '@jest/globals';
import { aLeaseRecord } from '../testing/builders.ts';
import { leaseFromRecord } from './onObject.ts';
import { total } from './oversee.ts';

const looked = async (maxAmount: string) => {
  const record = await aLeaseRecord();
  const { spec } = record;
  const capped = { ...record, spec: { ...spec, terms: { ...spec.terms, maxAmount } } };
  return { record: capped, lease: leaseFromRecord(capped) };
};

describe('what the channel must cover', () => {
  // 2 GPUs × 2.10 × (5 + 20) s / 3600 s without, and (5 + 60 + 20) s with the grace time.
  test.each([
    ['as long as the leases may be unpaid', '10000000', '0', 29_167n, 99_167n],
    ['no more than the maximum of the lease', '40000', '0', 29_167n, 40_000n],
    ['no more than what the maximum leaves', '40000', '39000', 1_000n, 1_000n],
  ])('%s', async (_name, maxAmount, stated, least, full) => {
    const one = await looked(maxAmount);
    const rows = [{ leaseId: one.lease.leaseId, amount: stated, credit: '0' }];
    expect(total([one], rows, { stopSeconds: 20, withGrace: false })).toBe(least);
    expect(total([one], rows, { stopSeconds: 20, withGrace: true })).toBe(full);
  });
});
