import { fromKubeTime } from '@gridlease/kube/conditions';
import { type AllocatedResources, assignmentOf, isGpu } from './assignment.ts';
import type { ExporterView } from './exporterPage.ts';
import type { NodeView } from './node.ts';
import { type Look, observe } from './observe.ts';
import { type ContainerRun, cursorOf, truncate } from './segment.ts';

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
  readonly allocatedResourcesStatus?: AllocatedResources;
};

/** What the meter needs of a Pod object. */
export type PodObject = {
  readonly metadata: {
    readonly uid?: string;
    readonly name?: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
  };
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
  /** Normalised product that the lease pays for; undefined where nothing is compared. */
  readonly askedProduct?: string | undefined;
  /** Normalised product of a resource on the pod's node; undefined when nobody says. */
  readonly nodeProduct?: ((resourceName: string) => string | undefined) | undefined;
  readonly exporter?: ExporterView | undefined;
  /** Unix milliseconds before which everything is added up already; a run that is new begins after it. */
  readonly foldedMs?: number;
  /** A newer state of this pod was looked at before: only what can't change any more is taken from this one. */
  readonly isStale?: boolean;
  /** The agent's wall clock, unix milliseconds: only a limit, never a source of billed time. */
  readonly nowMs: number;
  /** Longest time between a container's end and its node reporting it, milliseconds. */
  readonly reportDelayMs: number;
};

/**
 * What one pod's containers have had of their GPUs so far. A finished container counts exactly from
 * its startedAt to its finishedAt. A running one counts whole seconds up to what its node has
 * confirmed, less `reportDelayMs`: its end may be on the way, and nothing signed can be taken back.
 * Not counted: time in which the node was not Ready, devices that are unhealthy or not the product
 * asked for, containers without a GPU.
 */
export function meterPod(input: MeterPodInput): readonly ContainerRun[] {
  const looks = looksOf(input).filter(({ running }) => !(input.isStale && running));
  const shown = new Set(looks.map(({ source }) => source));
  const isGone = ({ source }: ContainerRun): boolean => !input.isStale && !shown.has(source);
  let runs = input.previous.map((run) => (isGone(run) ? close(run) : run));
  for (const look of looks) {
    if (!runs.some(({ source }) => source === look.source)) {
      runs = runs.map((run) => endedBefore(run, look));
      runs.push(begin(look, runs, input.foldedMs ?? 0));
    }
    runs = runs.map((run) => (run.source === look.source ? observe(run, look, input) : run));
  }
  return runs;
}

/** The runs of a pod that no longer exists: what was confirmed stays, nothing is added. */
export function closeRuns(runs: readonly ContainerRun[]): readonly ContainerRun[] {
  return runs.map(close);
}

/** A container's run of which no end is known ended before a later one began. */
function endedBefore(run: ContainerRun, look: Look): ContainerRun {
  if (run.isEndKnown || !isEarlier(run.source, look.source)) return run;
  // A start that was never reported says nothing about when the run before it ended.
  return close(look.startMs > 0 ? truncate(run, look.startMs) : run);
}

function close(run: ContainerRun): ContainerRun {
  if (run.closed) return run;
  return { ...run, unbilled: [], isBilled: false, problem: undefined, closed: true };
}

function begin(look: Look, others: readonly ContainerRun[], foldedMs: number): ContainerRun {
  // A container's next run can't begin before its last one ended, whatever the clock of the node did.
  const earlier = others.filter(({ source }) => isEarlier(source, look.source));
  return {
    source: look.source,
    startMs: Math.max(look.startMs, foldedMs, ...earlier.map(cursorOf)),
    segments: [],
    devices: [],
    unbilled: [],
    isBilled: false,
    problem: undefined,
    closed: false,
    isEndKnown: false,
  };
}

/** Whether the first is an earlier run of the same container than the second. */
function isEarlier(source: string, other: string): boolean {
  const [a, b] = [partsOf(source), partsOf(other)];
  return a.container === b.container && a.restart < b.restart;
}

function partsOf(source: string): { readonly container: string; readonly restart: number } {
  const end = source.lastIndexOf('/');
  return { container: source.slice(0, end), restart: Number(source.slice(end + 1)) };
}

function looksOf(input: MeterPodInput): readonly Look[] {
  const { metadata, spec, status: podStatus } = input.pod;
  const requested = new Map(
    (spec?.containers ?? []).map(({ name, resources }) => [name, gpusIn(resources?.limits)]),
  );
  return (podStatus?.containerStatuses ?? []).flatMap((status) => {
    const [resourceName, gpus] = requested.get(status.name) ?? ['', 0];
    if (gpus === 0) return [];
    const restarts = status.restartCount ?? 0;
    const assignment = assignmentOf({
      namespace: metadata.namespace ?? '',
      pod: metadata.name ?? '',
      container: status.name,
      nodeName: spec?.nodeName ?? '',
      gpus,
      allocated: status.allocatedResourcesStatus,
      exporter: input.exporter,
      askedProduct: input.askedProduct,
      nodeProduct: input.nodeProduct?.(resourceName),
    });
    const source = (restart: number): string => `${metadata.uid}/${status.name}/${restart}`;
    // While a restart is awaited the count is still that of the run that ended.
    const isWaiting = status.state?.running === undefined && status.state?.terminated === undefined;
    return [
      lookAt(source(isWaiting ? restarts : restarts - 1), status.lastState, assignment),
      lookAt(source(restarts), status.state, assignment),
    ].filter((look) => look !== undefined);
  });
}

function lookAt(
  source: string,
  state: ContainerState | undefined,
  assignment: Look['assignment'],
): Look | undefined {
  const { running, terminated } = state ?? {};
  const startMs = fromKubeTime((running ?? terminated)?.startedAt);
  if (startMs === undefined) {
    // Ended without a start that anybody reported: it closes what was seen of it, and counts nothing.
    return terminated === undefined
      ? undefined
      : { source, startMs: 0, finishMs: undefined, running: false, assignment };
  }
  const finishMs = fromKubeTime(terminated?.finishedAt);
  return {
    source,
    startMs,
    finishMs: finishMs === undefined ? undefined : Math.max(finishMs, startMs),
    running: running !== undefined,
    assignment,
  };
}

/** The resource that stands for GPUs, and how many of it. A task's container has one kind of them. */
function gpusIn(
  limits: Readonly<Record<string, string | number>> | undefined,
): readonly [string, number] {
  const gpus = Object.entries(limits ?? {}).filter(([name]) => isGpu(name));
  return [gpus[0]?.[0] ?? '', gpus.reduce((sum, [, quantity]) => sum + Number(quantity), 0)];
}
