import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  allocated,
  aMeteredPod,
  aNodeView,
  running,
  terminated,
} from '../testing/meterBuilders.ts';
import { billedTimes, gpuMilliseconds } from './billed.ts';
import { createTracker } from './tracker.ts';

/** A container on two GPUs that runs from second 100, and what the agent sees of it and of its node. */
const start = 100;
const history = fc.record({
  length: fc.integer({ min: 0, max: 300 }),
  looks: fc.array(
    fc.record({
      afterSeconds: fc.integer({ min: 0, max: 40 }),
      /** How old the node's last heartbeat is. */
      heartbeatAge: fc.integer({ min: 0, max: 20 }),
      bad: fc.subarray(['GPU-a', 'GPU-b']),
      ready: fc.boolean(),
      repeats: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 25 },
  ),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;
type Seen = {
  readonly at: number;
  readonly confirmed: number;
  readonly bad: readonly string[];
  readonly ready: boolean;
  readonly since: number;
  readonly repeats: number;
};

/** The looks at their times. A node's own word is never newer than its heartbeat. */
function seenIn({ looks }: History): readonly Seen[] {
  const seen: Seen[] = [];
  let at = start;
  for (const look of looks) {
    const last = seen.at(-1);
    at += look.afterSeconds;
    const confirmed = look.ready
      ? Math.max(last?.confirmed ?? 0, at - look.heartbeatAge)
      : (last?.confirmed ?? start);
    const since = last === undefined || last.ready !== look.ready ? at : last.since;
    seen.push({ ...look, at, since: last === undefined && look.ready ? 0 : since, confirmed });
  }
  return seen;
}

function follow({ length }: History, seen: readonly Seen[], repeat: boolean) {
  const tracker = createTracker(2_000);
  tracker.restore('lease', []);
  const end = start + length;
  const totals: bigint[] = [];
  for (const { at, confirmed, bad, ready, since, repeats } of seen) {
    const health = (device: string) => (bad.includes(device) ? 'Unhealthy' : 'Healthy');
    const devices = allocated({ 'GPU-a': health('GPU-a'), 'GPU-b': health('GPU-b') });
    const state = confirmed > end ? terminated(start, end) : running(start);
    for (let time = 0; time < (repeat ? repeats : 1); time += 1) {
      tracker.observe('lease', aMeteredPod({ state, allocatedResourcesStatus: devices }), {
        node: aNodeView(confirmed, { ready, since }),
        askedProduct: undefined,
        nodeProduct: undefined,
        exporter: undefined,
        nowMs: at * 1000,
      });
    }
    totals.push(gpuMilliseconds(billedTimes(tracker.runs('lease')), 2));
  }
  return { totals, times: billedTimes(tracker.runs('lease')), end };
}

test('nothing is billed beyond what ran and was confirmed, and no total falls', () => {
  fc.assert(
    fc.property(history, (one) => {
      const seen = seenIn(one);
      const { totals, end } = follow(one, seen, false);
      totals.forEach((total, index) => {
        const { confirmed } = seen[index]!;
        const ranMs = Math.max(0, Math.min(confirmed, end) - start) * 1000;
        expect(total).toBeLessThanOrEqual(BigInt(2 * ranMs));
        expect(total).toBeGreaterThanOrEqual(totals[index - 1] ?? 0n);
      });
    }),
    { numRuns: 500 },
  );
});

test('no device is billed for a time in which it was seen unhealthy, nor any while the node was seen away', () => {
  fc.assert(
    fc.property(history, (one) => {
      const seen = seenIn(one);
      const { times } = follow(one, seen, false);
      const isBilled = (device: string, fromMs: number, untilMs: number) =>
        times.some(
          (time) => time.device === device && time.startMs < untilMs && time.endMs > fromMs,
        );
      seen.forEach((look, index) => {
        const next = seen[index + 1];
        if (next === undefined || next.at === look.at) return;
        const [fromMs, untilMs] = [look.at * 1000, next.at * 1000];
        for (const device of ['GPU-a', 'GPU-b']) {
          const isOut = look.bad.includes(device) || (!look.ready && !next.ready);
          if (isOut) expect(isBilled(device, fromMs, untilMs)).toBe(false);
        }
      });
    }),
    { numRuns: 500 },
  );
});

test('seeing the same again changes nothing', () => {
  fc.assert(
    fc.property(history, (one) => {
      const seen = seenIn(one);
      expect(follow(one, seen, true).times).toEqual(follow(one, seen, false).times);
    }),
  );
});
