import type { Change, ChangeHandler } from '@gridlease/kube/informer';
import { manualClock } from '@gridlease/kube/manualClock';
import { expect, test } from '@jest/globals';
import { createHeartbeats, type HeartbeatLease } from './heartbeats.ts';

const startMs = Date.parse('2026-01-02T00:00:00Z');

function setUp() {
  const clock = manualClock(startMs);
  let tell: ChangeHandler<HeartbeatLease> = () => undefined;
  const onChange = (handler: ChangeHandler<HeartbeatLease>) => {
    tell = handler;
    return () => undefined;
  };
  const heartbeats = createHeartbeats({ informer: { onChange }, clock });
  const renew = (renewTime: string, change: Partial<Change> = {}) => {
    const metadata = { name: 'agent', namespace: 'alpha' };
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata,
      spec: { renewTime },
    };
    tell(lease, undefined, { type: 'updated', initial: false, ...change });
  };
  return { clock, heartbeats, renew };
}

test('a renewal counts from when it was seen to change, whatever the remote clock says', () => {
  const { clock, heartbeats, renew } = setUp();
  renew('1999-01-01T00:00:00Z');
  clock.advance(7_000);
  expect([heartbeats.ageMs('alpha'), heartbeats.lastSeenMs('alpha')]).toEqual([7_000, startMs]);
  renew('2099-01-01T00:00:00Z');
  expect([heartbeats.ageMs('alpha'), heartbeats.lastSeenMs('alpha')]).toEqual([0, startMs + 7_000]);
});

test('an update that does not renew is no heartbeat', () => {
  const { clock, heartbeats, renew } = setUp();
  renew('2026-01-02T00:00:00Z');
  clock.advance(50_000);
  renew('2026-01-02T00:00:00Z');
  expect(heartbeats.ageMs('alpha')).toBe(50_000);
});

test('a Lease that was there at the start proves no living agent, and is as old as it says but never newer than now', () => {
  for (const [renewTime, seenMs] of [
    ['2026-01-01T23:59:30Z', startMs - 30_000],
    ['2026-01-02T01:00:00Z', startMs],
    ['nonsense', 0],
  ] as const) {
    const { heartbeats, renew } = setUp();
    renew(renewTime, { type: 'added', initial: true });
    expect([
      heartbeats.exists('alpha'),
      heartbeats.ageMs('alpha'),
      heartbeats.lastSeenMs('alpha'),
    ]).toEqual([true, undefined, seenMs]);
  }
});

test('a deleted Lease is forgotten, and every beat is told until one stops listening', () => {
  const { heartbeats, renew } = setUp();
  const heard: string[] = [];
  const stop = heartbeats.onBeat((namespace) => heard.push(namespace));
  renew('2026-01-02T00:00:01Z', { type: 'added' });
  renew('2026-01-02T00:00:01Z', { type: 'deleted' });
  expect([
    heartbeats.exists('alpha'),
    heartbeats.lastSeenMs('alpha'),
    heartbeats.ageMs('alpha'),
  ]).toEqual([false, undefined, undefined]);
  stop();
  renew('2026-01-02T00:00:02Z');
  expect(heard).toEqual(['alpha', 'alpha']);
});
