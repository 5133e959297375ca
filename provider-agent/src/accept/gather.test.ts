import { describe, expect, test } from '@jest/globals';
import { aLeaseRecord, testHub } from '../testing/builders.ts';
import { hubEpochSeen } from './gather.ts';

describe('the highest epoch of a hub', () => {
  test.each([
    ['from its leases', '3', 1n, 3n],
    ['from its channels, when the leases’ records are gone', '3', 7n, 7n],
  ])('%s', async (_name, hubEpoch, ofChannels, expected) => {
    const record = await aLeaseRecord({ terms: { hubEpoch: BigInt(hubEpoch) } });
    expect(hubEpochSeen([record], testHub, [0n, ofChannels])).toBe(expected);
    expect(hubEpochSeen([record], `0x${'22'.repeat(32)}`, [ofChannels])).toBe(ofChannels);
  });
});
