import { describe, expect, test } from '@jest/globals';
import { advanceClocks, type LeaseClocks, startClocks } from './clocks.ts';
import { type ChannelStanding, decideLease, type LeaseStanding } from './decide.ts';

const lease: LeaseStanding = {
  isBudgetReached: false,
  coversFullDuration: false,
  wasEverBilled: true,
  unbilledMs: 0,
  startDeadlineSeconds: 900,
  idleSeconds: 300,
  graceSeconds: 60,
  refusal: undefined,
  suspendedMs: undefined,
};
const channel: ChannelStanding = {
  remaining: 1_000n,
  leastCover: 100n,
  fullCover: 400n,
  viewAgeMs: 0,
  soughtMs: 10_000,
  unpaidMs: undefined,
  closeAtSeconds: undefined,
  closeWindowSeconds: 86_400,
  nowSeconds: 1_000_000,
};
const refusal = { reason: 'MoreThanObserved', message: 'not seen' };

describe('whether a lease may go on', () => {
  const cases: readonly [string, Partial<LeaseStanding>, Partial<ChannelStanding>, string][] = [
    ['all is paid', {}, {}, 'run'],
    ['its maximum is reached', { isBudgetReached: true }, {}, 'stop BudgetExhausted'],
    [
      'its maximum is what its whole duration costs',
      { isBudgetReached: true, coversFullDuration: true },
      {},
      'stop DeadlineExceeded',
    ],
    [
      'nothing ran until the start deadline',
      { wasEverBilled: false, unbilledMs: 900_000 },
      {},
      'run',
    ],
    [
      'nothing ran past the start deadline',
      { wasEverBilled: false, unbilledMs: 900_001 },
      {},
      'stop StartDeadlineExceeded',
    ],
    ['nothing runs for the idle time', { unbilledMs: 300_000 }, {}, 'run'],
    ['nothing runs past the idle time', { unbilledMs: 300_001 }, {}, 'stop IdleTooLong'],
    ['its row is refused', { refusal }, {}, 'suspend MeterRefused'],
    ['its row stays refused', { refusal, suspendedMs: 300_001 }, {}, 'stop MeterRefused'],
    ['a statement is unpaid within the grace time', {}, { unpaidMs: 60_000 }, 'run'],
    [
      'a statement is unpaid past the grace time',
      {},
      { unpaidMs: 60_001 },
      'suspend PaymentOverdue',
    ],
    ['it stays unpaid', { suspendedMs: 300_001 }, { unpaidMs: 400_000 }, 'stop PaymentOverdue'],
    ['the channel covers the next interval', {}, { remaining: 100n }, 'run'],
    ['the channel no longer covers it', {}, { remaining: 99n }, 'suspend FundsExhausted'],
    [
      'suspended, with too little to go on safely',
      { suspendedMs: 1 },
      { remaining: 399n },
      'suspend FundsExhausted',
    ],
    ['suspended, and funded again', { suspendedMs: 1 }, { remaining: 400n }, 'run'],
    ['the pool stays dry', { suspendedMs: 300_001 }, { remaining: 0n }, 'stop FundsExhausted'],
    ['a suspended lease does not idle', { suspendedMs: 1, unbilledMs: 9_999_999 }, {}, 'run'],
    [
      'it runs, and the chain was not seen yet since a restart',
      {},
      { viewAgeMs: undefined, remaining: undefined, soughtMs: 120_000 },
      'run',
    ],
    [
      'it runs, and the chain is not seen at all after a restart',
      {},
      { viewAgeMs: undefined, remaining: undefined, soughtMs: 120_001 },
      'suspend ChainNotReady',
    ],
    [
      'nor for half of a very short window',
      {},
      { viewAgeMs: undefined, soughtMs: 5_001, closeWindowSeconds: 10 },
      'suspend ChainNotReady',
    ],
    [
      'it was suspended, and the chain was not seen yet since a restart',
      { suspendedMs: 1 },
      { viewAgeMs: undefined, remaining: undefined },
      'suspend ChainNotReady',
    ],
    [
      'it is suspended for long while the chain was never seen',
      { suspendedMs: 10 ** 9 },
      { viewAgeMs: undefined },
      'suspend ChainNotReady',
    ],
    [
      'the chain was not seen for half a window',
      {},
      { viewAgeMs: 43_200_001 },
      'suspend ChainNotReady',
    ],
    [
      'the chain stays away',
      { suspendedMs: 10 ** 9 },
      { viewAgeMs: 10 ** 9 },
      'suspend ChainNotReady',
    ],
    ['a close is far away', {}, { closeAtSeconds: 1_000_000 + 21_601 }, 'run'],
    [
      'a close comes within a quarter of the window',
      {},
      { closeAtSeconds: 1_000_000 + 21_600 },
      'stop ChannelClosing',
    ],
    ['the channel was closed', {}, { closeAtSeconds: 1_000_000 }, 'stop ChannelClosing'],
    [
      'refused and unpaid: the refusal is said',
      { refusal },
      { unpaidMs: 10 ** 6 },
      'suspend MeterRefused',
    ],
    [
      'dry and at its maximum: it ends',
      { isBudgetReached: true },
      { remaining: 0n },
      'stop BudgetExhausted',
    ],
  ];
  test.each(cases)('%s', (_, leaseFacts, channelFacts, expected) => {
    const decision = decideLease({ ...lease, ...leaseFacts }, { ...channel, ...channelFacts });
    expect(decision.action === 'run' ? 'run' : `${decision.action} ${decision.reason}`).toBe(
      expected,
    );
  });
});

describe('the clocks of a lease', () => {
  const look = {
    nowMs: 0,
    gpuMs: 0n,
    isDelivering: false,
    isObserved: true,
    holdsGpus: true,
    maxStepMs: 30_000,
  };
  const begun = startClocks({ nowMs: 0, gpuMs: 0n, acceptedAgoMs: 0, startDeadlineSeconds: 900 });

  test('count only what was observed', () => {
    const away = advanceClocks(begun, { ...look, nowMs: 20_000, isObserved: false });
    expect(away.unbilledMs).toBe(0);
    expect(advanceClocks(away, { ...look, nowMs: 25_000 }).unbilledMs).toBe(5_000);
  });

  test('count no more than one step after the process slept', () => {
    expect(advanceClocks(begun, { ...look, nowMs: 9_000_000 }).unbilledMs).toBe(30_000);
  });

  test('begin anew when something is billed or runs', () => {
    const idle = advanceClocks(begun, { ...look, nowMs: 10_000 });
    expect(advanceClocks(idle, { ...look, nowMs: 20_000, gpuMs: 1n }).unbilledMs).toBe(0);
    expect(advanceClocks(idle, { ...look, nowMs: 20_000, isDelivering: true }).unbilledMs).toBe(0);
    expect(advanceClocks(idle, { ...look, nowMs: 20_000, holdsGpus: false }).unbilledMs).toBe(0);
  });

  test('a lease that was suspended for long has its whole idle time again when it goes on', () => {
    const billed = advanceClocks(begun, { ...look, gpuMs: 1n });
    let clocks: LeaseClocks = { ...billed, suspendedMs: 0 };
    for (let nowMs = 30_000; nowMs <= 3_600_000; nowMs += 30_000) {
      clocks = advanceClocks(clocks, { ...look, nowMs, gpuMs: 1n });
    }
    expect(clocks).toMatchObject({ suspendedMs: 3_600_000, unbilledMs: 0 });
    const resumed = advanceClocks(
      { ...clocks, suspendedMs: undefined },
      { ...look, nowMs: 3_610_000, gpuMs: 1n },
    );
    expect(resumed.unbilledMs).toBe(10_000);
  });

  test('after a restart a lease that never ran has waited since its acceptance, but is not ended at once', () => {
    const again = { nowMs: 0, gpuMs: 0n, startDeadlineSeconds: 900 };
    expect(startClocks({ ...again, acceptedAgoMs: 100_000 }).unbilledMs).toBe(100_000);
    expect(startClocks({ ...again, acceptedAgoMs: 10 ** 9 }).unbilledMs).toBe(870_000);
    expect(startClocks({ ...again, acceptedAgoMs: -5 }).unbilledMs).toBe(0);
    expect(startClocks({ ...again, acceptedAgoMs: 100_000, gpuMs: 1n }).unbilledMs).toBe(0);
  });
});
