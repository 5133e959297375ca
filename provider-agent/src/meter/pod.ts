import { type NodeView, timeMs } from './node.ts';
import { type ContainerRun, cursorOf, extend, truncate } from './segment.ts';

type ContainerState = {
  readonly waiting?: { readonly reason?: string };
  readonly running?: { readonly startedAt?: string | null };
  readonly terminated?: { readonly startedAt?: string | null; readonly finishedAt?: string | null };
};

type ContainerStatus = {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
  readonly allocatedResourcesStatus?: readonly {
    readonly name: string;
    readonly resources?: readonly { readonly resourceID: string; readonly health?: string }[];
  }[];
};

/** What the meter needs of a Pod object. */
export type PodObject = {
  readonly metadata: { readonly uid?: string };
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly {
      readonly name: string;
      readonly resources?: { readonly limits?: Readonly<Record<string, string | number>> };
    }[];
  };
  readonly status?: { readonly containerStatuses?: readonly ContainerStatus[] };
};

export type MeterPodInput = {
  readonly pod: PodObject;
  /** Undefined when the node is not known (any more). */
  readonly node: NodeView | undefined;
  /** The runs that the last call gave for this pod. */
  readonly previous: readonly ContainerRun[];
  /** The agent's wall clock, unix milliseconds: only an upper limit, never a source of time. */
  readonly nowMs: number;
  /** Longest time between a container's end and its node reporting it, milliseconds. */
  readonly reportDelayMs: number;
};

type Look = {
  readonly source: string;
  readonly startMs: number;
  /** Undefined while it runs. */
  readonly finishMs: number | undefined;
  readonly running: boolean;
  readonly healthy: number;
};

/**
 * What one pod's containers have had of their GPUs so far. A finished container counts exactly from
 * its startedAt to its finishedAt. A running one counts whole seconds up to what its node has
 * confirmed, less `reportDelayMs`: its end may be on the way, and nothing signed can be taken back.
 * Time in which the node was not Ready is not counted; neither are containers without a GPU.
 */
export function meterPod(input: MeterPodInput): readonly ContainerRun[] {
  const looks = looksOf(input.pod);
  const seen = new Set(looks.map(({ source }) => source));
  const runs = input.previous.map((run) => (seen.has(run.source) ? run : close(run)));
  for (const look of looks) {
    const index = runs.findIndex(({ source }) => source === look.source);
    if (index >= 0) runs[index] = observe(runs[index]!, look, input);
    else runs.push(observe(begin(look, runs), look, input));
  }
  return runs;
}

/** The runs of a pod that no longer exists: what was confirmed stays, nothing is added. */
export function closeRuns(runs: readonly ContainerRun[]): readonly ContainerRun[] {
  return runs.map(close);
}

function close(run: ContainerRun): ContainerRun {
  return run.closed ? run : { ...run, closed: true };
}

function begin(look: Look, earlier: readonly ContainerRun[]): ContainerRun {
  // A container's next run can't begin before its last one ended, whatever the clock of the node did.
  const container = look.source.slice(0, look.source.lastIndexOf('/') + 1);
  const floor = Math.max(
    0,
    ...earlier.filter(({ source }) => source.startsWith(container)).map(cursorOf),
  );
  return {
    source: look.source,
    startMs: Math.max(look.startMs, floor),
    segments: [],
    gpus: look.healthy,
    closed: false,
  };
}

function observe(run: ContainerRun, look: Look, input: MeterPodInput): ContainerRun {
  if (run.closed) return run;
  const { node } = input;
  // Which part of the time since the last look had the smaller number is not known.
  const gpus = Math.min(run.gpus, look.healthy);
  if (look.running) {
    const untilMs = node?.ready
      ? wholeSeconds(Math.min(node.confirmedMs, input.nowMs) - input.reportDelayMs)
      : cursorOf(run);
    return { ...advance(run, untilMs, gpus, node), gpus: look.healthy };
  }
  const finishMs = look.finishMs ?? cursorOf(run);
  const until = node === undefined || node.ready ? finishMs : Math.min(finishMs, node.confirmedMs);
  return { ...advance(truncate(run, finishMs), until, gpus, node), closed: true };
}

function advance(
  run: ContainerRun,
  untilMs: number,
  gpus: number,
  node: NodeView | undefined,
): ContainerRun {
  // The node became Ready after the last confirmed moment: it was away in between.
  const gapEndMs = node?.ready ? Math.min(node.transitionMs, untilMs) : 0;
  return extend(extend(run, gapEndMs, 0), untilMs, gpus);
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

function looksOf(pod: PodObject): readonly Look[] {
  const requested = new Map(
    (pod.spec?.containers ?? []).map(({ name, resources }) => [name, gpusIn(resources?.limits)]),
  );
  return (pod.status?.containerStatuses ?? []).flatMap((status) => {
    const gpus = requested.get(status.name) ?? 0;
    if (gpus === 0) return [];
    const restarts = status.restartCount ?? 0;
    const healthy = Math.max(0, gpus - unhealthyIn(status));
    const source = (restart: number): string => `${pod.metadata.uid}/${status.name}/${restart}`;
    // While a restart is awaited the count is still that of the run that ended.
    const isWaiting = status.state?.running === undefined && status.state?.terminated === undefined;
    return [
      lookAt(source(isWaiting ? restarts : restarts - 1), status.lastState, healthy),
      lookAt(source(restarts), status.state, healthy),
    ].filter((look) => look !== undefined);
  });
}

function lookAt(
  source: string,
  state: ContainerState | undefined,
  healthy: number,
): Look | undefined {
  const { running, terminated } = state ?? {};
  const startMs = timeMs((running ?? terminated)?.startedAt);
  if (startMs === undefined) {
    // Ended without a start that anybody reported: it closes what was seen of it, and counts nothing.
    return terminated === undefined
      ? undefined
      : { source, startMs: 0, finishMs: undefined, running: false, healthy: 0 };
  }
  const finishMs = timeMs(terminated?.finishedAt);
  return {
    source,
    startMs,
    finishMs: finishMs === undefined ? undefined : Math.max(finishMs, startMs),
    running: running !== undefined,
    healthy,
  };
}

function isGpu(resource: string): boolean {
  return resource === 'nvidia.com/gpu' || resource.startsWith('nvidia.com/mig-');
}

function gpusIn(limits: Readonly<Record<string, string | number>> | undefined): number {
  return Object.entries(limits ?? {})
    .filter(([name]) => isGpu(name))
    .reduce((sum, [, quantity]) => sum + Number(quantity), 0);
}

/** Only what is said to be unhealthy: unknown is not unhealthy. */
function unhealthyIn(status: ContainerStatus): number {
  return (status.allocatedResourcesStatus ?? [])
    .filter(({ name }) => isGpu(name))
    .flatMap(({ resources }) => resources ?? [])
    .filter(({ health }) => health === 'Unhealthy').length;
}
