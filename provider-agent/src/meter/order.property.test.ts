import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  allocated,
  aMeteredPod,
  aNodeView,
  running,
  terminated,
  waiting,
} from '../testing/meterBuilders.ts';
import { billedTimes, gpuMilliseconds } from './billed.ts';
import type { PodObject } from './pod.ts';
import { createTracker } from './tracker.ts';

/** A container that runs and crashes so many times, as the states that its kubelet writes. */
const life = fc
  .record({
    gpus: fc.integer({ min: 1, max: 4 }),
    start: fc.integer({ min: 10, max: 50 }),
    spans: fc.array(
      fc.record({ runs: fc.integer({ min: 0, max: 90 }), waits: fc.integer({ min: 0, max: 60 }) }),
      { minLength: 1, maxLength: 6 },
    ),
    names: fc.constantFrom('kubelet', 'nobody'),
  })
  .map(({ gpus, start, spans, names }) => {
    const healthy = Object.fromEntries(
      Array.from({ length: gpus }, (_, at) => [`GPU-${at}`, 'Healthy']),
    );
    const named = names === 'kubelet' ? { allocatedResourcesStatus: allocated(healthy) } : {};
    const states: { readonly pod: PodObject; readonly atSeconds: number }[] = [];
    let version = 1;
    let at = start;
    let last: ReturnType<typeof terminated> | undefined;
    let truth = 0;
    const say = (status: Parameters<typeof aMeteredPod>[0], atSeconds: number) => {
      states.push({ pod: aMeteredPod(status, { gpus, version }), atSeconds });
      version += 1;
    };
    spans.forEach(({ runs, waits }, restart) => {
      const lastState = last === undefined ? {} : { lastState: last };
      say({ ...named, ...lastState, state: running(at), restartCount: restart }, at);
      const end = at + runs;
      const ended = terminated(at, end);
      truth += runs * gpus;
      if (restart === spans.length - 1) {
        say({ ...named, ...lastState, state: ended, restartCount: restart }, end);
      } else {
        say(
          { ...named, lastState: ended, state: waiting('CrashLoopBackOff'), restartCount: restart },
          end,
        );
      }
      last = ended;
      at = end + waits;
    });
    return { gpus, states, truth, end: at };
  });

function total(tracker: ReturnType<typeof createTracker>): number {
  return Number(gpuMilliseconds(billedTimes(tracker.runs('lease')), 64)) / 1000;
}

/** Takes in the states in this order, each when it is `seenAt`, and gives what is billed after each. */
function take(states: readonly { readonly pod: PodObject; readonly seenAt: number }[]): number[] {
  const tracker = createTracker(2_000);
  tracker.restore('lease', []);
  return states.map(({ pod, seenAt }) => {
    tracker.observe('lease', pod, {
      node: aNodeView(seenAt),
      askedProduct: undefined,
      nodeProduct: undefined,
      exporter: undefined,
      nowMs: seenAt * 1000,
    });
    return total(tracker);
  });
}

test('the bill is the running time, whatever the order and however often states are seen', () => {
  fc.assert(
    fc.property(
      life.chain(({ states, truth, end }) =>
        fc
          .shuffledSubarray([...states, ...states, ...states], { minLength: states.length * 2 })
          // The last state comes last, once at least: until then nobody can know the end.
          .map((order) => ({ order: [...states, ...order], truth, end }))
          .chain(({ order, ...rest }) =>
            fc
              .shuffledSubarray(order, { minLength: order.length, maxLength: order.length })
              .map((shuffled) => ({ order: shuffled, ...rest })),
          ),
      ),
      ({ order, truth, end }) => {
        const billed = take(order.map(({ pod }) => ({ pod, seenAt: end + 10 })));
        expect(billed.at(-1)).toBe(truth);
      },
    ),
  );
});

test('the bill never exceeds what ran until then, never overlaps, and duplicates change nothing', () => {
  fc.assert(
    fc.property(
      life,
      fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
      ({ states, gpus }, repeats) => {
        const seen = states.flatMap(({ pod, atSeconds }, index) => {
          const next = states[index + 1]?.atSeconds ?? atSeconds;
          const state = { pod, seenAt: Math.max(atSeconds, next - 1) };
          return Array.from({ length: repeats.next().value ?? 1 }, () => state);
        });
        const first = states[0]!.atSeconds;
        const billed = take(seen);
        billed.forEach((seconds, index) => {
          expect(seconds).toBeLessThanOrEqual((seen[index]!.seenAt - first) * gpus);
          expect(seconds).toBeGreaterThanOrEqual(billed[index - 1] ?? 0);
        });
        const once = take(seen.filter((state, index) => state !== seen[index - 1]));
        expect(billed.at(-1)).toBe(once.at(-1));
        const tracker = createTracker(2_000);
        tracker.restore('lease', []);
        for (const { pod, seenAt } of seen) {
          tracker.observe('lease', pod, {
            node: aNodeView(seenAt),
            askedProduct: undefined,
            nodeProduct: undefined,
            exporter: undefined,
            nowMs: seenAt * 1000,
          });
        }
        const byDevice = Map.groupBy(billedTimes(tracker.runs('lease')), ({ device }) => device);
        for (const times of byDevice.values()) {
          times.forEach(({ startMs }, index) => {
            expect(startMs).toBeGreaterThanOrEqual(times[index - 1]?.endMs ?? 0);
          });
        }
      },
    ),
  );
});
