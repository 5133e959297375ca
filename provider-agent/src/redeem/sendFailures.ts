import type { Clock } from '@gridlease/kube/clock';
import { describeError, GridleaseError } from '@gridlease/kube/errors';
import { ExecutionRevertedError } from 'viem';
import type { Problem } from './problems.ts';

/** A lost answer says nothing of a channel: what nobody refused is a problem once it has failed for this long. */
const unansweredMs = 15_000;

type Failure = {
  /** Undefined while it may still be a moment's. */
  readonly problem: Problem | undefined;
  /** Since when tries have failed without a refusal, in monotonic milliseconds. */
  readonly unansweredSinceMs?: number;
};

/** Why the last try to settle a channel was not sent. */
export type SendFailures = {
  problemOf(channel: string): Problem | undefined;
  /** The chain has answered, and the answer is in the way. */
  refused(channel: string, problem: Problem): void;
  threw(channel: string, error: unknown): void;
  over(channel: string): void;
};

/** Kept in memory: the next try says it again. */
export function createSendFailures(clock: Pick<Clock, 'monotonicMs'>): SendFailures {
  const failures = new Map<string, Failure>();
  return {
    problemOf: (channel) => failures.get(channel)?.problem,
    refused(channel, problem) {
      failures.set(channel, { problem });
    },
    threw(channel, error) {
      const problem = { reason: 'RedeemFailing', message: describeError(error) } as const;
      if (isRefusal(error)) {
        failures.set(channel, { problem });
        return;
      }
      const last = failures.get(channel);
      const nowMs = clock.monotonicMs();
      const unansweredSinceMs = last?.unansweredSinceMs ?? nowMs;
      const isLasting = nowMs - unansweredSinceMs >= unansweredMs;
      failures.set(channel, { problem: isLasting ? problem : last?.problem, unansweredSinceMs });
    },
    over(channel) {
      failures.delete(channel);
    },
  };
}

/** Whether it was the contract that said no. */
function isRefusal(error: unknown): boolean {
  const isReverted = (cause: unknown) => cause instanceof ExecutionRevertedError;
  return error instanceof GridleaseError && error.walk(isReverted) !== undefined;
}
