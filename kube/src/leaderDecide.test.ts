import { describe, expect, test } from '@jest/globals';
import { decideLeader, type ElectionLease, observeLease, type SeenLease } from './leaderDecide.ts';

const aLease = (version: string, holderIdentity?: string, uid = 'u'): ElectionLease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'leader', namespace: 'n', uid, resourceVersion: version },
  spec: {
    ...(holderIdentity === undefined ? {} : { holderIdentity }),
    leaseDurationSeconds: 15,
    // A holder whose wall clock is an hour behind: nobody may look at it.
    renewTime: '2000-01-01T00:00:00.000000Z',
  },
});
const held: SeenLease = observeLease(undefined, aLease('7', 'other'), 1_000);

describe('what is known of the lease', () => {
  test.each([
    ['none at all', undefined, undefined, { holder: '', sinceMs: 5_000 }],
    ['the first look', undefined, aLease('7', 'other'), { holder: 'other', sinceMs: 5_000 }],
    ['unchanged: its time goes on', held, aLease('7', 'other'), { sinceMs: 1_000 }],
    ['renewed: its time begins anew', held, aLease('8', 'other'), { sinceMs: 5_000 }],
    ['released', held, aLease('8', ''), { holder: '' }],
    ['never held', held, aLease('8'), { holder: '' }],
    [
      'made anew with the same version',
      held,
      aLease('7', 'x', 'v'),
      { holder: 'x', sinceMs: 5_000 },
    ],
    ['deleted under its holder', held, undefined, { holder: 'other', sinceMs: 1_000 }],
  ])('%s', (_name, before, lease, expected) => {
    expect(observeLease(before, lease, 5_000)).toMatchObject({ ...expected, lease });
  });
});

describe('what one who does not lead does', () => {
  const settings = { identity: 'me', durationMs: 10_000, retryMs: 2_000 };
  const seen = (change: Partial<SeenLease>): SeenLease => ({ ...held, ...change });
  test.each([
    ['takes one that is free', seen({ holder: '' }), 1_000, { kind: 'take' }],
    ['takes up its own', seen({ holder: 'me' }), 1_000, { kind: 'take' }],
    ['looks again soon', held, 1_000, { kind: 'wait', holder: 'other', againInMs: 2_000 }],
    ['waits no longer than it has to', held, 15_500, { kind: 'wait', againInMs: 500 }],
    ['waits as long as the holder was promised', held, 15_999, { kind: 'wait', againInMs: 1 }],
    ['takes it when that time is over', held, 16_000, { kind: 'take' }],
    [
      'waits at least as long as it is told to itself',
      seen({ durationMs: 1_000 }),
      10_999,
      { kind: 'wait', againInMs: 1 },
    ],
    ['and no longer', seen({ durationMs: 1_000 }), 11_000, { kind: 'take' }],
    ['waits for one whose lease was deleted', seen({ lease: undefined }), 15_999, { kind: 'wait' }],
  ])('%s', (_name, state, nowMs, expected) => {
    expect(decideLeader(state, settings, nowMs)).toMatchObject(expected);
  });
});
