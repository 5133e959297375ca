import type { Change, ChangeHandler } from '@gridlease/kube/informer';
import { manualClock } from '@gridlease/kube/manualClock';
import { expect, test } from '@jest/globals';
import type { HeartbeatMemory, Remembered } from './heartbeatMemory.ts';
import { createHeartbeats, type HeartbeatLease } from './heartbeats.ts';

const startMs = Date.parse('2026-01-02T00:00:00Z');

function setUp(memory?: HeartbeatMemory) {
  const clock = manualClock(startMs);
  let tell: ChangeHandler<HeartbeatLease> = () => undefined;
  const onChange = (handler: ChangeHandler<HeartbeatLease>) => {
    tell = handler;
    return () => undefined;
  };
  const heartbeats = createHeartbeats({
    informer: { onChange },
    clock,
    ...(memory === undefined ? {} : { memory }),
  });
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

test('silence is counted from the last renewal seen, or from the beginning of listening', () => {
  const { clock, heartbeats, renew } = setUp();
  clock.advance(3_000);
  expect(heartbeats.silentMs('alpha')).toBe(3_000);
  renew('2026-01-01T00:00:00Z', { type: 'added', initial: true });
  clock.advance(5_000);
  expect(heartbeats.silentMs('alpha')).toBe(5_000);
  renew('2026-01-02T00:00:01Z');
  clock.advance(7_000);
  expect(heartbeats.silentMs('alpha')).toBe(7_000);
});

test('a Lease that somebody deleted is no long silence, and its return is a renewal', () => {
  const { clock, heartbeats, renew } = setUp();
  renew('2026-01-02T00:00:00Z', { type: 'added' });
  clock.advance(90_000);
  renew('2026-01-02T00:00:00Z', { type: 'deleted' });
  expect(heartbeats.silentMs('alpha')).toBe(0);
  clock.advance(4_000);
  renew('2026-01-02T00:00:00Z', { type: 'added' });
  expect([heartbeats.silentMs('alpha'), heartbeats.ageMs('alpha')]).toEqual([0, 0]);
});

test('what is read from the API server counts as what is heard', () => {
  const { clock, heartbeats, renew } = setUp();
  const read = (renewTime?: string) =>
    heartbeats.observe(
      'alpha',
      renewTime === undefined ? undefined : ({ spec: { renewTime } } as HeartbeatLease),
    );
  renew('2026-01-02T00:00:00Z', { type: 'added' });
  clock.advance(100_000);
  read('2026-01-02T00:00:00Z');
  expect(heartbeats.silentMs('alpha')).toBe(100_000);
  read('2026-01-02T00:01:30Z');
  expect(heartbeats.silentMs('alpha')).toBe(0);
  clock.advance(60_000);
  read(undefined);
  expect([heartbeats.exists('alpha'), heartbeats.silentMs('alpha')]).toEqual([false, 0]);
});

test('a silence that began before a restart goes on when nothing was renewed since', () => {
  const noted = new Map([['alpha', { renewTime: '2026-01-02T00:00:00Z', ageMs: 70_000 }]]);
  const memory = { recall: () => noted, note: () => undefined, written: Promise.resolve() };
  const same = setUp(memory);
  same.renew('2026-01-02T00:00:00Z', { type: 'added', initial: true });
  same.clock.advance(5_000);
  expect([same.heartbeats.silentMs('alpha'), same.heartbeats.ageMs('alpha')]).toEqual([
    75_000, 75_000,
  ]);
  expect(same.heartbeats.lastSeenMs('alpha')).toBe(startMs - 70_000);
  const renewed = setUp(memory);
  renewed.renew('2026-01-02T00:00:09Z', { type: 'added', initial: true });
  renewed.clock.advance(5_000);
  expect([renewed.heartbeats.silentMs('alpha'), renewed.heartbeats.ageMs('alpha')]).toEqual([
    5_000,
    undefined,
  ]);
});

test('every renewal seen is noted with its age, what was left behind is not', () => {
  let noted: ReadonlyMap<string, Remembered> = new Map();
  const { clock, renew } = setUp({
    recall: () => new Map(),
    note: (ages) => {
      noted = ages();
    },
    written: Promise.resolve(),
  });
  renew('2026-01-02T00:00:00Z', { type: 'added', initial: true });
  expect([...noted]).toEqual([]);
  renew('2026-01-02T00:00:10Z');
  clock.advance(2_000);
  renew('2026-01-02T00:00:12Z');
  expect([...noted]).toEqual([['alpha', { renewTime: '2026-01-02T00:00:12Z', ageMs: 0 }]]);
});
