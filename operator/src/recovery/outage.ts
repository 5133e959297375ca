/** What is known of one provider's heartbeat; durations in milliseconds. */
export type HeardProvider = {
  readonly name: string;
  /** For how long this hub has heard nothing of it, on a monotonic clock. */
  readonly silentMs: number;
  /** How long ago it was last heard, which may be before this program began. */
  readonly heardAgoMs: number;
};

/** Most providers are silent: figures for people. */
export type Outage = { readonly silent: number; readonly of: number };

export type OutageLimits = {
  /** From so long a silence a provider counts as silent. */
  readonly unreachableMs: number;
  /** Providers not heard of for longer say nothing about this hub's network any more. */
  readonly heardWithinMs: number;
};

/**
 * Whether so many providers fell silent together that it is more likely this hub that can't hear. More
 * than half of those that were there lately, and at least two; or all of them, for however long, since
 * then there is nowhere to go. `providers` are those that an admin lets in and that were ever heard.
 */
export function outageOf(
  providers: readonly HeardProvider[],
  { unreachableMs, heardWithinMs }: OutageLimits,
): Outage | undefined {
  const isSilent = ({ silentMs }: HeardProvider): boolean => silentMs > unreachableMs;
  const silent = providers.filter(isSilent);
  if (silent.length < 2) return undefined;
  if (silent.length === providers.length) return { silent: silent.length, of: providers.length };
  const lately = providers.filter(({ heardAgoMs }) => heardAgoMs <= heardWithinMs);
  const fell = lately.filter(isSilent);
  return fell.length >= 2 && fell.length * 2 > lately.length
    ? { silent: fell.length, of: lately.length }
    : undefined;
}

/** The guard as it stands: an outage now, or one that ended a moment ago. */
export type OutageGuard = { readonly outage: Outage; readonly untilMs: number };

/**
 * Providers come back from an outage one after the other. Those that are still missing when enough are
 * back get as long to be heard as one needs to count as silent: the silence before is no fault of theirs.
 * Times are monotonic milliseconds.
 */
export function followOutage(
  guard: OutageGuard | undefined,
  outage: Outage | undefined,
  nowMs: number,
  { unreachableMs }: Pick<OutageLimits, 'unreachableMs'>,
): OutageGuard | undefined {
  if (outage !== undefined) return { outage, untilMs: nowMs + unreachableMs };
  return guard !== undefined && nowMs < guard.untilMs ? guard : undefined;
}
