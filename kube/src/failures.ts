import type { Registry } from 'prom-client';
import { type Clock, systemClock } from './clock.ts';
import { runtimeMetrics } from './metrics.ts';

export type Failures = {
  /** The work on this key has failed, and is tried again. */
  failed(key: string): void;
  /** It has succeeded, or there is nothing to do any more. */
  over(key: string): void;
  /** Nobody works on anything any more. */
  closed(): void;
};

/**
 * Shows for how long the key that fails longest has had no success in between: a share of failures says nothing about one
 * object among many, and growing pauses make it the smaller the longer it lasts.
 */
export function createFailures(
  registry: Registry,
  controller: string,
  clock: Pick<Clock, 'monotonicMs'> = systemClock,
): Failures {
  const { oldestFailure, collectors } = runtimeMetrics(registry);
  const sinceMs = new Map<string, number>();
  const collect = (): void => {
    // In the order in which they began to fail.
    const [oldest] = sinceMs.values();
    const seconds = oldest === undefined ? 0 : (clock.monotonicMs() - oldest) / 1_000;
    oldestFailure.set({ controller }, seconds);
  };
  collect();
  collectors.add(collect);
  return {
    failed(key) {
      if (!sinceMs.has(key)) sinceMs.set(key, clock.monotonicMs());
    },
    over(key) {
      sinceMs.delete(key);
    },
    closed() {
      sinceMs.clear();
      collect();
      collectors.delete(collect);
    },
  };
}
