import { describe, expect, test } from '@jest/globals';
import { aCondition, aLease, anEndedLease, nowMs, runningConditions } from '../testing/builders.ts';
import { billsWhileIdle, idleSinceMs, runsUnpaid } from './integrity.ts';

const at = (ms: number) => new Date(ms).toISOString();
const accepted = aCondition('Accepted', 'True', 'Accepted', { lastTransitionTime: at(nowMs) });
const waiting = aCondition('Delivered', 'False', 'Waiting', {
  lastTransitionTime: at(nowMs + 5_000),
});
const lost = { time: at(nowMs + 9_000), reason: 'ProviderLost', message: 'silent' } as const;

test.each([
  ['it delivers', aLease({ conditions: runningConditions }), undefined],
  ['it was accepted', aLease({ conditions: [accepted] }), nowMs],
  ['it stopped delivering', aLease({ conditions: [accepted, waiting] }), nowMs + 5_000],
  ['its last container ended', anEndedLease({ endTime: at(nowMs + 7_000) }), nowMs + 7_000],
  ['the hub gave it up', aLease({ conditions: runningConditions, lost }), nowMs + 9_000],
  ['it was made, and nobody accepted it', aLease(), nowMs - 10_000],
])('nothing runs since %s', (_, lease, since) => {
  expect(idleSinceMs(lease)).toBe(since);
});

describe('a lease of one GPU that ended at 0 s, interval and grace 60 s each', () => {
  const lease = anEndedLease({ endTime: at(nowMs) });
  test.each([
    ['bills the whole time', 121, 181, 60_000, true],
    ['bills more than half of it', 121, 181, 30_001, true],
    ['bills half of it', 121, 181, 30_000, false],
    ['bills nothing', 121, 181, 0, false],
    ['has a last statement in time', 120, 180, 60_000, false],
  ])('%s from %i s to %i s', (_, from, to, gpuMs, bills) => {
    const growth = { fromMs: nowMs + from * 1_000, toMs: nowMs + to * 1_000, gpuMs: BigInt(gpuMs) };
    expect(billsWhileIdle(lease, growth)).toBe(bills);
    expect(billsWhileIdle(aLease({ conditions: runningConditions }), growth)).toBe(false);
  });

  test('of eight GPUs bills eight times that', () => {
    const eight = anEndedLease({ endTime: at(nowMs), parallelism: 8 });
    const growth = { fromMs: nowMs + 121_000, toMs: nowMs + 181_000, gpuMs: 200_000n };
    expect(billsWhileIdle(eight, growth)).toBe(false);
    expect(billsWhileIdle(eight, { ...growth, gpuMs: 250_000n })).toBe(true);
  });
});

test.each([
  ['is late', runningConditions, 150_001, true],
  ['is not late yet', runningConditions, 150_000, false],
  ['does not run', [accepted], 1_000_000, false],
])('payment of a lease that %s', (_, conditions, sinceMs, unpaid) => {
  expect(runsUnpaid(aLease({ conditions }), 0, sinceMs)).toBe(unpaid);
});
