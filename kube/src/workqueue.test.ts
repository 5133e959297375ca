import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { manualClock } from './manualClock.ts';
import { lowPriority, WorkQueue } from './workqueue.ts';

function aQueue(options: { readonly maxDelayMs?: number } = {}) {
  const clock = manualClock();
  return { clock, queue: new WorkQueue({ name: 'test', clock, timers: clock, ...options }) };
}

/** The next key, or undefined when no key is ready. */
async function take(queue: WorkQueue): Promise<string | undefined> {
  return queue.length === 0 ? undefined : (await queue.get())?.key;
}

describe('a work queue', () => {
  test('hands out a key once however often it was added', async () => {
    const { queue } = aQueue();
    for (let i = 0; i < 3; i++) queue.add('a');
    expect(await take(queue)).toBe('a');
    expect(queue.length).toBe(0);
  });

  test('gives a key to one worker at a time, and once more when it was added meanwhile', async () => {
    const { queue } = aQueue();
    queue.add('a');
    await take(queue);
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(await take(queue)).toBe('a');
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  test.each([0.5, 1.5, 2.5, 5])(
    'never asks for a timer in the past, though the clock goes on while it asks (%d ms)',
    (ms) => {
      let nowMs = 0;
      const asked: number[] = [];
      const queue = new WorkQueue({
        name: 'test',
        // Every look at the clock takes a moment.
        clock: { now: () => new Date(nowMs), monotonicMs: () => nowMs++ },
        timers: {
          after: (wait) => {
            asked.push(wait);
            return () => undefined;
          },
        },
      });
      queue.addAfter('a', ms);
      expect(asked.filter((wait) => wait < 0)).toEqual([]);
      expect(asked.length + queue.length).toBe(1);
    },
  );

  test('keeps the earliest of several times', async () => {
    const { queue, clock } = aQueue();
    queue.addAfter('a', 1_000);
    queue.addAfter('a', 100);
    queue.addAfter('a', 500);
    clock.advance(99);
    expect(queue.length).toBe(0);
    clock.advance(1);
    expect(await take(queue)).toBe('a');
    queue.done('a');
    clock.advance(10_000);
    expect(queue.length).toBe(0);
  });

  test('hands a key that falls due while it is held out after it is given back', async () => {
    const { queue, clock } = aQueue();
    queue.add('a');
    await take(queue);
    queue.addAfter('a', 10);
    clock.advance(20);
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(await take(queue)).toBe('a');
  });

  test('counts a key once that is given back after its time and before its timer', async () => {
    const clock = manualClock();
    const late: (() => void)[] = [];
    const timers = {
      after: (_: number, callback: () => void) => {
        late.push(callback);
        return () => undefined;
      },
    };
    const queue = new WorkQueue({ name: 'test', clock, timers });
    queue.add('a');
    await take(queue);
    queue.addAfter('a', 5);
    clock.advance(10);
    queue.done('a');
    for (const fire of late) fire();
    expect(queue.length).toBe(1);
  });

  test('hands out what happened before what was listed first', async () => {
    const { queue } = aQueue();
    queue.add('listed', { priority: lowPriority });
    queue.add('raised', { priority: lowPriority });
    queue.add('changed');
    queue.add('raised');
    expect([await take(queue), await take(queue), await take(queue)]).toEqual([
      'raised',
      'changed',
      'listed',
    ]);
  });

  test('doubles the pause of a failing key up to the longest, and forgets on success', async () => {
    const { queue, clock } = aQueue({ maxDelayMs: 30 });
    const pauses: (number | undefined)[] = [];
    for (let failure = 0; failure < 5; failure++) {
      queue.addRateLimited('a');
      pauses.push(clock.nextTimerMs());
      clock.advance(30);
      await take(queue);
      queue.done('a');
    }
    expect(pauses).toEqual([5, 10, 20, 30, 30]);
    expect(queue.retries('a')).toBe(5);
    queue.forget('a');
    queue.addRateLimited('a');
    expect(clock.nextTimerMs()).toBe(5);
  });

  test('arms one timer, for the earliest key', () => {
    const { queue, clock } = aQueue();
    queue.addAfter('late', 500);
    queue.addAfter('early', 100);
    expect(clock.nextTimerMs()).toBe(100);
    clock.advance(100);
    expect(clock.nextTimerMs()).toBe(400);
  });

  test('hands out what is ready after a shutdown, then ends its workers', async () => {
    const { queue } = aQueue();
    queue.add('ready');
    queue.addAfter('later', 10);
    queue.shutdown();
    queue.add('refused');
    expect((await queue.get())?.key).toBe('ready');
    const next = queue.get();
    queue.done('ready');
    expect(await next).toBeUndefined();
    await queue.drained;
  });

  test('drops what is ready when told to, and drains when the held key comes back', async () => {
    const { queue } = aQueue();
    queue.add('held');
    await take(queue);
    queue.add('held');
    queue.add('ready');
    queue.shutdown({ drop: true });
    let isDrained = false;
    void queue.drained.then(() => {
      isDrained = true;
    });
    expect(await queue.get()).toBeUndefined();
    expect(isDrained).toBe(false);
    queue.done('held');
    await queue.drained;
  });
});

type Step =
  | { readonly do: 'add'; readonly key: string; readonly ms: number; readonly priority: number }
  | { readonly do: 'take' }
  | { readonly do: 'done'; readonly pick: number }
  | { readonly do: 'advance'; readonly ms: number };

/** The queue's promise, written without any thought for speed. */
class Model {
  now = 0;
  order = 0;
  readonly held = new Set<string>();
  readonly wanted = new Map<string, { at: number; priority: number; order: number }>();

  add(key: string, ms: number, priority: number): void {
    const old = this.wanted.get(key);
    this.wanted.set(key, {
      at: Math.min(this.now + ms, old?.at ?? Number.POSITIVE_INFINITY),
      priority: Math.max(priority, old?.priority ?? Number.NEGATIVE_INFINITY),
      order: old?.order ?? this.order++,
    });
  }

  ready(): readonly string[] {
    return [...this.wanted]
      .filter(([key, { at }]) => at <= this.now && !this.held.has(key))
      .sort(([, a], [, b]) => b.priority - a.priority || a.order - b.order)
      .map(([key]) => key);
  }
}

test('a work queue does what its model does, whatever the order of calls', async () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      do: fc.constant('add' as const),
      key,
      ms: fc.constantFrom(0, 0, 5, 20, 100),
      priority: fc.constantFrom(0, lowPriority, 50),
    }),
    fc.record({ do: fc.constant('take' as const) }),
    fc.record({ do: fc.constant('done' as const), pick: fc.nat(3) }),
    fc.record({ do: fc.constant('advance' as const), ms: fc.nat(60) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const { queue, clock } = aQueue();
      const model = new Model();
      for (const action of steps) {
        if (action.do === 'add') {
          queue.addAfter(action.key, action.ms, { priority: action.priority });
          model.add(action.key, action.ms, action.priority);
        } else if (action.do === 'advance') {
          clock.advance(action.ms);
          model.now += action.ms;
        } else if (action.do === 'done') {
          const key = [...model.held][action.pick % Math.max(1, model.held.size)];
          if (key !== undefined) {
            model.held.delete(key);
            queue.done(key);
          }
        } else {
          const [expected] = model.ready();
          const taken = await take(queue);
          expect(taken).toBe(expected);
          if (expected !== undefined) {
            model.wanted.delete(expected);
            model.held.add(expected);
          }
        }
        expect(queue.length).toBe(model.ready().length);
      }
    }),
    { numRuns: 500 },
  );
});
