import { type ContainerRun, cursorOf, type Segment } from './segment.ts';

// A line of the record is bounded; a run with more gaps than this takes several.
const segmentsPerLine = 32;

/**
 * One run as lines: `<source> open|closed <start ms> <device>,… <end ms>*<which>,…`; `-` where no
 * device is known. Each segment begins where the one before ended, and each line where the line before
 * ended. `which` has a bit for each device of the line, in hexadecimal.
 */
export function runToLines(run: ContainerRun): readonly string[] {
  const state = run.closed ? 'closed' : 'open';
  const devices = [...new Set([...run.devices, ...run.segments.flatMap((one) => one.devices)])];
  const segments = [...run.segments, ...pendingIn(run)];
  const lines: string[] = [];
  for (let first = 0; first === 0 || first < segments.length; first += segmentsPerLine) {
    const part = segments.slice(first, first + segmentsPerLine);
    const ends = part.map(({ endMs, devices: billed }) => `${endMs}*${bitsOf(billed, devices)}`);
    const startMs = part[0]?.startMs ?? run.startMs;
    lines.push([run.source, state, startMs, devices.join(',') || '-', ends.join(',')].join(' '));
  }
  return lines;
}

/**
 * What was found not to be billed after the cursor has no segment yet. One without length stands for
 * it, or an agent that is killed before the node confirms more would forget it.
 */
function pendingIn(run: ContainerRun): readonly Segment[] {
  if (run.closed) return [];
  const cursor = cursorOf(run);
  const out = new Set(
    run.unbilled.filter(({ untilMs }) => untilMs > cursor).map(({ device }) => device),
  );
  const before = run.segments.at(-1)?.devices ?? run.devices;
  const devices = before.filter((device) => !out.has(device));
  // What is said of a node has a time of its own, and is read again with the node.
  if (devices.length === before.length) return [];
  return [{ startMs: cursor, endMs: cursor, devices }];
}

function bitsOf(billed: readonly string[], devices: readonly string[]): string {
  return billed
    .reduce((bits, device) => bits | (1n << BigInt(devices.indexOf(device))), 0n)
    .toString(16);
}

/** The inverse of `runToLines` over all runs of a lease. A line that is none of ours is left out. */
export function runsFromLines(lines: readonly string[]): readonly ContainerRun[] {
  const runs = new Map<string, ContainerRun>();
  for (const line of lines) {
    const part = runFromLine(line);
    if (part === undefined) continue;
    const before = runs.get(part.source);
    const whole =
      before === undefined
        ? part
        : { ...part, startMs: before.startMs, segments: [...before.segments, ...part.segments] };
    runs.set(part.source, whole);
  }
  return [...runs.values()].map(withUnbilled);
}

const form = /^(\S+) (open|closed) (\d+) (\S+) ((?:\d+\*[0-9a-f]+)(?:,\d+\*[0-9a-f]+)*)?$/;

function runFromLine(line: string): ContainerRun | undefined {
  const match = form.exec(line);
  if (match === null) return undefined;
  const [, source, state, start, names, ends] = match;
  const devices = names === '-' ? [] : names!.split(',');
  let startMs = Number(start);
  const segments = (ends ?? '')
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [end, bits] = part.split('*');
      const which = BigInt(`0x${bits}`);
      const billed = devices.filter((_, at) => ((which >> BigInt(at)) & 1n) === 1n);
      const segment = { startMs, endMs: Number(end), devices: billed };
      startMs = segment.endMs;
      return segment;
    });
  return {
    source: source!,
    startMs: Number(start),
    segments,
    devices,
    unbilled: [],
    isBilled: false,
    problem: undefined,
    closed: state === 'closed',
    isEndKnown: state === 'closed',
  };
}

/** What was not billed when it was stored was so until somebody looks again: nobody did in between. */
function withUnbilled(run: ContainerRun): ContainerRun {
  const last = run.segments.at(-1);
  if (run.closed || last === undefined) return run;
  const unbilled = run.devices
    .filter((device) => !last.devices.includes(device))
    .map((device) => ({ device, fromMs: cursorOf(run), untilMs: Number.POSITIVE_INFINITY }));
  return { ...run, unbilled };
}
