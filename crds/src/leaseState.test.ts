import type { ConditionStatus } from '@gridlease/kube/object';
import { describe, expect, test } from '@jest/globals';
import type { GPULease } from './gpulease.ts';
import {
  leaseIsActive,
  leaseIsFinished,
  leaseIsLost,
  leaseIsSettled,
  leaseOutcome,
  reportedIndexes,
} from './leaseState.ts';

type Written = readonly [type: string, status: ConditionStatus, reason: string];

function aLease(desiredState: string, ...conditions: Written[]): GPULease {
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  return {
    spec: { desiredState },
    status: {
      conditions: conditions.map(([type, status, reason]) => ({
        type,
        status,
        reason,
        message: `${reason}.`,
        lastTransitionTime,
      })),
    },
  } as unknown as GPULease;
}

const accepted: Written = ['Accepted', 'True', 'Accepted'];
const delivered: Written = ['Delivered', 'True', 'Delivered'];

describe('a lease', () => {
  test.each([
    ['nobody has answered', aLease('Running'), 'Pending', 'Pending'],
    [
      'the agent decides',
      aLease('Running', ['Accepted', 'Unknown', 'Pending']),
      'Pending',
      'Pending',
    ],
    [
      'refused',
      aLease('Running', ['Accepted', 'False', 'OfferExpired']),
      'Refused',
      'OfferExpired',
    ],
    [
      'refused, then withdrawn',
      aLease('Withdrawn', ['Accepted', 'False', 'TooManyLeases']),
      'Refused',
      'TooManyLeases',
    ],
    ['withdrawn in time', aLease('Withdrawn'), 'Withdrawn', 'Withdrawn'],
    ['withdrawn too late', aLease('Withdrawn', accepted), 'Accepted', 'Accepted'],
    ['accepted', aLease('Running', accepted), 'Accepted', 'Accepted'],
    [
      'pulling',
      aLease('Running', accepted, ['Delivered', 'False', 'PullingImage']),
      'Accepted',
      'Accepted',
    ],
    ['running', aLease('Running', accepted, delivered), 'Running', 'Delivered'],
    ['stopping', aLease('Stopped', accepted, delivered), 'Running', 'Delivered'],
    [
      'done',
      aLease('Running', accepted, delivered, ['Succeeded', 'True', 'Completed']),
      'Succeeded',
      'Completed',
    ],
    [
      'failed',
      aLease('Running', accepted, ['Succeeded', 'False', 'TaskFailed']),
      'Failed',
      'TaskFailed',
    ],
    [
      'not ended',
      aLease('Running', accepted, ['Succeeded', 'Unknown', 'Running']),
      'Accepted',
      'Accepted',
    ],
  ] as const)('that is %s', (_, lease, state, reason) => {
    expect(leaseOutcome(lease)).toMatchObject({ state, reason });
    const finished = ['Refused', 'Withdrawn', 'Succeeded', 'Failed'].includes(state);
    expect(leaseIsFinished(lease)).toBe(finished);
    expect(leaseIsActive(lease)).toBe(!finished);
  });

  test('is settled when the operator says so', () => {
    expect(leaseIsSettled(aLease('Stopped', ['Settled', 'True', 'Settled']))).toBe(true);
    expect(leaseIsSettled(aLease('Stopped', ['Settled', 'False', 'NothingToSettle']))).toBe(false);
    expect(leaseIsSettled(aLease('Stopped'))).toBe(false);
  });

  const lost = { reason: 'ProviderLost', message: 'silent for 100 s', completedIndexes: '0-1' };
  const given = (lease: GPULease): GPULease => ({
    ...lease,
    spec: { ...lease.spec, desiredState: 'Stopped', lost: { ...lost, time: '' } as never },
  });

  test.each([
    ['while it ran', aLease('Running', accepted, delivered)],
    ['and was never accepted', aLease('Running')],
    [
      'and whose provider came back with a success',
      aLease('Running', accepted, ['Succeeded', 'True', 'Completed']),
    ],
    [
      'and whose provider came back fenced',
      aLease('Running', accepted, ['Succeeded', 'False', 'Fenced']),
    ],
  ] as const)('that was lost %s has failed for good', (_, lease) => {
    expect(leaseOutcome(given(lease))).toEqual({
      state: 'Failed',
      reason: 'ProviderLost',
      message: 'silent for 100 s',
    });
    expect(leaseIsFinished(given(lease))).toBe(true);
    expect([leaseIsLost(given(lease)), leaseIsLost(lease)]).toEqual([true, false]);
  });

  test('that was lost has done what it had reported before, and nothing since', () => {
    const late = { ...aLease('Running', accepted), status: { completedIndexes: '0-9' } };
    expect(reportedIndexes(late as never)).toEqual({ completed: '0-9', failed: '' });
    expect(reportedIndexes(given(late as never))).toEqual({ completed: '0-1', failed: '' });
    expect(reportedIndexes({ spec: late.spec })).toEqual({ completed: '', failed: '' });
  });

  test('without a status is pending', () => {
    const lease = { spec: { desiredState: 'Running' } } as unknown as GPULease;
    expect(leaseOutcome(lease).state).toBe('Pending');
  });
});
