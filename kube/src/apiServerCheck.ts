import { ApiError } from './apiError.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import { describeError } from './errors.ts';
import type { HealthCheck } from './http.ts';

type Options = {
  /** Limit of one question, in milliseconds. Default: 5,000. */
  readonly timeoutMs?: number;
  /** How long an answer is good for all who ask, in milliseconds. Default: 5,000. */
  readonly reuseMs?: number;
  readonly clock?: Clock;
};

/**
 * Asks the API server for its version: a watch can be silent for a minute and still be well, and a
 * server that hangs closes no connection. However often a probe comes, one question is under way.
 */
export function apiServerCheck(
  cluster: Pick<Cluster, 'name' | 'request'>,
  { timeoutMs = 5_000, reuseMs = 5_000, clock = systemClock }: Options = {},
): HealthCheck {
  let answer: Promise<string | undefined> | undefined;
  let answeredAt = Number.POSITIVE_INFINITY;
  const ask = async (): Promise<string | undefined> => {
    try {
      await cluster.request({ method: 'GET', path: '/version', timeoutMs });
      return undefined;
    } catch (error) {
      // Who may not ask has got an answer; who is not known has not.
      const isAlive = error instanceof ApiError && error.status < 500 && error.status !== 401;
      return isAlive ? undefined : describeError(error);
    } finally {
      answeredAt = clock.monotonicMs();
    }
  };
  return {
    name: `api-server/${cluster.name}`,
    check: () => {
      if (answer === undefined || clock.monotonicMs() - answeredAt >= reuseMs) {
        answeredAt = Number.POSITIVE_INFINITY;
        answer = ask();
      }
      return answer;
    },
  };
}
