/** A time in which one run of a container held these devices and is billed for them; none: not billed. */
export type Segment = {
  /** Unix milliseconds, inclusive. */
  readonly startMs: number;
  /** Unix milliseconds, exclusive. */
  readonly endMs: number;
  /** Ids as the cluster writes them ("GPU-…"), or `unverifiedDevice`s. */
  readonly devices: readonly string[];
};

/** A time that is not billed, at the end of what a run is accounted for or after it. */
export type UnbilledTime = {
  /** Undefined: none of the run's devices is billed. */
  readonly device: string | undefined;
  /** Unix milliseconds. */
  readonly fromMs: number;
  /** Unix milliseconds; infinite while it lasts. */
  readonly untilMs: number;
};

/** Why a run is not billed, or not beyond doubt. */
export type Problem = {
  readonly reason: 'AssignmentMismatch' | 'DeviceUnhealthy' | 'NodeLost' | 'AssignmentUnverified';
  readonly message: string;
};

/**
 * One start of one container. Its segments tile the time from `startMs` to the cursor without a gap,
 * so that the end of the last one says up to when this run is accounted for.
 */
export type ContainerRun = {
  /** `<pod uid>/<container>/<restart count>`. */
  readonly source: string;
  readonly startMs: number;
  readonly segments: readonly Segment[];
  /** The devices that it was given: a container keeps them for its life. */
  readonly devices: readonly string[];
  /** What of the time after the cursor is not billed. */
  readonly unbilled: readonly UnbilledTime[];
  /** At the last look it ran on a healthy device of a Ready node. */
  readonly isBilled: boolean;
  /** At the last look; undefined when all was well, and once it is closed. */
  readonly problem: Problem | undefined;
  /** The API server gave its end, or it is gone: nothing is added any more. */
  readonly closed: boolean;
  /** The API server gave its end. Until then what was assumed of it may still be taken back. */
  readonly isEndKnown: boolean;
};

/** Stands for a GPU while the cluster does not say which: the share, not the device. */
export function unverifiedDevice(ordinal: number): string {
  return `?${ordinal}`;
}

export function isUnverified(device: string): boolean {
  return device.startsWith('?');
}

/** Unix milliseconds up to which a run is accounted for. */
export function cursorOf(run: ContainerRun): number {
  return run.segments.at(-1)?.endMs ?? run.startMs;
}

/** The run accounted for until `untilMs`, the added time billed for `devices`. Time never goes back. */
export function extend(
  run: ContainerRun,
  untilMs: number,
  devices: readonly string[],
): ContainerRun {
  const cursor = cursorOf(run);
  if (untilMs <= cursor) return run;
  const last = run.segments.at(-1);
  const segments =
    last !== undefined && sameDevices(last.devices, devices)
      ? [...run.segments.slice(0, -1), { ...last, endMs: untilMs }]
      : [...run.segments, { startMs: cursor, endMs: untilMs, devices }];
  return { ...run, segments };
}

/** The run without anything after `endMs`: a reported end replaces what was assumed. */
export function truncate(run: ContainerRun, endMs: number): ContainerRun {
  const segments = run.segments
    .filter((segment) => segment.startMs < endMs)
    .map((segment) => (segment.endMs > endMs ? { ...segment, endMs } : segment));
  return { ...run, segments };
}

/** Accounts for the time until `untilMs`, leaving out what is not billed. */
export function advance(run: ContainerRun, untilMs: number): ContainerRun {
  const cursor = cursorOf(run);
  const edges = run.unbilled
    .flatMap(({ fromMs, untilMs: end }) => [fromMs, end])
    .filter((edge) => edge > cursor && edge < untilMs);
  const steps = [...new Set([...edges, untilMs])].sort((a, b) => a - b);
  const extended = steps.reduce((before, step) => {
    const fromMs = cursorOf(before);
    // No edge lies inside this step, so what is true at its beginning is true for all of it.
    const out = run.unbilled.filter((time) => time.fromMs <= fromMs && time.untilMs > fromMs);
    const devices = out.some(({ device }) => device === undefined)
      ? []
      : run.devices.filter((device) => !out.some((time) => time.device === device));
    return extend(before, step, devices);
  }, run);
  const reached = cursorOf(extended);
  return { ...extended, unbilled: run.unbilled.filter((time) => time.untilMs > reached) };
}

function sameDevices(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((device, index) => device === b[index]);
}
