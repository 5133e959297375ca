import type { Registry } from 'prom-client';
import { describeError } from './errors.ts';
import { joinedMetrics, type MetricsSource } from './joinedMetrics.ts';
import type { Logger } from './log.ts';
import { childRegistry } from './metrics.ts';

export type TermMetrics = {
  /** What is served at /metrics: the program's own, and while it leads those of its stages. */
  readonly page: MetricsSource;
  /** Does the work of one term with a registry of its own. */
  during<T>(work: (registry: Registry) => Promise<T>): Promise<T>;
};

/** The stages' metrics live as long as they do: what a follower last counted as leader is no news. */
export function termMetrics(base: Registry, log: Logger): TermMetrics {
  let current: Registry | undefined;
  return {
    page: joinedMetrics(
      base,
      () => [current],
      (metric, error) => log.error({ metric, error: describeError(error) }, 'Not readable'),
    ),
    async during(work) {
      current = childRegistry(base);
      try {
        return await work(current);
      } finally {
        current = undefined;
      }
    },
  };
}
