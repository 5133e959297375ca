import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  asking,
  confirmed,
  decideFence,
  firstStanding,
  followRenewals,
  type Look,
  mayAskAgain,
  mayStartPods,
  onFirstRenewal,
  type Standing,
} from './decide.ts';

const fenceMs = 60_000;
const sure: Standing = {
  renewedMs: 100_000,
  brokenMs: undefined,
  askedMs: undefined,
  overdueMs: undefined,
  isCondemned: false,
};
const look = (nowMs: number, lastRenewalMs: number | undefined = 100_000): Look => ({
  nowMs,
  lastRenewalMs,
  fenceMs,
});
const role = { isLeader: true, terminationSeconds: 60, isMarked: false };

describe('what the renewals say about a lease', () => {
  test.each<[string, Standing, Look, object]>([
    ['renewed in time', sure, look(159_999), { overdueMs: undefined, brokenMs: undefined }],
    ['the fence has passed', sure, look(160_000), { overdueMs: 160_000 }],
    ['nothing is known', sure, { ...look(1), lastRenewalMs: undefined }, { overdueMs: 1 }],
    [
      'overdue since it was noticed first',
      { ...sure, overdueMs: 160_000 },
      look(163_000),
      { overdueMs: 160_000 },
    ],
    [
      'renewed again within the fence',
      sure,
      look(170_000, 160_000),
      { renewedMs: 160_000, brokenMs: undefined, overdueMs: undefined },
    ],
    [
      'renewed again after a pause in which it may have been replaced',
      { ...sure, overdueMs: 160_000 },
      look(170_000, 160_001),
      { brokenMs: 170_000, overdueMs: undefined },
    ],
    [
      'renewed again does not mend an earlier pause',
      { ...sure, brokenMs: 101_000 },
      look(110_000, 109_000),
      { brokenMs: 101_000 },
    ],
  ])('%s', (_name, before, now, expected) => {
    expect(followRenewals(before, now)).toMatchObject(expected);
  });

  test.each<[string, number | undefined, number | undefined, boolean]>([
    ['sent before the start, it mends that nothing was known', undefined, 900, false],
    ['sent after the start, it leaves a pause that nobody saw', undefined, 1_100, true],
    ['none is known yet', undefined, undefined, true],
    ['a later one mends no pause', 500, 900, true],
  ])('the first renewal that is seen: %s', (_name, seenMs, lastRenewalMs, isBroken) => {
    const standing = { ...sure, renewedMs: seenMs, brokenMs: 1_000 };
    const first = firstStanding({ isNew: false, startedMs: 1_000, nowMs: 1_500, lastRenewalMs });
    expect(onFirstRenewal(standing, first).brokenMs !== undefined).toBe(isBroken);
  });

  test('nothing new is the same object', () => {
    expect(followRenewals(sure, look(120_000))).toBe(sure);
  });

  test.each([
    ['accepted by this process', { isNew: true, lastRenewalMs: 5_000 }, false],
    [
      'from before a restart, with the renewal of before',
      { isNew: false, lastRenewalMs: 900 },
      false,
    ],
    [
      'from before a restart, with a renewal of after it',
      { isNew: false, lastRenewalMs: 5_000 },
      true,
    ],
    ['from before a restart, with nothing known', { isNew: false, lastRenewalMs: undefined }, true],
  ])('a lease %s', (_name, options, isBroken) => {
    const { brokenMs } = firstStanding({ startedMs: 1_000, nowMs: 6_000, ...options });
    expect(brokenMs).toBe(isBroken ? 6_000 : undefined);
  });

  test('the time to ask begins with the first question, and anew for a replica that led before', () => {
    const doubtful = { ...sure, brokenMs: 1_000 };
    const first = asking(doubtful, true, 5_000);
    expect(first.askedMs).toBe(5_000);
    expect(asking(first, true, 6_000)).toBe(first);
    expect(asking(first, false, 7_000).askedMs).toBeUndefined();
    expect(asking(doubtful, false, 7_000)).toBe(doubtful);
    expect(confirmed(first).askedMs).toBeUndefined();
  });

  test('a confirmation mends a pause, but brings no condemned lease back', () => {
    expect(confirmed({ ...sure, brokenMs: 1_000 }).brokenMs).toBeUndefined();
    const condemned = { ...sure, brokenMs: 1_000, isCondemned: true };
    expect(confirmed(condemned)).toBe(condemned);
  });

  test.each<[string, Partial<Standing>, number, boolean]>([
    ['a renewal is overdue: the pods must go in time', { overdueMs: 1_000 }, 1_001, false],
    [
      'a pause is over: the hub is slow, not gone',
      { brokenMs: 1_000, askedMs: 1_000 },
      20_999,
      true,
    ],
    ['a pause is over, and it stays silent', { brokenMs: 1_000, askedMs: 1_000 }, 21_000, false],
    [
      'a follower that leads now had no time to ask before',
      { brokenMs: 1_000, askedMs: 500_000 },
      519_999,
      true,
    ],
    ['both', { brokenMs: 1_000, overdueMs: 1_000 }, 1_001, false],
    ['no renewal is known yet', { renewedMs: undefined, overdueMs: 1_000 }, 10_999, true],
    ['none becomes known', { renewedMs: undefined, overdueMs: 1_000 }, 11_000, false],
    [
      'a restart that knows nothing yet',
      { renewedMs: undefined, overdueMs: 1_000, brokenMs: 1_000 },
      10_999,
      true,
    ],
  ])('the hub is asked again when it is silent: %s', (_name, change, nowMs, expected) => {
    expect(mayAskAgain({ ...sure, ...change }, nowMs)).toBe(expected);
  });
});

describe('what to do', () => {
  const overdue = { ...sure, overdueMs: 160_000 };
  test.each<[string, Standing, number, Partial<typeof role>, object]>([
    ['held until the fence', sure, 150_000, {}, { kind: 'hold', againInMs: 10_000 }],
    ['the leader asks when it is overdue', overdue, 160_000, {}, { kind: 'check' }],
    [
      'the leader asks after a pause',
      { ...sure, brokenMs: 101_000 },
      101_000,
      {},
      { kind: 'check' },
    ],
    [
      'others leave a pause to the leader',
      { ...sure, brokenMs: 101_000 },
      101_000,
      { isLeader: false },
      { kind: 'hold' },
    ],
    [
      'others wait for what the leader learns',
      overdue,
      161_000,
      { isLeader: false },
      { kind: 'wait', againInMs: 9_000 },
    ],
    [
      'others kill when it learned nothing in time',
      overdue,
      170_000,
      { isLeader: false },
      { kind: 'kill', graceSeconds: 6 },
    ],
    [
      'a mark counts for all',
      sure,
      150_000,
      { isMarked: true, isLeader: false },
      { kind: 'kill', graceSeconds: 16 },
    ],
    [
      'condemned stays condemned, also when the hub is back',
      { ...sure, isCondemned: true },
      101_000,
      {},
      { kind: 'kill' },
    ],
    [
      'a tenant that asked for less gets less',
      { ...overdue, isCondemned: true },
      160_000,
      { terminationSeconds: 2 },
      { kind: 'kill', graceSeconds: 2 },
    ],
    [
      'never without any grace',
      { ...overdue, isCondemned: true },
      200_000,
      { terminationSeconds: 0 },
      { kind: 'kill', graceSeconds: 1 },
    ],
  ])('%s', (_name, standing, nowMs, change, expected) => {
    expect(decideFence(standing, { ...look(nowMs), ...role, ...change })).toMatchObject(expected);
  });

  test('whatever the clocks say, pods are due within 20 s of the fence', () => {
    fc.assert(
      fc.property(
        fc.nat(40_000),
        fc.nat(600),
        fc.boolean(),
        (lateMs, terminationSeconds, isLeader) => {
          const standing = { ...overdue, isCondemned: true };
          const nowMs = 160_000 + lateMs;
          const now = { ...look(nowMs), ...role, terminationSeconds, isLeader };
          const decision = decideFence(standing, now);
          if (decision.kind !== 'kill') throw new Error(`expected a kill, got ${decision.kind}`);
          const endMs = nowMs + decision.graceSeconds * 1000;
          expect(endMs).toBeLessThanOrEqual(Math.max(180_000 - 4_000, nowMs + 1_000));
        },
      ),
    );
  });
});

test.each([
  ['without a fence', 0, undefined, true],
  ['heard in time', fenceMs, 100_001, true],
  ['not heard in time', fenceMs, 100_000, false],
  ['never heard', fenceMs, undefined, false],
])('pods may start: %s', (_name, ms, lastRenewalMs, expected) => {
  expect(mayStartPods({ nowMs: 160_000, lastRenewalMs, fenceMs: ms })).toBe(expected);
});
