import { describe, expect, test } from '@jest/globals';
import { ApiError } from './apiError.ts';
import { Controller, type ControllerOptions } from './controller.ts';
import { TerminalError } from './errors.ts';
import { manualClock } from './manualClock.ts';
import { createRegistry } from './metrics.ts';
import type { KubeObject } from './object.ts';

type Reconcile = ControllerOptions['reconcile'];

/** A running controller on a clock of its own; `settled` resolves when it has nothing to do now. */
function aController(reconcile: Reconcile, options: Partial<ControllerOptions> = {}) {
  const clock = manualClock();
  const registry = createRegistry({ processMetrics: false });
  const stop = new AbortController();
  const controller = new Controller({
    name: 'test',
    reconcile,
    registry,
    clock,
    timers: clock,
    ...options,
  });
  controller.start(stop.signal);
  const metric = async (name: string, labels: Record<string, string> = {}): Promise<number> => {
    const { values } = await registry.getSingleMetric(name)!.get();
    const found = values.find((value) =>
      Object.entries(labels).every(([label, wanted]) => value.labels[label] === wanted),
    );
    return found?.value ?? Number.NaN;
  };
  return { clock, controller, metric, stop };
}

/** Lets everything run that waits for no clock. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a controller', () => {
  test('repeats what failed after a growing pause, and counts it', async () => {
    const calls: number[] = [];
    const { clock, controller, metric, stop } = aController(async () => {
      calls.push(clock.monotonicMs());
      if (calls.length < 4) throw new Error('not yet');
    });
    controller.enqueue('a');
    for (let ms = 0; ms < 60; ms++) {
      await settled();
      clock.advance(1);
    }
    expect(calls).toEqual([0, 5, 15, 35]);
    expect(await metric('controller_runtime_reconcile_errors_total')).toBe(3);
    expect(await metric('controller_runtime_reconcile_total', { result: 'success' })).toBe(1);
    stop.abort();
    await controller.stopped;
  });

  test('shows for how long one object has failed among many that succeed', async () => {
    let isMended = false;
    const { clock, controller, metric, stop } = aController(async (key) => {
      if (key === 'bad' && !isMended) throw new Error('forbidden');
    });
    controller.enqueue('bad');
    for (let minute = 0; minute < 20; minute++) {
      for (let index = 0; index < 30; index++) controller.enqueue(`good-${index}`);
      await settled();
      clock.advance(60_000);
      await settled();
    }
    const share =
      (await metric('controller_runtime_reconcile_errors_total')) /
      (await metric('controller_runtime_reconcile_total', { result: 'success' }));
    expect(share).toBeLessThan(0.1);
    expect(await metric('gridlease_oldest_failure_seconds')).toBe(1_200);
    isMended = true;
    clock.advance(1_000_000);
    await settled();
    expect(await metric('gridlease_oldest_failure_seconds')).toBe(0);
    stop.abort();
    await controller.stopped;
  });

  test('does not take a lost race for a failure, and forgets failures when it stops', async () => {
    const conflict = { method: 'PUT', path: '/x', status: 409, body: '{}' };
    const { clock, controller, metric, stop } = aController(async (key) => {
      throw key === 'race' ? new ApiError(conflict) : new Error('forbidden');
    });
    controller.enqueue('race');
    await settled();
    clock.advance(1_000);
    expect(await metric('gridlease_oldest_failure_seconds')).toBe(0);
    controller.enqueue('bad');
    await settled();
    clock.advance(1_000);
    expect(await metric('gridlease_oldest_failure_seconds')).toBe(1);
    stop.abort();
    await controller.stopped;
    expect(await metric('gridlease_oldest_failure_seconds')).toBe(0);
  });

  test('does not repeat a terminal error', async () => {
    const { clock, controller, metric, stop } = aController(async () => {
      throw new TerminalError('never');
    });
    controller.enqueue('a');
    await settled();
    expect(clock.nextTimerMs()).toBeUndefined();
    expect(await metric('controller_runtime_terminal_reconcile_errors_total')).toBe(1);
    stop.abort();
    await controller.stopped;
  });

  test('repeats a lost race soon and does not call it a failure', async () => {
    let calls = 0;
    const { clock, controller, metric, stop } = aController(async () => {
      if (++calls === 1) {
        const body = JSON.stringify({ reason: 'Conflict' });
        throw new ApiError({ method: 'PUT', path: '/x', status: 409, body });
      }
    });
    controller.enqueue('a');
    await settled();
    clock.advance(5);
    await settled();
    expect(calls).toBe(2);
    expect(await metric('controller_runtime_reconcile_errors_total')).toBe(0);
    expect(await metric('gridlease_reconcile_conflicts_total')).toBe(1);
    expect(await metric('controller_runtime_reconcile_total', { result: 'requeue' })).toBe(1);
    stop.abort();
    await controller.stopped;
  });

  test('comes back when the reconcile asks for it', async () => {
    let calls = 0;
    const { clock, controller, stop } = aController(async () => {
      calls++;
      return { requeueAfterMs: 1_000 };
    });
    controller.enqueue('a');
    await settled();
    expect(clock.nextTimerMs()).toBe(1_000);
    clock.advance(1_000);
    await settled();
    expect(calls).toBe(2);
    stop.abort();
    await controller.stopped;
  });

  test('never runs one key twice at once, however many workers it has', async () => {
    let running = 0;
    let most = 0;
    let calls = 0;
    const { controller, stop } = aController(
      async () => {
        most = Math.max(most, ++running);
        calls++;
        await settled();
        running--;
      },
      { concurrency: 4 },
    );
    for (let i = 0; i < 20; i++) {
      controller.enqueue('a');
      await settled();
    }
    await settled();
    expect(most).toBe(1);
    expect(calls).toBeGreaterThan(5);
    stop.abort();
    await controller.stopped;
  });

  test('aborts a reconcile that takes too long, and holds the key until it returns', async () => {
    const seen: unknown[] = [];
    const { clock, controller, metric, stop } = aController(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            seen.push(signal.reason);
            reject(signal.reason);
          });
        }),
      { timeoutMs: 1_000 },
    );
    controller.enqueue('a');
    await settled();
    clock.advance(1_000);
    await settled();
    expect(String(seen[0])).toContain('longer than 1000 ms');
    expect(await metric('controller_runtime_reconcile_timeouts_total')).toBe(1);
    expect(await metric('controller_runtime_active_workers')).toBe(0);
    stop.abort();
    await controller.stopped;
  });

  test('survives a reconcile that throws before it returns a promise', async () => {
    let calls = 0;
    const { clock, controller, metric, stop } = aController((() => {
      calls++;
      throw new TypeError('undefined is not a function');
    }) as Reconcile);
    controller.enqueue('a');
    await settled();
    clock.advance(5);
    await settled();
    expect(calls).toBe(2);
    expect(await metric('controller_runtime_reconcile_panics_total')).toBe(2);
    stop.abort();
    await controller.stopped;
  });

  test('reconciles nothing before every cache it reads has its first list', async () => {
    const listed = Promise.withResolvers<void>();
    const keys: string[] = [];
    const stop = new AbortController();
    const controller = new Controller({
      name: 'test',
      reconcile: async (key) => void keys.push(key),
    });
    controller.watch<KubeObject>({ onChange: () => () => undefined, synced: () => listed.promise });
    controller.watch<KubeObject>({
      synced: async () => undefined,
      onChange(handler) {
        const metadata = { namespace: 'n', name: 'a' };
        const object = { apiVersion: 'v1', kind: 'Thing', metadata };
        handler(object, undefined, { type: 'added', initial: true });
        return () => undefined;
      },
    });
    controller.start(stop.signal);
    await settled();
    expect(keys).toEqual([]);
    listed.resolve();
    await settled();
    expect(keys).toEqual(['n/a']);
    stop.abort();
    await controller.stopped;
  });

  test('ends when its signal aborts, after the running reconcile', async () => {
    const ended: string[] = [];
    const { controller, stop } = aController(async (key, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended.push(key);
    });
    controller.enqueue('running');
    controller.enqueue('waiting');
    await settled();
    stop.abort();
    await controller.stopped;
    expect(ended).toEqual(['running']);
  });
});
