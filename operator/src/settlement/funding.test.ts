import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { channelTargets, decideFunding, type FundableChannel } from './funding.ts';

function aChannel(change: Partial<FundableChannel> = {}): FundableChannel {
  return {
    name: 'ch-1',
    reserved: 200n,
    claimed: 0n,
    voucher: 0n,
    exposure: 100n,
    warm: 0n,
    open: true,
    ...change,
  };
}

function funding(
  channels: readonly FundableChannel[],
  free = 1_000n,
  delegateLimit = 1_000n,
  delegateSpent = 0n,
) {
  return decideFunding({ channels, free, delegateLimit, delegateSpent });
}

describe('a channel is raised', () => {
  const cases: readonly (readonly [string, Partial<FundableChannel>, bigint | undefined])[] = [
    ['to twice the exposure when it is new', { reserved: 0n }, 200n],
    ['not while it holds one and a half exposures', { reserved: 150n }, undefined],
    ['when it holds one unit less', { reserved: 149n }, 200n],
    ['above what a voucher has promised', { reserved: 200n, voucher: 120n }, 320n],
    ['above what was claimed', { reserved: 200n, claimed: 120n, voucher: 20n }, 320n],
    [
      'to its promise when nothing runs any more',
      { reserved: 90n, voucher: 100n, exposure: 0n },
      100n,
    ],
    ['to its warm amount in advance', { reserved: 0n, exposure: 0n, warm: 70n }, 70n],
    [
      'not while half its warm amount is left',
      { reserved: 35n, exposure: 0n, warm: 70n },
      undefined,
    ],
    [
      'never while it is closing or in another generation',
      { reserved: 0n, open: false },
      undefined,
    ],
  ];
  test.each(cases)('%s', (_, change, target) => {
    const { fundings, shortfalls } = funding([aChannel(change)]);
    expect(fundings.map((action) => action.target)).toEqual(target === undefined ? [] : [target]);
    expect(shortfalls).toEqual([]);
  });
});

test('the shortest channel is raised first, the rest gets what is left, and the shortage is told', () => {
  const channels = [
    aChannel({ name: 'ch-calm', reserved: 120n }),
    aChannel({ name: 'ch-dry', reserved: 0n }),
    aChannel({ name: 'ch-new', reserved: 50n }),
  ];
  expect(funding(channels, 220n)).toEqual({
    fundings: [
      { name: 'ch-dry', target: 200n },
      { name: 'ch-new', target: 70n },
    ],
    shortfalls: [{ name: 'ch-new', missing: 30n, boundBy: 'Escrow' }],
  });
  expect(funding([aChannel({ reserved: 0n })], 1_000n, 500n, 450n)).toEqual({
    fundings: [{ name: 'ch-1', target: 50n }],
    shortfalls: [{ name: 'ch-1', missing: 50n, boundBy: 'DelegateLimit' }],
  });
});

test('funding never takes more than the pool holds and the delegate may move, and a second look asks for nothing more', () => {
  const amount = fc.bigInt({ min: 0n, max: 1_000n });
  const channel = fc
    .record({
      reserved: amount,
      paid: amount,
      voucher: amount,
      exposure: amount,
      warm: amount,
      open: fc.boolean(),
    })
    .map(({ paid, ...rest }) => ({
      ...rest,
      claimed: [paid, rest.reserved].sort((a, b) => (a < b ? -1 : 1))[0]!,
    }));
  fc.assert(
    fc.property(
      fc.array(channel, { maxLength: 8 }),
      amount,
      amount,
      amount,
      (list, free, limit, spent) => {
        const channels = list.map((one, index) => ({ ...one, name: `ch-${index}` }));
        const decision = funding(channels, free, limit, spent);
        const raised = new Map(decision.fundings.map(({ name, target }) => [name, target]));
        let moved = 0n;
        const after = channels.map((one) => {
          const target = raised.get(one.name) ?? one.reserved;
          moved += target - one.reserved;
          expect(target).toBeGreaterThanOrEqual(one.reserved);
          expect(target <= channelTargets(one).wanted || target === one.reserved).toBe(true);
          return { ...one, reserved: target };
        });
        expect(moved <= free && (moved === 0n || moved <= limit - spent)).toBe(true);
        expect(funding(after, free - moved, limit, spent + moved).fundings).toEqual([]);
      },
    ),
  );
});
