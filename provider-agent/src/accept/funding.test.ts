import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aLeaseRecord } from '../testing/builders.ts';
import {
  type ChannelLease,
  channelLeases,
  decideFunding,
  exposureOf,
  exposuresAhead,
} from './funding.ts';

const token = { symbol: 'tUSD', decimals: 6 };
const aChannelLease = (overrides: Partial<ChannelLease> = {}): ChannelLease => ({
  uid: 'a',
  exposure: 10n,
  acceptedMs: 1n,
  funded: false,
  ...overrides,
});

describe('funding', () => {
  test('an exposure is GPUs × price × (interval + grace + stop), rounded up', async () => {
    const { spec } = await aLeaseRecord();
    // 2 GPUs × 2.10 × (5 + 60 + 20) s / 3600 s
    expect(exposureOf(spec.terms, 20)).toBe(99_167n);
  });

  test('an exposure is never more than what the maximum of the lease leaves', async () => {
    const { spec } = await aLeaseRecord();
    const terms = { ...spec.terms, maxAmount: '60000' };
    expect(exposureOf(terms, 20)).toBe(60_000n);
    expect(exposureOf(terms, 20, 45_000n)).toBe(15_000n);
    expect(exposureOf(terms, 20, 60_000n)).toBe(0n);
  });

  test('counts the leases of the channel that have not ended', async () => {
    const records = [
      await aLeaseRecord({ uid: 'running' }),
      await aLeaseRecord({ uid: 'waiting', record: { state: 'Accepted' } }),
      await aLeaseRecord({ uid: 'told', record: { state: 'Accepted' } }),
      await aLeaseRecord({ uid: 'over', record: { state: 'Ended' } }),
      await aLeaseRecord({ uid: 'elsewhere', accountUid: 'other' }),
    ];
    const leases = channelLeases(records, {
      channelName: records[0]!.spec.channelName,
      stopSeconds: 20,
      stated: () => 0n,
      isFunded: (record) => record.spec.leaseRef.uid === 'told',
    });
    expect(leases.map(({ uid, funded }) => [uid, funded])).toEqual([
      ['running', true],
      ['waiting', false],
      ['told', true],
    ]);
  });

  test('a lease waits for those that run and those that have waited longer, and no other', () => {
    const leases = [
      aChannelLease({ uid: 'runs', funded: true, acceptedMs: 9n, exposure: 1n }),
      aChannelLease({ uid: 'earlier', acceptedMs: 1n, exposure: 2n }),
      aChannelLease({ uid: 'self', acceptedMs: 2n, exposure: 4n }),
      aChannelLease({ uid: 'later', acceptedMs: 3n, exposure: 8n }),
    ];
    expect(exposuresAhead(leases, 'self')).toEqual([1n, 2n, 4n]);
  });

  test('says what is needed and what is there', () => {
    expect(decideFunding(-2_500_000n, [1_500_000n, 2_000_000n], token)).toEqual({
      funded: false,
      message: 'needs 3.5 tUSD in reserve for 2 leases, has 1 tUSD',
    });
    expect(decideFunding(0n, [5n], token).funded).toBe(true);
  });

  test('whatever order leases ask in, those that were told to run are covered together', () => {
    const amounts = fc.array(fc.bigInt({ min: 1n, max: 100n }), { minLength: 1, maxLength: 8 });
    const asks = fc.array(fc.nat({ max: 7 }), { maxLength: 40 });
    fc.assert(
      fc.property(amounts, asks, fc.bigInt({ min: 0n, max: 400n }), (exposures, order, reserve) => {
        let leases = exposures.map((exposure, index) =>
          aChannelLease({ uid: `${index}`, exposure, acceptedMs: BigInt(index) }),
        );
        for (const pick of order) {
          const uid = `${pick % leases.length}`;
          const ahead = exposuresAhead(leases, uid);
          const headroom = ahead.reduce((rest, exposure) => rest - exposure, reserve);
          const { funded } = decideFunding(headroom, ahead, token);
          leases = leases.map((lease) =>
            lease.uid === uid ? { ...lease, funded: lease.funded || funded } : lease,
          );
        }
        const promised = leases.filter((lease) => lease.funded);
        const total = promised.reduce((sum, lease) => sum + lease.exposure, 0n);
        expect(total <= reserve).toBe(true);
      }),
    );
  });

  test('a lease that fits alone starts, whatever waits behind it', () => {
    const leases = [
      aChannelLease({ uid: 'small', exposure: 3n, acceptedMs: 1n }),
      aChannelLease({ uid: 'huge', exposure: 1_000n, acceptedMs: 2n }),
    ];
    expect(exposuresAhead(leases, 'small')).toEqual([3n]);
  });
});
