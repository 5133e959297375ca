/** All times are monotonic milliseconds of this process. */

/** What is known about whether a lease is still this provider's own. */
export type Standing = {
  /** When the newest renewal that was looked at was sent; undefined before the first. */
  readonly renewedMs: number | undefined;
  /** Since when it is known that there was a pause in which the hub may have replaced the lease; undefined: there was none. */
  readonly brokenMs: number | undefined;
  /** Since when the hub is asked about that pause: only a leader can. */
  readonly askedMs: number | undefined;
  /** Since when the hub has not been reached for too long; undefined while it is. */
  readonly overdueMs: number | undefined;
  /** The pods are to go. Never taken back: some of them may be gone already. */
  readonly isCondemned: boolean;
};

/** One look at the clock that all replicas share. */
export type Look = {
  readonly nowMs: number;
  /** Lower bound of when the newest renewal that the hub stored was sent; undefined when unknown. */
  readonly lastRenewalMs: number | undefined;
  readonly fenceMs: number;
};

export type FenceDecision =
  /** Nothing to do before so many milliseconds. */
  | { readonly kind: 'hold'; readonly againInMs: number }
  /** Ask the hub one last time; when it doesn't answer, condemn. */
  | { readonly kind: 'check' }
  /** Somebody else may have asked: look again soon. */
  | { readonly kind: 'wait'; readonly againInMs: number }
  | { readonly kind: 'kill'; readonly graceSeconds: number };

/** The last check takes no longer. */
export const checkMs = 5_000;
/**
 * A replica that can't make the check waits so long for its outcome, and for being the one that may: where
 * a whole provider slept, its own API server is as late as the hub, and nobody leads in the first moment.
 */
const outcomeMs = 10_000;
/** How long the hub is asked again about a pause that is over: it is reached now, so it is slow, not gone. */
const doubtMs = 20_000;
/** From the end of the fence to the end of the last pod. */
const killMs = 20_000;
/** Of these, what nodes need to take containers away and to report it. */
const reportMs = 4_000;

/**
 * A lease at its first look. `isNew`: it was accepted by this process's time, so that no renewal before
 * it matters; otherwise the first renewal seen must have been sent before this process began, or the
 * pause before it is unknown and may have been too long.
 */
export function firstStanding(options: {
  readonly isNew: boolean;
  readonly startedMs: number;
  readonly nowMs: number;
  readonly lastRenewalMs: number | undefined;
}): Standing {
  const { isNew, startedMs, nowMs, lastRenewalMs } = options;
  const isContinued = isNew || (lastRenewalMs !== undefined && lastRenewalMs <= startedMs);
  return {
    renewedMs: lastRenewalMs,
    brokenMs: isContinued ? undefined : nowMs,
    askedMs: undefined,
    overdueMs: undefined,
    isCondemned: false,
  };
}

/**
 * What the first renewal that is seen says of a lease that was looked at before any was known: a slow
 * API server of one's own is no pause of the hub's.
 */
export function onFirstRenewal(standing: Standing, first: Standing): Standing {
  const isFirst = standing.renewedMs === undefined && first.renewedMs !== undefined;
  return isFirst && first.brokenMs === undefined ? { ...standing, brokenMs: undefined } : standing;
}

/** The standing after one more look. The same object when nothing changed. */
export function followRenewals(standing: Standing, look: Look): Standing {
  const { renewedMs } = standing;
  const { nowMs, lastRenewalMs, fenceMs } = look;
  const isPause =
    renewedMs !== undefined && lastRenewalMs !== undefined && lastRenewalMs - renewedMs > fenceMs;
  const brokenMs = standing.brokenMs ?? (isPause ? nowMs : undefined);
  const isOverdue = lastRenewalMs === undefined || nowMs - lastRenewalMs >= fenceMs;
  // Since it was noticed, not since it was due: a process that slept must still get to ask.
  const overdueMs = isOverdue ? (standing.overdueMs ?? nowMs) : undefined;
  const isSame =
    renewedMs === lastRenewalMs &&
    brokenMs === standing.brokenMs &&
    overdueMs === standing.overdueMs;
  return isSame ? standing : { ...standing, renewedMs: lastRenewalMs, brokenMs, overdueMs };
}

/** The hub has confirmed, after the newest renewal, that the lease was not given up. */
export function confirmed(standing: Standing): Standing {
  return standing.isCondemned ? standing : { ...standing, brokenMs: undefined, askedMs: undefined };
}

/**
 * Whether this replica asks the hub now. A follower carries the doubt of its own start for as long as
 * it follows, so the time to ask begins when it leads.
 */
export function asking(standing: Standing, isAsking: boolean, nowMs: number): Standing {
  const askedMs = isAsking ? (standing.askedMs ?? nowMs) : undefined;
  return askedMs === standing.askedMs ? standing : { ...standing, askedMs };
}

/**
 * Whether the hub is asked again when it gave no answer. Where a renewal is known to be overdue it is
 * not: the pods must go in time. Where only the past is in doubt, a slow answer must not kill what is
 * paid for.
 */
export function mayAskAgain(standing: Standing, nowMs: number): boolean {
  const { brokenMs, askedMs, overdueMs, renewedMs } = standing;
  if (overdueMs !== undefined) return renewedMs === undefined && nowMs - overdueMs < outcomeMs;
  return brokenMs !== undefined && nowMs - (askedMs ?? nowMs) < doubtMs;
}

/** What to do about a lease whose pods may exist. */
export function decideFence(
  standing: Standing,
  look: Look & {
    /** Whether this replica may renew the heartbeat and write to the hub. */
    readonly isLeader: boolean;
    /** What the tenant's containers get at most between SIGTERM and SIGKILL. */
    readonly terminationSeconds: number;
    /** A replica, maybe another one, has decided: the mark is on the record. */
    readonly isMarked: boolean;
  },
): FenceDecision {
  const { nowMs, lastRenewalMs, fenceMs, isLeader } = look;
  const kill = (): FenceDecision => ({
    kind: 'kill',
    graceSeconds: graceSeconds(standing.overdueMs ?? nowMs, nowMs, look.terminationSeconds),
  });
  if (look.isMarked || standing.isCondemned) return kill();
  if (isLeader) {
    if (standing.brokenMs !== undefined || standing.overdueMs !== undefined)
      return { kind: 'check' };
  } else if (standing.overdueMs !== undefined) {
    const leftMs = standing.overdueMs + outcomeMs - nowMs;
    return leftMs > 0 ? { kind: 'wait', againInMs: leftMs } : kill();
  }
  return { kind: 'hold', againInMs: (lastRenewalMs ?? nowMs) + fenceMs - nowMs };
}

/** At least one second: a pod that is deleted without any is gone for the API before its containers are. */
function graceSeconds(sinceMs: number, nowMs: number, terminationSeconds: number): number {
  const leftSeconds = Math.floor((sinceMs + killMs - reportMs - nowMs) / 1000);
  return Math.max(1, Math.min(terminationSeconds, leftSeconds));
}

/** Whether new pods may be started: not once the fence has come down. */
export function mayStartPods(look: Look): boolean {
  const { nowMs, lastRenewalMs, fenceMs } = look;
  return fenceMs === 0 || (lastRenewalMs !== undefined && nowMs - lastRenewalMs < fenceMs);
}
