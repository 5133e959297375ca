import type { KubeObject } from './object.ts';

/** coordination.k8s.io/v1 Lease, as far as an election needs it. */
export type ElectionLease = KubeObject & {
  readonly spec?: {
    /** Absent or empty: nobody holds it. */
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
};

/** The Lease as one contender knows it, and since when by its own monotonic clock. */
export type SeenLease = {
  /** Undefined: there is no such object. */
  readonly lease: ElectionLease | undefined;
  /** Empty when it is free. */
  readonly holder: string;
  readonly durationMs: number;
  /** Monotonic milliseconds at which the answer came that showed this state first. */
  readonly sinceMs: number;
};

/**
 * Takes in what a read showed. Times in the Lease are the holder's wall clock and are never looked
 * at: a holder lives as long as its Lease keeps changing here.
 */
export function observeLease(
  before: SeenLease | undefined,
  lease: ElectionLease | undefined,
  receivedMs: number,
): SeenLease {
  if (lease === undefined) {
    // Deleted under its holder, who may not have noticed: it keeps the time that it had.
    if (before !== undefined) return { ...before, lease: undefined };
    return { lease, holder: '', durationMs: 0, sinceMs: receivedMs };
  }
  const isSame =
    before?.lease?.metadata.uid === lease.metadata.uid &&
    before?.lease?.metadata.resourceVersion === lease.metadata.resourceVersion;
  if (isSame) return before!;
  return {
    lease,
    holder: lease.spec?.holderIdentity ?? '',
    durationMs: (lease.spec?.leaseDurationSeconds ?? 0) * 1000,
    sinceMs: receivedMs,
  };
}

export type LeaderStep =
  | { readonly kind: 'take' }
  | { readonly kind: 'wait'; readonly holder: string; readonly againInMs: number };

/**
 * What one who doesn't lead does about the Lease: takes it when it is free, its own, or was not renewed
 * for the whole of its duration; the longer of what its holder says and what we are configured for.
 */
export function decideLeader(
  seen: SeenLease,
  settings: {
    readonly identity: string;
    readonly durationMs: number;
    /** The longest pause until the next look. */
    readonly retryMs: number;
  },
  nowMs: number,
): LeaderStep {
  const { holder } = seen;
  if (holder === '' || holder === settings.identity) return { kind: 'take' };
  const leftMs = seen.sinceMs + Math.max(seen.durationMs, settings.durationMs) - nowMs;
  if (leftMs <= 0) return { kind: 'take' };
  return { kind: 'wait', holder, againInMs: Math.min(leftMs, settings.retryMs) };
}
