/** One GPU, or slice of one, as NVIDIA's DCGM exporter shows it. */
export type ExporterDevice = {
  /** The GPU's UUID; of a MIG slice followed by `:<instance>`. */
  readonly id: string;
  /** Its model as the driver names it, such as "NVIDIA H100 80GB HBM3". */
  readonly model: string | undefined;
  readonly isUnhealthy: boolean;
  /** The container that has it; undefined when none does. */
  readonly holder:
    | { readonly namespace: string; readonly pod: string; readonly container: string }
    | undefined;
};

/** What several exporters' pages say together. */
export type ExporterView = {
  device(id: string): ExporterDevice | undefined;
  heldBy(namespace: string, pod: string, container: string): readonly ExporterDevice[];
};

/**
 * XIDs that say something about the program on the GPU, not about the GPU: NVIDIA's own device plugin
 * leaves a device healthy after them.
 */
const programErrors: ReadonlySet<number> = new Set([13, 31, 43, 45, 68, 109]);
/** DCGM_HEALTH_RESULT_FAIL. */
const healthFailed = 20;

/** Longer lines are none of an exporter's: each of its labels is a name or an id. */
const longestLine = 4096;

// Each is tried at one place only, where the one before ended: a line takes as long as it is.
const metricName = /[A-Za-z_:][A-Za-z0-9_:]*/y;
const label = /\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?/y;
const value = /\s*\}\s*(\S+)(?:\s+-?\d+)?\s*$/y;

/**
 * Reads one page of the exporter, in Prometheus' text format. Lines that are not about a device are
 * left out; so is whatever can't be read, since a meter must not stop for a metric it doesn't know.
 */
export function parseExporterPage(text: string): readonly ExporterDevice[] {
  const devices = new Map<string, ExporterDevice>();
  for (const line of text.split('\n')) {
    const sample = line.length > longestLine ? undefined : sampleIn(line);
    if (sample === undefined) continue;
    const { metric, labels } = sample;
    const uuid = labels.get('UUID') ?? labels.get('uuid');
    if (uuid === undefined || uuid === '') continue;
    const instance = labels.get('GPU_I_ID') ?? '';
    const id = instance === '' ? uuid : `${uuid}:${instance}`;
    const before = devices.get(id);
    devices.set(id, {
      id,
      model: before?.model ?? labels.get('modelName'),
      isUnhealthy: (before?.isUnhealthy ?? false) || saysUnhealthy(metric, sample.value),
      holder: before?.holder ?? holderIn(labels),
    });
  }
  return [...devices.values()];
}

/** Finds devices by id and by who holds them. Of two that have the same id the last counts. */
export function exporterView(devices: readonly ExporterDevice[]): ExporterView {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const byHolder = Map.groupBy(
    [...byId.values()].filter(({ holder }) => holder !== undefined),
    ({ holder }) => keyOf(holder!.namespace, holder!.pod, holder!.container),
  );
  return {
    device: (id) => byId.get(id),
    heldBy: (namespace, pod, container) => byHolder.get(keyOf(namespace, pod, container)) ?? [],
  };
}

function keyOf(namespace: string, pod: string, container: string): string {
  return `${namespace}/${pod}/${container}`;
}

function saysUnhealthy(metric: string, value: number): boolean {
  if (metric === 'DCGM_FI_DEV_XID_ERRORS') return value > 0 && !programErrors.has(value);
  return metric === 'DCGM_EXP_GPU_HEALTH_STATUS' && value >= healthFailed;
}

/** A scraper that relabels keeps the exporter's own names behind `exported_`; old ones wrote `pod_name`. */
function holderIn(labels: ReadonlyMap<string, string>): ExporterDevice['holder'] {
  const first = (...names: readonly string[]) =>
    names.map((name) => labels.get(name)).find((value) => value !== undefined && value !== '');
  const namespace = first('exported_namespace', 'namespace', 'pod_namespace');
  const pod = first('exported_pod', 'pod', 'pod_name');
  const container = first('exported_container', 'container', 'container_name');
  if (namespace === undefined || pod === undefined || container === undefined) return undefined;
  return { namespace, pod, container };
}

type Sample = {
  readonly metric: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
};

/** What a line says; undefined for a comment, a metric without labels and whatever can't be read. */
function sampleIn(line: string): Sample | undefined {
  const name = matchAt(metricName, line, 0);
  if (name === undefined || line[name.end] !== '{') return undefined;
  const labels = new Map<string, string>();
  let end = name.end + 1;
  for (let found = matchAt(label, line, end); found; found = matchAt(label, line, end)) {
    const [, key, text] = found.groups;
    labels.set(
      key!,
      text!.replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)),
    );
    end = found.end;
  }
  const rest = matchAt(value, line, end);
  return rest && { metric: name.groups[0]!, labels, value: Number(rest.groups[1]) };
}

function matchAt(
  pattern: RegExp,
  line: string,
  from: number,
): { readonly groups: readonly (string | undefined)[]; readonly end: number } | undefined {
  pattern.lastIndex = from;
  const groups = pattern.exec(line);
  return groups === null ? undefined : { groups, end: pattern.lastIndex };
}
