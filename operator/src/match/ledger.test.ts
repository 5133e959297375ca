import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anEndedLease, nowMs } from '../testing/builders.ts';
import { accountMoney } from './accountMoney.ts';
import { type Holding, Ledger } from './ledger.ts';

const holding = (gpus: number, more: Partial<Holding> = {}): Holding => ({
  accountUid: 'account',
  provider: 'alpha',
  product: 'H100',
  gpus,
  hourly: BigInt(gpus) * 2_000_000n,
  maxAmount: 10_000_000n,
  hasEnd: true,
  billed: 0n,
  ...more,
});

describe('the ledger', () => {
  test('holds a decision, its record and its lease as one', () => {
    const ledger = new Ledger();
    ledger.hold('ns/lease', holding(4));
    ledger.hold('ns/lease', holding(4));
    expect(ledger.gpusAt('alpha', 'H100')).toBe(4);
    ledger.release('ns/lease');
    ledger.release('ns/lease');
    expect(ledger.gpusAt('alpha', 'H100')).toBe(0);
    expect(ledger.ofAccount('account').size).toBe(0);
  });

  test('says that nothing changed when nothing did', () => {
    const ledger = new Ledger();
    ledger.hold('ns/lease', holding(4));
    const { version } = ledger;
    ledger.hold('ns/lease', holding(4));
    ledger.release('ns/other');
    expect(ledger.version).toBe(version);
    ledger.hold('ns/lease', holding(4, { billed: 1n }));
    expect(ledger.version).toBeGreaterThan(version);
  });

  test('keeps sums that always equal the sum of what it holds', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      provider: fc.constantFrom('alpha', 'bravo'),
      gpus: fc.option(fc.integer({ min: 1, max: 8 })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const ledger = new Ledger();
        const model = new Map<string, Holding>();
        for (const { key, provider, gpus } of steps) {
          if (gpus === null) {
            ledger.release(key);
            model.delete(key);
          } else {
            ledger.hold(key, holding(gpus, { provider }));
            model.set(key, holding(gpus, { provider }));
          }
        }
        for (const provider of ['alpha', 'bravo']) {
          const held = [...model.values()].filter((one) => one.provider === provider);
          const sum = held.reduce((total, { gpus }) => total + gpus, 0);
          expect(ledger.gpusAt(provider, 'H100')).toBe(sum);
        }
        expect(new Map(ledger.ofAccount('account'))).toEqual(model);
      }),
    );
  });
});

describe('what an account has promised', () => {
  test('is the rest of its active leases, each counted once', () => {
    const holdings = new Map([
      ['ns/one', holding(1, { billed: 4_000_000n })],
      ['ns/two', holding(2)],
    ]);
    expect(accountMoney({ holdings, channels: [], leases: [], nowMs: 0 })).toEqual({
      promised: 16_000_000n,
      rest: 16_000_000n,
      spending: [
        { billed: 4_000_000n, open: 6_000_000n, hourly: 2_000_000n, endedAgoMs: 0 },
        { billed: 0n, open: 10_000_000n, hourly: 4_000_000n, endedAgoMs: 0 },
      ],
    });
  });

  test('is not what a provider says beyond what its leases may cost', () => {
    const huge = (2n ** 96n - 1n).toString();
    const channel = {
      metadata: { namespace: 'ns', name: 'channel' },
      spec: { voucher: { generation: 1, cumulative: '3000000' }, finals: [] },
      status: {
        statement: { cumulative: huge },
        rows: [
          { leaseName: 'one', amount: huge },
          { leaseName: 'nobody', amount: huge },
        ],
      },
    } as unknown as PaymentChannel;
    const holdings = new Map([['ns/one', holding(1)]]);
    const money = accountMoney({ holdings, channels: [channel], leases: [], nowMs: 0 });
    expect(money.promised).toBe(13_000_000n);
    expect(money.spending).toMatchObject([{ billed: 10_000_000n, open: 0n }]);
  });

  test('counts what an ended lease was paid, no earlier than it was there', () => {
    const settlement = { amount: '5000000', gpuMilliseconds: '1' };
    const lease = anEndedLease({ endTime: '2026-03-01T11:50:00Z', maxAmount: 9_000_000n });
    const status = { ...lease.status, endTime: '1970-01-01T00:00:00Z', settlement };
    const leases = [{ ...lease, status } as typeof lease];
    const { spending } = accountMoney({ holdings: new Map(), channels: [], leases, nowMs });
    expect(spending).toMatchObject([{ billed: 5_000_000n, open: 0n, endedAgoMs: 610_000 }]);
  });

  test('never falls below nothing when a lease costs more than it may', () => {
    const holdings = new Map([['ns/one', holding(1, { billed: 99_000_000n })]]);
    expect(accountMoney({ holdings, channels: [], leases: [], nowMs: 0 }).rest).toBe(0n);
  });
});
