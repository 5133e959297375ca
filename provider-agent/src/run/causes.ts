import type { GPULease } from '@gridlease/crds/gpulease';
import { type FailureReason, failureReasons } from '@gridlease/crds/reasons';
import type { Cause } from './decide.ts';
import { cut, type Obstacle } from './obstacle.ts';
import type { LeaseUsage } from './status.ts';
import { failureOfWait, type Waiting } from './waiting.ts';

/** That the hub has given the lease up, in its words. */
export function causeOfLoss(lease: GPULease | undefined): Cause | undefined {
  const lost = lease?.spec.lost;
  return (
    lost && { reason: lost.reason, message: cut(`the hub gave the lease up: ${lost.message}`) }
  );
}

/** What stood in the way of a lease that was held for too long without being billed. */
export type Hindrance = {
  readonly obstacle: Obstacle | undefined;
  readonly withheld: LeaseUsage['withheld'];
  readonly waiting: Waiting | undefined;
};

/** A lease whose time is over because of something ends for that, not for the time. */
export function causeOfStop(reason: string, message: string, hindrance: Hindrance): Cause {
  const isWaitOver = reason === 'StartDeadlineExceeded' || reason === 'IdleTooLong';
  const why = isWaitOver ? hindranceOf(hindrance) : undefined;
  if (why === undefined) return { reason: knownReason(reason), message: cut(message) };
  return { reason: why.reason, message: cut(`${message}: ${why.message}`) };
}

function hindranceOf({ obstacle, withheld, waiting }: Hindrance): Cause | undefined {
  if (obstacle !== undefined) return obstacle;
  if (withheld !== undefined) {
    return { reason: knownReason(withheld.reason), message: withheld.message };
  }
  const reason = waiting && failureOfWait(waiting);
  return reason && { reason, message: waiting!.message };
}

/** The list of reasons is closed: a word that isn't in it must not reach a condition. */
function knownReason(reason: string): FailureReason {
  return reason in failureReasons ? (reason as FailureReason) : 'PaymentOverdue';
}
