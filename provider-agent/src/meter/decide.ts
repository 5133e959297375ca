/** What is known about a lease when it is decided whether it may go on. Times are durations in milliseconds. */
export type LeaseStanding = {
  /** Its amount has reached terms.maxAmount. */
  readonly isBudgetReached: boolean;
  /** terms.maxAmount pays for every task's whole maxDurationSeconds: only time can use it up. */
  readonly coversFullDuration: boolean;
  readonly wasEverBilled: boolean;
  /** Observed time that it has held GPUs without anything being billed. */
  readonly unbilledMs: number;
  readonly startDeadlineSeconds: number;
  readonly idleSeconds: number;
  readonly graceSeconds: number;
  /** The payer's refusal of its row; undefined while there is none. */
  readonly refusal: { readonly reason: string; readonly message: string } | undefined;
  /** Observed time since it was suspended; undefined while it isn't. */
  readonly suspendedMs: number | undefined;
};

/** What is known about the channel that pays for it. */
export type ChannelStanding = {
  /** Reserved and not yet committed to a voucher or a statement, token smallest units; undefined when the chain was never seen. */
  readonly remaining: bigint | undefined;
  /** Cost of all running leases for one interval and the time to stop them. */
  readonly leastCover: bigint;
  /** Cost of all running leases for interval, grace and stop: what lets suspended ones go on. */
  readonly fullCover: bigint;
  /** Age of the newest view of the chain; undefined before the first. */
  readonly viewAgeMs: number | undefined;
  /** Time since this agent began to look for a first one. */
  readonly soughtMs: number;
  /** Age of the oldest statement that no voucher covers; undefined when all are covered. */
  readonly unpaidMs: number | undefined;
  /** Unix seconds at which a requested close takes effect; undefined while the channel is open. */
  readonly closeAtSeconds: number | undefined;
  readonly closeWindowSeconds: number;
  readonly nowSeconds: number;
};

export type LeaseDecision =
  | { readonly action: 'run' }
  | {
      readonly action: 'suspend' | 'stop';
      readonly reason: string;
      readonly message: string;
    };

/** A chain that answers at all has been seen by then, also on a busy machine. */
const firstViewMs = 120_000;

const run: LeaseDecision = { action: 'run' };

/**
 * Whether a lease may go on. Stopping ends it; suspending takes its pods away until what is missing
 * is there again, and becomes a stop after idleSeconds. Missing money never ends a lease at once.
 */
export function decideLease(lease: LeaseStanding, channel: ChannelStanding): LeaseDecision {
  return stopReason(lease, channel) ?? suspended(lease, channel);
}

function suspended(lease: LeaseStanding, channel: ChannelStanding): LeaseDecision {
  const cause = suspendReason(lease, channel);
  if (cause === undefined) return run;
  // That we can't see the chain is no reason to end anything.
  const mayStop = cause.reason !== 'ChainNotReady';
  const isOver = mayStop && (lease.suspendedMs ?? 0) > lease.idleSeconds * 1000;
  return isOver
    ? {
        action: 'stop',
        reason: cause.reason,
        message: `${cause.message}; suspended for more than ${lease.idleSeconds} s`,
      }
    : { action: 'suspend', ...cause };
}

type Cause = { readonly reason: string; readonly message: string };

function stopReason(lease: LeaseStanding, channel: ChannelStanding): LeaseDecision | undefined {
  const stop = (reason: string, message: string): LeaseDecision => ({
    action: 'stop',
    reason,
    message,
  });
  if (lease.isBudgetReached && lease.coversFullDuration) {
    // Both limits are reached in the same moment; more money would not have let it run longer.
    return stop('DeadlineExceeded', 'its tasks have run for runtime.maxDurationSeconds');
  }
  if (lease.isBudgetReached) {
    return stop('BudgetExhausted', 'the lease has cost its maximum amount');
  }
  const { closeAtSeconds, closeWindowSeconds, nowSeconds } = channel;
  if (closeAtSeconds !== undefined && nowSeconds >= closeAtSeconds - closeWindowSeconds / 4) {
    return stop('ChannelClosing', `the payment channel closes at ${isoTime(closeAtSeconds)}`);
  }
  // A suspended lease holds no GPUs; how long it may stay so is decided with the cause.
  if (lease.suspendedMs !== undefined) return undefined;
  if (!lease.wasEverBilled && lease.unbilledMs > lease.startDeadlineSeconds * 1000) {
    return stop(
      'StartDeadlineExceeded',
      `nothing ran that could be billed within ${lease.startDeadlineSeconds} s of the acceptance`,
    );
  }
  if (lease.wasEverBilled && lease.unbilledMs > lease.idleSeconds * 1000) {
    return stop(
      'IdleTooLong',
      `GPUs were held for ${lease.idleSeconds} s without anything that could be billed`,
    );
  }
  return undefined;
}

function suspendReason(lease: LeaseStanding, channel: ChannelStanding): Cause | undefined {
  if (lease.refusal !== undefined) {
    const { reason, message } = lease.refusal;
    return { reason: 'MeterRefused', message: `the hub refuses to pay (${reason}): ${message}` };
  }
  // The statement itself already stands for up to one interval: interval + grace are then unpaid.
  if (channel.unpaidMs !== undefined && channel.unpaidMs > lease.graceSeconds * 1000) {
    return {
      reason: 'PaymentOverdue',
      message: `no voucher has covered the statement of ${lease.graceSeconds} s ago`,
    };
  }
  const unseen = unseenReason(lease, channel);
  if (unseen !== undefined) return { reason: 'ChainNotReady', message: unseen };
  // Once suspended it takes the full cover to go on, or leases would start and stop at the border.
  const needed = lease.suspendedMs === undefined ? channel.leastCover : channel.fullCover;
  if (channel.remaining !== undefined && channel.remaining < needed) {
    return {
      reason: 'FundsExhausted',
      message: `the payment channel has ${channel.remaining} left and the running leases need ${needed} (smallest token units)`,
    };
  }
  return undefined;
}

/** Why it can't be said whether the channel still pays; undefined when it can, or was a moment ago. */
function unseenReason(lease: LeaseStanding, channel: ChannelStanding): string | undefined {
  const { viewAgeMs, soughtMs } = channel;
  const limitMs = channel.closeWindowSeconds * 500;
  const secondsOf = (ms: number) => Math.floor(ms / 1000);
  if (viewAgeMs !== undefined) {
    return viewAgeMs > limitMs
      ? `the chain was last seen ${secondsOf(viewAgeMs)} s ago; a close could have gone unnoticed`
      : undefined;
  }
  // Until the first look what was decided before a restart holds: an upgrade must not stop what is paid for.
  if (lease.suspendedMs === undefined && soughtMs <= Math.min(firstViewMs, limitMs))
    return undefined;
  return `the chain was not seen in the ${secondsOf(soughtMs)} s since this agent began; a close could have gone unnoticed`;
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
