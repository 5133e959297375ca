import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { setCondition } from '@gridlease/kube/conditions';
import { describe, expect, test } from '@jest/globals';
import { aLease, anAccount } from '../testing/builders.ts';
import { bytes32, delegate, provider, tenant } from '../testing/money.ts';
import { coinsNeeded, commitments, fundableChannel } from './accountFacts.ts';
import { isSameChannel, newChannel } from './channelObject.ts';
import { untilNothingToSettle } from './decide.ts';
import { mayAdvance } from './tendChannels.ts';

const endedAt = new Date('2026-03-01T12:00:00Z');

function aChannel(change: Partial<PaymentChannel['spec']> = {}): PaymentChannel {
  const channel = newChannel({
    name: 'ch-0',
    namespace: 'gridlease-provider-alpha',
    accountRef: { namespace: 'team-a', name: 'team-a', uid: 'u' },
    providerName: 'alpha',
    tenant,
    provider,
    signer: delegate,
    generation: 1,
    chainId: 31_337,
    escrow: '0x00000000000000000000000000000000000000E5',
  });
  return { ...channel, spec: { ...channel.spec, ...change } };
}

const condition = (type: string, status: 'True' | 'False', reason: string) =>
  setCondition([], { type, status, reason, message: '' }, endedAt);
const open = { reserved: 500n, claimed: 100n, generation: 1, closeAt: 0 };
const around = { account: anAccount(), stopSeconds: 20, decimals: 6 };

test('a channel is exposed to the leases that still run in it, and to no others', () => {
  // 2.10 an hour for (60 + 60 + 20) s, rounded up.
  const exposure = 81_667n;
  const elsewhere = aLease({ provider: 'bravo' });
  const finished = aLease({ conditions: condition('Succeeded', 'True', 'Completed') });
  const leases = [aLease(), aLease({ parallelism: 3 }), elsewhere, finished];
  const voucher = { generation: 1, cumulative: '300', signature: '0x' } as const;
  expect(fundableChannel(aChannel({ voucher }), open, { ...around, leases })).toEqual({
    name: 'ch-0',
    reserved: 500n,
    claimed: 100n,
    voucher: 300n,
    exposure: exposure + 245_000n,
    warm: 0n,
    open: true,
  });
});

test('a channel is exposed to no more than its leases may still cost', () => {
  const accepted = {
    generation: 1,
    seq: '1',
    foldedAmount: '0',
    foldedHead: bytes32(0),
    rows: [{ leaseId: bytes32(7), gpuMs: '1', amount: '9000', last: false }],
  };
  const exposureTo = (maxAmount: bigint) =>
    fundableChannel(aChannel({ accepted }), open, {
      ...around,
      leases: [aLease({ maxAmount, status: { leaseId: bytes32(7) } })],
    }).exposure;
  expect(exposureTo(10_000n)).toBe(1_000n);
  expect(exposureTo(8_000n)).toBe(0n);
  expect(exposureTo(90_667n)).toBe(81_667n);
});

test('a channel is not funded while it closes, nor in another generation, and an old voucher is worth nothing', () => {
  const voucher = { generation: 1, cumulative: '300', signature: '0x' } as const;
  const look = (state: object) =>
    fundableChannel(aChannel({ voucher }), { ...open, ...state }, { ...around, leases: [] });
  expect(look({ closeAt: 1_800_000_000 }).open).toBe(false);
  expect(look({ generation: 2 })).toMatchObject({ open: false, voucher: 0n });
});

test('commitments are what active leases may still cost beyond what was billed', () => {
  const running = aLease({ maxAmount: 1_000n, status: { leaseId: bytes32(7) } });
  const refused = aLease({
    maxAmount: 9_000n,
    conditions: condition('Accepted', 'False', 'Draining'),
  });
  const accepted = {
    generation: 1,
    seq: '1',
    foldedAmount: '0',
    foldedHead: bytes32(0),
    rows: [{ leaseId: bytes32(7), gpuMs: '1', amount: '400', last: false }],
  };
  expect(
    commitments([running, aLease({ maxAmount: 50n }), refused], [aChannel({ accepted })]),
  ).toEqual({
    committed: 650n,
    costPerHour: 4_200_000n,
    claims: [
      { rest: 600n, perHour: 2_100_000n },
      { rest: 50n, perHour: 2_100_000n },
    ],
  });
});

test('coins needed are rounded up to one digit, so that a wavering fee changes no status', () => {
  expect([1_000_000_000n, 1_080_000_000n].map(coinsNeeded)).toEqual([
    400_000_000_000_000n,
    400_000_000_000_000n,
  ]);
  expect(coinsNeeded(1n)).toBe(400_000n);
});

describe('a lease that ended without a row', () => {
  const now = new Date(endedAt.getTime() + 100_000);
  const ended = (gpuMilliseconds?: string) =>
    aLease({
      status: gpuMilliseconds === undefined ? {} : { gpuMilliseconds },
      conditions: [
        ...condition('Accepted', 'True', 'Accepted'),
        ...condition('Succeeded', 'False', 'ImageNotFound'),
      ],
    });
  const cases = [
    [
      'costs nothing at once when it was refused',
      aLease({ conditions: condition('Accepted', 'False', 'Draining') }),
      false,
      0,
    ],
    [
      'costs nothing at once when it was withdrawn',
      aLease({ desiredState: 'Withdrawn' }),
      false,
      0,
    ],
    ['gets two minutes for a last statement', ended('0'), false, 20_000],
    ['gets them also when it never said a time', ended(), false, 20_000],
    ['waits for its row when it has one', ended('0'), true, undefined],
    ['waits for its row when it was delivered', ended('5'), false, undefined],
  ] as const;
  for (const [title, lease, listed, ms] of cases) {
    test(title, () => expect(untilNothingToSettle(lease, listed, now)).toBe(ms));
  }
});

test('a channel begins its next generation when nothing of the old one runs or waits for its payment', () => {
  const final = { leaseId: bytes32(1), leaseName: 'x', gpuMs: '1', amount: '1', cumulative: '1' };
  const over = aLease({ conditions: condition('Succeeded', 'True', 'Completed') });
  expect(mayAdvance(aChannel(), { generation: 2 }, [over])).toBe(true);
  expect(mayAdvance(aChannel(), { generation: 1 }, [])).toBe(false);
  expect(mayAdvance(aChannel(), { generation: 2 }, [aLease()])).toBe(false);
  expect(mayAdvance(aChannel({ finals: [final] }), { generation: 2 }, [])).toBe(false);
});

test('an object is the same channel whatever the letter case of its addresses, and not for another account', () => {
  const lower = aChannel({ escrow: '0x00000000000000000000000000000000000000e5', generation: 3 });
  expect(isSameChannel(lower, aChannel())).toBe(true);
  const accountRef = { namespace: 'team-a', name: 'team-a', uid: 'another' };
  expect(isSameChannel(aChannel({ accountRef }), aChannel())).toBe(false);
});
