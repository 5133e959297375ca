import { escrowDomain } from '@gridlease/contracts/domain';
import { signVoucher } from '@gridlease/contracts/voucher';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { decideSettle, maxSettleRows, type Redeemable, type RedeemPolicy } from './decide.ts';
import { mismatchOf, readyOf } from './ready.ts';
import { checkVoucher, type VoucherInput } from './voucher.ts';

const aChannel = (facts: Partial<Redeemable> = {}): Redeemable => ({
  name: 'one',
  generation: 1,
  cumulative: 500n,
  reserved: 10_000n,
  claimed: 0n,
  chainGeneration: 1,
  isClosing: false,
  unclaimedMs: 0,
  activeLeases: 1,
  quarantined: undefined,
  ...facts,
});
const policy: RedeemPolicy = { minAmount: 1_000n, maxDelaySeconds: 3_600 };

describe('when a channel is worth a transaction', () => {
  const cases: readonly [string, Partial<Redeemable>, string | undefined][] = [
    ['little is unclaimed and leases run', {}, undefined],
    ['enough is unclaimed', { cumulative: 1_000n }, 'Amount'],
    ['it has waited long enough', { unclaimedMs: 3_600_000 }, 'Delay'],
    ['it has waited a millisecond less than that', { unclaimedMs: 3_599_999 }, undefined],
    ['nothing runs on it any more', { activeLeases: 0 }, 'Idle'],
    ['it is closing', { isClosing: true }, 'Closing'],
    ['all is claimed', { claimed: 500n, activeLeases: 0, isClosing: true }, undefined],
    ['the reserve is used up', { reserved: 400n, claimed: 400n, isClosing: true }, undefined],
    ['the voucher is of a closed generation', { chainGeneration: 2, isClosing: true }, undefined],
    ['the contract did not pay this voucher', { quarantined: 500n, isClosing: true }, undefined],
    ['a better voucher came after that', { quarantined: 499n, isClosing: true }, 'Closing'],
  ];
  test.each(cases)('%s', (_, facts, why) => {
    expect(decideSettle([aChannel(facts)], policy).rows.map((row) => row.why)).toEqual(
      why === undefined ? [] : [why],
    );
  });

  test('what is due goes together, the closing ones first, then the largest', () => {
    const channels = [
      aChannel({ name: 'small', cumulative: 1_001n }),
      aChannel({ name: 'no', cumulative: 1n }),
      aChannel({ name: 'large', cumulative: 5_000n }),
      aChannel({ name: 'closing', cumulative: 1n, isClosing: true }),
    ];
    const { rows } = decideSettle(channels, policy);
    expect(rows.map(({ name }) => name)).toEqual(['closing', 'large', 'small']);
    const many = Array.from({ length: 150 }, (_, index) =>
      aChannel({ name: `${index}`, cumulative: 2_000n }),
    );
    expect(decideSettle(many, policy).rows).toHaveLength(maxSettleRows);
  });

  test('dear gas puts off what can wait, not what can’t', () => {
    const priced = { ...policy, nativePrice: 2_000_000_000n };
    const gasCost = (rows: number) => BigInt(rows) * 10n ** 12n; // 2,000 units a row
    expect(
      decideSettle([aChannel({ cumulative: 39_999n, reserved: 10n ** 9n })], priced, gasCost).rows,
    ).toEqual([]);
    expect(
      decideSettle([aChannel({ cumulative: 40_000n, reserved: 10n ** 9n })], priced, gasCost).rows,
    ).toHaveLength(1);
    expect(decideSettle([aChannel({ isClosing: true })], priced, gasCost).rows).toHaveLength(1);
    expect(decideSettle([aChannel({ unclaimedMs: 10 ** 9 })], priced, gasCost).rows).toHaveLength(
      1,
    );
  });

  test('never plans a row that pays nothing', () => {
    const amount = fc.bigInt({ min: 0n, max: 2_000n });
    fc.assert(
      fc.property(
        amount,
        amount,
        amount,
        fc.boolean(),
        (cumulative, reserved, claimed, isClosing) => {
          const channel = aChannel({ cumulative, reserved, claimed, isClosing, activeLeases: 0 });
          for (const { pays } of decideSettle([channel], policy).rows) {
            expect(pays).toBeGreaterThan(0n);
            expect(claimed + pays).toBeLessThanOrEqual(cumulative);
            expect(claimed + pays).toBeLessThanOrEqual(reserved);
          }
        },
      ),
    );
  });
});

describe('a voucher', () => {
  const signer = privateKeyToAccount(generatePrivateKey());
  const stranger = privateKeyToAccount(generatePrivateKey());
  const domain = escrowDomain({ chainId: 1, escrow: stranger.address });
  const channel = {
    tenant: stranger.address,
    provider: stranger.address,
    signer: signer.address,
    generation: 2,
  };
  const check = async (
    facts: Partial<VoucherInput> & { cumulative?: bigint; by?: typeof signer; generation?: number },
  ) => {
    const { cumulative = 100n, by = signer, generation = 2, ...rest } = facts;
    const { tenant, provider } = channel;
    const signature = await signVoucher(by, domain, { tenant, provider, generation, cumulative });
    return checkVoucher({
      domain,
      channel,
      voucher: { generation, cumulative, signature },
      best: 0n,
      owed: 100n,
      prepaid: 10n,
      ...rest,
    });
  };

  test('is stored when it is larger than the best and no more than owed and prepaid', async () => {
    expect(await check({})).toEqual({ result: 'better' });
    expect(await check({ cumulative: 110n })).toEqual({ result: 'better' });
    expect(await check({ best: 99n })).toEqual({ result: 'better' });
    expect(await check({ best: 100n })).toEqual({ result: 'known' });
    expect(await check({ cumulative: 111n })).toMatchObject({ reason: 'VoucherInvalid' });
  });

  test('of another signer, generation, chain or with broken bytes does not count', async () => {
    expect(await check({ by: stranger })).toMatchObject({ reason: 'VoucherInvalid' });
    expect(await check({ generation: 1 })).toMatchObject({ reason: 'WrongGeneration' });
    const elsewhere = escrowDomain({ chainId: 2, escrow: stranger.address });
    expect(await check({ domain: elsewhere })).toMatchObject({ reason: 'VoucherInvalid' });
    const voucher = { generation: 2, cumulative: 100n, signature: '0x00' } as const;
    expect(await check({ voucher })).toMatchObject({ message: expect.stringContaining('nobody') });
  });
});

describe('the Ready condition of a channel', () => {
  const address = (digit: string) => `0x${digit.repeat(40)}` as const;
  const spec = {
    tenant: address('1'),
    provider: address('2'),
    signer: address('3'),
    chainId: 5,
    escrow: address('a'),
  } as unknown as PaymentChannel['spec'];
  const configured = { provider: address('2'), chainId: 5, escrow: address('A') };

  test('names each value that contradicts our own configuration', () => {
    expect(mismatchOf(spec, undefined, configured)).toBeUndefined();
    expect(
      mismatchOf(spec, undefined, { ...configured, chainId: 6, provider: address('4') }),
    ).toEqual({
      status: 'False',
      reason: 'ChannelMismatch',
      message: `provider is ${address('2')}, ours is ${address('4')}; chainId is 5, ours is 6`,
    });
  });

  const cover = { remaining: 0n, generation: 1, closeAtSeconds: undefined, nowSeconds: 0 };
  const facts = {
    mismatch: undefined,
    voucher: undefined,
    problem: undefined,
    cover,
    generation: 1,
  };
  test.each([
    ['True Ready', {}],
    ['False Closing', { cover: { ...cover, closeAtSeconds: 9 } }],
    ['False WrongGeneration', { cover: { ...cover, generation: 2 } }],
    ['False RowSkipped', { problem: { reason: 'RowSkipped', message: 'x' } as const }],
    [
      'False VoucherInvalid',
      { voucher: { result: 'invalid', reason: 'VoucherInvalid', message: 'x' } as const },
    ],
  ])('%s', (expected, more) => {
    const ready = readyOf({ ...facts, ...more });
    expect(`${ready?.status} ${ready?.reason}`).toBe(expected);
  });

  test('stays as it is before the chain was read', () => {
    expect(readyOf({ ...facts, cover: undefined })).toBeUndefined();
  });
});
