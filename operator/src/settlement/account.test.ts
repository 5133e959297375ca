import { paymentAccount } from '@gridlease/crds/paymentaccount';
import { describe, expect, test } from '@jest/globals';
import { delegate, tenant } from '../testing/money.ts';
import { type AccountFacts, blockedAccount, decideAccount } from './account.ts';

const now = new Date('2026-01-02T03:04:05Z');

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
      {
        name: 'ch-1',
        reserved: 8_000_000n,
        claimed: 1_000_000n,
        voucher: 3_000_000n,
        exposure: 2_000_000n,
        warm: 0n,
        open: true,
      },
    ],
    shortfalls: [],
    committed: 5_000_000n,
    costPerHour: 36_000_000n,
    claims: [],
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
