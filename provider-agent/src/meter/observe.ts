import type { Assignment } from './assignment.ts';
import type { NodeView } from './node.ts';
import {
  advance,
  type ContainerRun,
  cursorOf,
  isUnverified,
  type Problem,
  truncate,
  type UnbilledTime,
} from './segment.ts';

/** One run of a container as one state of its pod shows it. */
export type Look = {
  readonly source: string;
  /** Unix milliseconds. */
  readonly startMs: number;
  /** Undefined while it runs. */
  readonly finishMs: number | undefined;
  readonly running: boolean;
  readonly assignment: Assignment;
};

export type Moment = {
  readonly node: NodeView | undefined;
  /** The agent's wall clock, unix milliseconds. */
  readonly nowMs: number;
  readonly reportDelayMs: number;
};

/** The run after one look. Once its end is known it stays as it is, whatever is looked at again. */
export function observe(run: ContainerRun, look: Look, moment: Moment): ContainerRun {
  if (run.isEndKnown || (run.closed && look.running)) return run;
  const { node } = moment;
  const known = withDevices(run, look.assignment);
  const bad = new Set(look.assignment.unbilled.map((device) => ownName(device, known.devices)));
  const current = {
    ...known,
    unbilled: [...deviceTimes(known, bad, moment), ...nodeTimes(known, node)],
  };
  if (look.running) {
    const reached = advance(current, confirmedUntil(current, moment));
    const isBilled = node?.ready === true && known.devices.some((device) => !bad.has(device));
    return { ...reached, isBilled, problem: problemOf(look.assignment, node) };
  }
  const finishMs = look.finishMs ?? cursorOf(current);
  const ended = advance(truncate(current, finishMs), finishMs);
  const isEndKnown = look.finishMs !== undefined;
  return { ...ended, unbilled: [], isBilled: false, problem: undefined, closed: true, isEndKnown };
}

/**
 * A container keeps its devices for its life: those that are named late were its own from the start,
 * and those that are no longer named after its end were its own to the end.
 */
function withDevices(run: ContainerRun, { devices, isVerified }: Assignment): ContainerRun {
  if (!isVerified) return run.devices.length > 0 ? run : { ...run, devices };
  const wasUnverified = run.devices.length > 0 && run.devices.every(isUnverified);
  if (!wasUnverified) return { ...run, devices };
  const named = (device: string) => ownName(device, devices);
  return {
    ...run,
    devices,
    segments: run.segments.map((segment) => ({
      ...segment,
      devices: segment.devices.map(named),
    })),
    unbilled: run.unbilled.map((time) =>
      time.device === undefined ? time : { ...time, device: named(time.device) },
    ),
  };
}

/** A share by the name of the device that it turned out to be. */
function ownName(device: string, devices: readonly string[]): string {
  return isUnverified(device) ? (devices[Number(device.slice(1))] ?? device) : device;
}

/**
 * When which device is not billed. One that is found bad may have been so since the last confirmed
 * moment; one that is found good again was bad until now at the latest.
 */
function deviceTimes(
  run: ContainerRun,
  bad: ReadonlySet<string>,
  { node, nowMs }: Moment,
): readonly UnbilledTime[] {
  const foundMs = Math.max(nowMs, node?.confirmedMs ?? 0);
  const before = run.unbilled.filter(({ device }) => device !== undefined);
  const kept = before.map((time) =>
    time.untilMs === Number.POSITIVE_INFINITY && !bad.has(time.device!)
      ? { ...time, untilMs: foundMs }
      : time,
  );
  const open = new Set(
    kept.filter(({ untilMs }) => untilMs === Number.POSITIVE_INFINITY).map(({ device }) => device),
  );
  const begun = [...bad]
    .filter((device) => !open.has(device))
    .map((device) => ({ device, fromMs: cursorOf(run), untilMs: Number.POSITIVE_INFINITY }));
  return [...kept, ...begun];
}

/** When the node was not Ready, by its own times; what is not known of it counts as not Ready. */
function nodeTimes(run: ContainerRun, node: NodeView | undefined): readonly UnbilledTime[] {
  const before = run.unbilled.filter(({ device }) => device === undefined);
  if (node === undefined) return before;
  const open = before.find(({ untilMs }) => untilMs === Number.POSITIVE_INFINITY);
  if (!node.ready) {
    if (open !== undefined) return before;
    const fromMs = Math.max(cursorOf(run), Math.min(node.aliveMs, node.transitionMs));
    return [...before, { device: undefined, fromMs, untilMs: Number.POSITIVE_INFINITY }];
  }
  if (open !== undefined) {
    return before.map((time) => (time === open ? { ...time, untilMs: node.transitionMs } : time));
  }
  // It became Ready after the last confirmed moment: it was away in between, and nobody looked.
  const isUnseen =
    node.transitionMs > cursorOf(run) &&
    !before.some(({ untilMs }) => untilMs === node.transitionMs);
  return isUnseen
    ? [...before, { device: undefined, fromMs: cursorOf(run), untilMs: node.transitionMs }]
    : before;
}

/** Up to when a container that runs is known to have run, in whole seconds. */
function confirmedUntil(run: ContainerRun, { node, nowMs, reportDelayMs }: Moment): number {
  if (node === undefined) return cursorOf(run);
  const aliveMs = node.ready ? node.confirmedMs : Math.min(node.confirmedMs, node.transitionMs);
  return Math.floor((Math.min(aliveMs, nowMs) - reportDelayMs) / 1000) * 1000;
}

function problemOf({ problem }: Assignment, node: NodeView | undefined): Problem | undefined {
  if (node === undefined) {
    return {
      reason: 'NodeLost',
      message: 'the node of the pod does not exist any more: not billed',
    };
  }
  if (node.ready || problem?.reason === 'AssignmentMismatch') return problem;
  const since = new Date(node.transitionMs).toISOString();
  const message = `node ${node.name} is not Ready since ${since}, not billed: ${node.notReadyMessage}`;
  return { reason: 'NodeLost', message: message.slice(0, 1024) };
}
