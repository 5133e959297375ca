import type { GPULease } from '@gridlease/crds/gpulease';
import { describe, expect, test } from '@jest/globals';
import {
  aCondition,
  aLease,
  anAcceptance,
  aProvider,
  nowMs,
  runningConditions,
} from '../testing/builders.ts';
import { decideRecovery, type OpenLease, type RecoveryInput } from './decide.ts';
import { givenUp } from './giveUp.ts';

type LeaseChange = {
  readonly fenceSeconds?: number;
  readonly jobIsGone?: boolean;
  readonly accepted?: boolean;
  readonly ended?: boolean;
  readonly desiredState?: GPULease['spec']['desiredState'];
};

function open(change: LeaseChange = {}): OpenLease {
  const { fenceSeconds = 60, jobIsGone = false, accepted = true, ended = false } = change;
  const end = ended ? [aCondition('Succeeded', 'True', 'Completed')] : [];
  const lease = aLease({
    conditions: accepted ? [...runningConditions, ...end] : [],
    status: accepted ? { acceptance: anAcceptance } : {},
    ...(change.desiredState === undefined ? {} : { desiredState: change.desiredState }),
  });
  const terms = { ...lease.spec.terms, fenceSeconds };
  return { lease: { ...lease, spec: { ...lease.spec, terms } }, jobIsGone };
}

const provider = (spec: object = {}) => {
  const usual = aProvider();
  return { ...usual, spec: { ...usual.spec, ...spec } };
};
const outage = { silent: 2, of: 3 };
const abandoned = provider({ abandoned: { reason: 'it burnt down' } });

function decided(change: Partial<RecoveryInput> = {}) {
  return decideRecovery({
    providerName: 'alpha',
    provider: provider(),
    silentMs: 100_000,
    lastSeenMs: nowMs - 100_000,
    leases: [open()],
    outage: undefined,
    limits: { unreachableMs: 40_000, afterFenceMs: 40_000, usualFenceMs: 60_000 },
    ...change,
  });
}

describe('a lease is given up', () => {
  test.each<[string, Partial<RecoveryInput>, string | undefined]>([
    ['not while its provider is heard', { silentMs: 9_000 }, undefined],
    ['not in the last moment before its time', { silentMs: 99_999 }, undefined],
    ['when its provider was silent for its fence and 40 s', { silentMs: 100_000 }, 'ProviderLost'],
    [
      'later with a longer fence',
      { silentMs: 129_999, leases: [open({ fenceSeconds: 90 })] },
      undefined,
    ],
    ['but then', { silentMs: 130_000, leases: [open({ fenceSeconds: 90 })] }, 'ProviderLost'],
    [
      'also when it was told to stop and nobody answered',
      { leases: [open({ desiredState: 'Stopped' })] },
      'ProviderLost',
    ],
    [
      'never by silence when it keeps running',
      { silentMs: 9e9, leases: [open({ fenceSeconds: 0 })] },
      undefined,
    ],
    [
      'without a fence when its job is gone',
      { leases: [open({ fenceSeconds: 0, jobIsGone: true })] },
      'ProviderLost',
    ],
    [
      'without a fence and a job, but not too early',
      { silentMs: 99_999, leases: [open({ fenceSeconds: 0, jobIsGone: true })] },
      undefined,
    ],
    [
      'not before it was accepted: it is withdrawn then',
      { leases: [open({ accepted: false })] },
      undefined,
    ],
    ['not after it has ended', { leases: [open({ ended: true })] }, undefined],
    ['not while most providers are silent', { silentMs: 9e9, outage }, undefined],
    [
      'even then when its job is gone',
      { outage, leases: [open({ jobIsGone: true })] },
      'ProviderLost',
    ],
    [
      'even then when its provider was suspended',
      { outage, provider: provider({ suspended: true }) },
      'ProviderLost',
    ],
    ['even then when its provider was deleted', { outage, provider: undefined }, 'ProviderLost'],
    [
      'at once when an admin abandons its provider',
      { silentMs: 0, provider: abandoned },
      'Abandoned',
    ],
    [
      'at once, without a fence too',
      { silentMs: 0, provider: abandoned, leases: [open({ fenceSeconds: 0 })] },
      'Abandoned',
    ],
    [
      'at once, before it was accepted too',
      { silentMs: 0, provider: abandoned, leases: [open({ accepted: false })] },
      'Abandoned',
    ],
    ['at once, also while most providers are silent', { outage, provider: abandoned }, 'Abandoned'],
    [
      'not with an abandoned provider when it had ended',
      { provider: abandoned, leases: [open({ ended: true })] },
      undefined,
    ],
  ])('%s', (_, change, reason) => {
    expect(decided(change).losses.map((loss) => loss.reason)).toEqual(
      reason === undefined ? [] : [reason],
    );
  });

  test('with figures, or with the words of the admin', () => {
    expect(decided({ silentMs: 101_900 }).losses[0]?.message).toBe(
      'nothing was heard of provider alpha for 101 s; its agent ends the pods 60 s after its last renewal',
    );
    expect(decided({ leases: [open({ jobIsGone: true })] }).losses[0]?.message).toContain(
      'the job is deleted: nothing replaces the lease',
    );
    expect(decided({ provider: abandoned }).losses[0]?.message).toBe(
      'an admin abandoned provider alpha: it burnt down',
    );
  });
});

describe('the provider says', () => {
  test.each<[string, Partial<RecoveryInput>, string | undefined]>([
    ['nothing while it is heard', { silentMs: 40_000 }, undefined],
    ['nothing while its leases may still be its own', { silentMs: 99_999 }, undefined],
    ['that its leases are replaced', {}, 'True ProviderLost'],
    [
      'that they are not, for the others are silent too',
      { silentMs: 41_000, outage },
      'False OutageGuard',
    ],
    [
      'nothing of this when it is suspended',
      { outage, provider: provider({ suspended: true }) },
      undefined,
    ],
    ['nothing of this when it never came', { lastSeenMs: undefined }, undefined],
    ['nothing of this when it is abandoned', { provider: abandoned }, undefined],
  ])('%s', (_, change, expected) => {
    const { replaceable } = decided(change);
    const said = replaceable && `${replaceable.status} ${replaceable.reason}`;
    expect(said).toBe(expected);
  });

  test('how many leases wait, and what an admin can do; no figure in it runs with time', () => {
    const leases = [open(), open(), open({ fenceSeconds: 0 })];
    const first = decided({ outage, leases });
    expect(first.frozen).toBe(2);
    expect(first.replaceable?.message).toBe(
      "No heartbeat since 2026-03-01T11:58:20Z, and 2 of 3 providers are silent: it is more likely this hub that can't hear them. Nothing is replaced until enough are back; 2 leases here wait. To replace them now set spec.abandoned.reason.",
    );
    const later = decided({ outage, leases, silentMs: 200_000 });
    expect(later.replaceable).toEqual(first.replaceable);
    const lost = decided({ silentMs: 500_000 }).replaceable;
    expect(decided({ silentMs: 900_000 }).replaceable).toEqual(lost);
  });
});

test.each<[string, Partial<RecoveryInput>, number | undefined]>([
  ['a provider that is heard when it would be silent', { silentMs: 9_000 }, 31_001],
  ['one at the limit a moment later, not at once', { silentMs: 40_000 }, 1],
  ['a silent one every 5 s', { silentMs: 50_000 }, 5_000],
  ['a silent one in time for its leases', { silentMs: 99_000 }, 1_000],
  ['an abandoned one when something changes', { provider: abandoned }, undefined],
])('looks again at %s', (_, change, expected) => {
  expect(decided(change).reviewInMs).toBe(expected);
});

describe('what is written on a lost lease', () => {
  const times = { now: new Date(nowMs), lastSeenMs: nowMs - 100_000 };
  const [loss] = decided().losses;
  const written = (lease: GPULease) => givenUp({ ...loss!, lease }, times).spec;
  const { lease } = open();

  test('ends it in the same write, and keeps what was achieved', () => {
    const status = { ...lease.status, completedIndexes: '0-3', failedIndexes: '4' };
    expect(written({ ...lease, status })).toMatchObject({
      desiredState: 'Stopped',
      stopTime: '2026-03-01T12:00:00Z',
      lost: {
        time: '2026-03-01T12:00:00Z',
        reason: 'ProviderLost',
        lastRenewalTime: '2026-03-01T11:58:20Z',
        completedIndexes: '0-3',
        failedIndexes: '4',
      },
    });
  });

  test('keeps the time at which it was stopped before', () => {
    const spec = {
      ...lease.spec,
      desiredState: 'Stopped',
      stopTime: '2026-03-01T11:00:00Z',
    } as const;
    expect(written({ ...lease, spec })).toMatchObject({
      desiredState: 'Stopped',
      stopTime: '2026-03-01T11:00:00Z',
    });
  });

  test('takes back what was never accepted', () => {
    expect(written(open({ accepted: false }).lease).desiredState).toBe('Withdrawn');
  });
});
