import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { amountFor } from './amount.ts';
import { channelKey, channelObjectName, headroom, leaseExposure, payable } from './channel.ts';

const A = '0x00000000000000000000000000000000000000Aa';
const B = '0x00000000000000000000000000000000000000bB';
const C = '0x00000000000000000000000000000000000000CC';
const amount = fc.bigInt(0n, 2n ** 96n - 1n);

describe('names', () => {
  test('channelKey depends on each party and on its role', () => {
    const key = channelKey({ tenant: A, provider: B, signer: C });
    expect(channelKey({ tenant: B, provider: A, signer: C })).not.toBe(key);
    expect(channelKey({ tenant: A, provider: B, signer: A })).not.toBe(key);
    expect(channelKey({ tenant: A.toLowerCase() as typeof A, provider: B, signer: C })).toBe(key);
  });

  test('channelObjectName is a valid object name and ignores the case of addresses', () => {
    const name = channelObjectName('7c0f', A, B);
    expect(name).toMatch(/^ch-[0-9a-f]{40}$/);
    expect(channelObjectName('7c0f', A.toLowerCase() as typeof A, B)).toBe(name);
    expect(channelObjectName('7c10', A, B)).not.toBe(name);
  });
});

describe('leaseExposure', () => {
  test.each([
    ['has no limit', undefined, 81_667n],
    ['may cost more than that', 81_668n, 81_667n],
    ['may cost less than that', 10_000n, 10_000n],
    ['has cost all it may', 0n, 0n],
    ['has cost too much', -5n, 0n],
  ])('of a lease that %s', (_, left, exposure) => {
    const seconds = { intervalSeconds: 60, graceSeconds: 60, stopSeconds: 20 };
    const lease = { gpuCount: 1, pricePerGpuHour: 2_100_000n, ...seconds };
    expect(leaseExposure(left === undefined ? lease : { ...lease, left })).toBe(exposure);
  });

  test('rounds up, so that it covers what the same time can cost', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.bigInt(0n, 10n ** 9n),
        fc.nat(3_600),
        fc.nat(3_600),
        fc.nat(60),
        (gpuCount, pricePerGpuHour, intervalSeconds, graceSeconds, stopSeconds) => {
          const exposure = leaseExposure({
            gpuCount,
            pricePerGpuHour,
            intervalSeconds,
            graceSeconds,
            stopSeconds,
          });
          const gpuMs = BigInt(gpuCount * (intervalSeconds + graceSeconds + stopSeconds) * 1_000);
          const cost = amountFor(pricePerGpuHour, gpuMs);
          expect(exposure === cost || exposure === cost + 1n).toBe(true);
        },
      ),
    );
  });
});

describe('headroom', () => {
  test.each([
    ['an untouched channel', 0n, 0n, 0n, [], 1_000n],
    ['what is signed is spoken for', 100n, 300n, 200n, [], 700n],
    ['what is owed and not yet signed too', 100n, 200n, 300n, [], 700n],
    ['what was claimed at least', 400n, 300n, 200n, [], 600n],
    ['running leases take their exposure', 0n, 300n, 0n, [200n, 100n], 400n],
    ['negative when short', 0n, 900n, 0n, [200n], -100n],
  ])('%s', (_, claimed, bestVoucher, owed, exposures, expected) => {
    expect(headroom({ reserved: 1_000n, claimed, bestVoucher, owed, exposures })).toBe(expected);
  });
});

describe('payable', () => {
  test.each([
    ['the difference to what was claimed', 100n, 40n, 60n],
    ['no more than is reserved', 5_000n, 40n, 960n],
    ['nothing for a voucher that was claimed', 40n, 40n, 0n],
    ['nothing for an older voucher', 10n, 40n, 0n],
    ['nothing when the reserve is exhausted', 5_000n, 1_000n, 0n],
  ])('%s', (_, cumulative, claimed, expected) => {
    expect(payable({ reserved: 1_000n, claimed, cumulative })).toBe(expected);
  });

  test('in any order, vouchers pay the best one up to the reserve, once', () => {
    fc.assert(
      fc.property(
        amount,
        fc.array(amount, { minLength: 1, maxLength: 8 }),
        (reserved, vouchers) => {
          let claimed = 0n;
          for (const cumulative of [...vouchers, ...vouchers]) {
            claimed += payable({ reserved, claimed, cumulative });
          }
          const best = [...vouchers].sort((a, b) => Number(a > b) - Number(a < b)).at(-1)!;
          expect(best < reserved ? claimed === best : claimed === reserved).toBe(true);
        },
      ),
    );
  });
});
