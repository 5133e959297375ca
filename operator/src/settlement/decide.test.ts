import { paymentAccount } from '@gridlease/crds/paymentaccount';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytes32, delegate, tenant } from '../testing/money.ts';
import { type AccountFacts, blockedAccount, decideAccount } from './account.ts';
import { channelTargets, decideFunding, type FundableChannel } from './funding.ts';
import { type Payment, searchFurther, startSearch } from './settled.ts';

const now = new Date('2026-01-02T03:04:05Z');

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

function facts(change: Partial<AccountFacts> = {}): AccountFacts {
  const account = paymentAccount.parse({
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'PaymentAccount',
    metadata: { name: 'team-a', namespace: 'team-a', uid: 'u', generation: 2 },
    spec: { address: tenant, chainName: 'local' },
  });
  return {
    account,
    delegate,
    chain: {
      chainId: 31_337n,
      escrow: '0x5555555555555555555555555555555555555555',
      token: { symbol: 'tUSD', decimals: 6 },
    },
    free: 50_000_000n,
    delegateLimit: 100_000_000n,
    delegateSpent: 10_000_000n,
    coins: 10n ** 18n,
    coinsNeeded: 10n ** 15n,
    channels: [
      aChannel({
        reserved: 8_000_000n,
        claimed: 1_000_000n,
        voucher: 3_000_000n,
        exposure: 2_000_000n,
      }),
    ],
    shortfalls: [],
    committed: 5_000_000n,
    costPerHour: 36_000_000n,
    ...change,
  };
}

describe('an account is', () => {
  const cases: readonly (readonly [string, string, Partial<AccountFacts>, string])[] = [
    ['ready when it can pay', 'Funded', {}, 'can pay from escrow 0x5555'],
    ['told where to deposit', 'EscrowEmpty', { free: 0n, channels: [] }, 'call deposit(amount)'],
    [
      'told what to authorize',
      'DelegateNotAuthorized',
      { delegateLimit: 0n },
      `call authorize(${delegate}, limit) on escrow 0x5555`,
    ],
    [
      'told to send gas, how much and where',
      'DelegateGasTooLow',
      { coins: 10n ** 14n },
      `delegate ${delegate} has 0.0001 of the coin of chain 31337 and needs 0.001 for transactions: send it at least 0.0009`,
    ],
    [
      'told that the limit is used up',
      'DelegateLimitTooSmall',
      { shortfalls: [{ name: 'ch-1', missing: 2_500_000n, boundBy: 'DelegateLimit' }] },
      'channel ch-1 needs 2.5 tUSD more',
    ],
    [
      'told how much is missing',
      'EscrowEmpty',
      { shortfalls: [{ name: 'ch-1', missing: 2_500_000n, boundBy: 'Escrow' }] },
      'channel ch-1 needs 2.5 tUSD more: deposit it',
    ],
  ];
  test.each(cases)('%s (%s)', (_, reason, change, words) => {
    const [ready] = decideAccount(facts(change), now).conditions ?? [];
    expect(ready).toMatchObject({
      type: 'Ready',
      status: reason === 'Funded' ? 'True' : 'False',
      reason,
      observedGeneration: 2,
    });
    expect(ready?.message).toContain(words);
  });
});

test('the figures of an account add up', () => {
  expect(decideAccount(facts(), now)).toMatchObject({
    delegateAddress: delegate,
    escrowed: '57',
    free: '50',
    reserved: '7',
    spent: '3',
    available: '50',
    delegateLimit: '100',
    delegateSpent: '10',
    runwaySeconds: '5460',
  });
  expect(decideAccount(facts({ costPerHour: 0n }), now).runwaySeconds).toBeUndefined();
  expect(decideAccount(facts({ committed: 10n ** 12n }), now).available).toBe('0');
});

test('an account whose chain is silent keeps its figures', () => {
  const { account } = facts();
  const status = decideAccount(facts(), now);
  const verdict = { status: 'Unknown', reason: 'ChainNotReady', message: 'no answer' } as const;
  const blocked = blockedAccount({ ...account, status }, verdict, delegate, now);
  expect(blocked).toMatchObject({
    free: '50',
    conditions: [{ status: 'Unknown', reason: 'ChainNotReady' }],
  });
});

describe('the payment that covers a lease is', () => {
  const payment = (paid: bigint, block: bigint, logIndex = 0, generation = 1): Payment => ({
    paid,
    generation,
    blockNumber: block,
    logIndex,
    transactionHash: bytes32(Number(block) * 10 + logIndex),
  });

  test('found by walking back from what is claimed, in any order and over several ranges', () => {
    const start = startSearch(100n, [10n, 40n, 100n, 101n]);
    const recent = searchFurther(
      start,
      [payment(5n, 21n, 0, 2), payment(30n, 20n, 1), payment(30n, 20n, 0)],
      1,
    );
    expect([...recent.found].map(([cumulative, { logIndex }]) => [cumulative, logIndex])).toEqual([
      [100n, 1],
    ]);
    expect(recent.missing).toEqual([10n, 40n]);
    const older = searchFurther(recent, [payment(15n, 3n), payment(25n, 9n)], 1);
    expect(older.found.get(40n)?.blockNumber).toBe(9n);
    expect(older.found.get(10n)?.blockNumber).toBe(3n);
    expect(older).toMatchObject({ missing: [], claimedBefore: 0n });
  });

  test('the first whose total reaches it, for any payments', () => {
    const paid = fc.array(fc.bigInt({ min: 1n, max: 50n }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(paid, fc.nat(11), fc.nat(11), (amounts, pick, cut) => {
        const payments = amounts.map((amount, index) => payment(amount, BigInt(index)));
        const totals = amounts.map((_, index) =>
          amounts.slice(0, index + 1).reduce((a, b) => a + b, 0n),
        );
        const wanted = totals[pick % totals.length]!;
        const split = cut % payments.length;
        const half = searchFurther(startSearch(totals.at(-1)!, [wanted]), payments.slice(split), 1);
        const all = searchFurther(half, payments.slice(0, split), 1);
        expect(all.found.get(wanted)?.blockNumber).toBe(BigInt(totals.indexOf(wanted)));
      }),
    );
  });
});
