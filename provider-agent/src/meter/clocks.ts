/** How long a lease has been in a bad state, counted only while it could be observed. Milliseconds. */
export type LeaseClocks = {
  /** Since GPUs were held and nothing was billed. Stands still while it is suspended: it holds none then. */
  readonly unbilledMs: number;
  /** Since it was suspended; undefined while it isn't. */
  readonly suspendedMs: number | undefined;
  readonly gpuMs: bigint;
  /** Monotonic time of the last look. */
  readonly lookedMs: number;
};

export type Look = {
  /** Monotonic. */
  readonly nowMs: number;
  readonly gpuMs: bigint;
  /** A container runs on healthy GPUs of a Ready node: what it has had so far will be billed. */
  readonly isDelivering: boolean;
  /** The provider's API server was heard: silence counts for nothing. */
  readonly isObserved: boolean;
  /** The lease may hold GPUs at all. */
  readonly holdsGpus: boolean;
  /** The longest step that one look may add: a process that slept has observed nothing. */
  readonly maxStepMs: number;
};

/** The clocks of a lease that has just been accepted, or that a restarted agent takes up again. */
export function startClocks(options: {
  readonly nowMs: number;
  readonly gpuMs: bigint;
  /** Wall-clock time since the acceptance. */
  readonly acceptedAgoMs: number;
  readonly startDeadlineSeconds: number;
}): LeaseClocks {
  // A restart must not give a lease that never ran a whole new deadline, nor end it in its first second.
  const most = Math.max(0, options.startDeadlineSeconds * 1000 - 30_000);
  const waitedMs = Math.min(Math.max(0, options.acceptedAgoMs), most);
  return {
    unbilledMs: options.gpuMs > 0n ? 0 : waitedMs,
    suspendedMs: undefined,
    gpuMs: options.gpuMs,
    lookedMs: options.nowMs,
  };
}

/** The clocks after one look. They stand still while nothing can be observed. */
export function advanceClocks(clocks: LeaseClocks, look: Look): LeaseClocks {
  const step = look.isObserved
    ? Math.min(Math.max(0, look.nowMs - clocks.lookedMs), look.maxStepMs)
    : 0;
  const isBilled = look.isDelivering || look.gpuMs > clocks.gpuMs;
  const heldMs = clocks.suspendedMs === undefined ? step : 0;
  return {
    unbilledMs: isBilled || !look.holdsGpus ? 0 : clocks.unbilledMs + heldMs,
    suspendedMs: clocks.suspendedMs === undefined ? undefined : clocks.suspendedMs + step,
    gpuMs: look.gpuMs,
    lookedMs: look.nowMs,
  };
}
