import type { GPULease } from '@gridlease/crds/gpulease';
import { type FailureReason, failureReasons } from '@gridlease/crds/reasons';
import type { Cause } from './decide.ts';
import { cut, type Obstacle } from './obstacle.ts';

/** That the hub has given the lease up, in its words. */
export function causeOfLoss(lease: GPULease | undefined): Cause | undefined {
  const lost = lease?.spec.lost;
  return (
    lost && { reason: lost.reason, message: cut(`the hub gave the lease up: ${lost.message}`) }
  );
}

/** A lease whose time is over because its pods were refused ends for the refusal, not for the time. */
export function causeOfStop(
  reason: string,
  message: string,
  obstacle: Obstacle | undefined,
): Cause {
  const isWaitOver = reason === 'StartDeadlineExceeded' || reason === 'IdleTooLong';
  if (!isWaitOver || obstacle === undefined) return { reason: knownReason(reason), message };
  return { reason: obstacle.reason, message: cut(`${message}: ${obstacle.message}`) };
}

/** The list of reasons is closed: a word that isn't in it must not reach a condition. */
function knownReason(reason: string): FailureReason {
  return reason in failureReasons ? (reason as FailureReason) : 'PaymentOverdue';
}
