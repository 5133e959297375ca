import { describe, expect, test } from '@jest/globals';
import { aLeaseRecord } from '../testing/builders.ts';
import { channelRecordsOf } from './record.ts';

const folded = {
  gpuMs: '0',
  segmentsRoot: `0x${'00'.repeat(32)}`,
  lastObservedMs: '0',
  runs: [],
  final: true,
  folded: true,
} as const;

describe('what the records say about a channel', () => {
  test('a lease counts until its last row is accepted, also one that ended and is refused', async () => {
    const refused = { ...folded, folded: false };
    const records = [
      await aLeaseRecord({ uid: 'running' }),
      await aLeaseRecord({ uid: 'refused', record: { state: 'Ended', meter: refused } }),
      await aLeaseRecord({ uid: 'paid', record: { state: 'Ended', meter: folded } }),
      await aLeaseRecord({ uid: 'elsewhere', accountUid: 'other' }),
    ];
    const { channelName } = records[0]!.spec;
    const asked = { channelName, leaseId: `0x${'77'.repeat(32)}`, leaseUid: 'new' } as const;
    expect(channelRecordsOf(records, asked)).toEqual({ openLeases: 2, acceptedAs: undefined });
  });

  test('the same terms under another lease are found, also when that has ended', async () => {
    const records = [
      await aLeaseRecord({ uid: 'first', record: { state: 'Ended', meter: folded } }),
    ];
    const { channelName, leaseId, leaseRef } = records[0]!.spec;
    const asked = { channelName, leaseId };
    const twin = channelRecordsOf(records, { ...asked, leaseUid: 'second' });
    expect(twin.acceptedAs).toBe(leaseRef.name);
    expect(channelRecordsOf(records, { ...asked, leaseUid: 'first' }).acceptedAs).toBeUndefined();
  });
});
