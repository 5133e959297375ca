import { closedValuesOf } from '@gridlease/kube/closedValues';
import type { Registry } from 'prom-client';

export type DocumentedMetric = {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** Without values where the list is open. */
  readonly labels: readonly { readonly label: string; readonly values: readonly string[] }[];
};

type Registered = {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
  /** By label set, in prom-client's own form. */
  readonly hashMap: Readonly<
    Record<string, { readonly labels: Readonly<Record<string, unknown>> }>
  >;
};

/** Names that somebody gives: what stands there before anything has happened is no list of them. */
const open: ReadonlySet<string> = new Set([
  'chain',
  'program',
  'version',
  'major',
  'minor',
  'patch',
  'space',
  'type',
]);

/** The metrics of a registry in which nothing has happened, with the values their labels begin with. */
export function documentedMetrics(registry: Registry): readonly DocumentedMetric[] {
  return (registry.getMetricsAsArray() as unknown as readonly Registered[]).map((metric) => {
    const { name, help, type, labelNames, hashMap } = metric;
    const stated = closedValuesOf(metric);
    const begun = Object.values(hashMap ?? {}).map(({ labels }) => labels);
    return {
      name,
      help,
      type,
      labels: labelNames
        .filter((label) => label !== 'le' && label !== 'quantile')
        .map((label) => ({
          label,
          values: stated[label] ?? (open.has(label) ? [] : valuesOf(label, begun)),
        })),
    };
  });
}

function valuesOf(
  label: string,
  series: readonly Readonly<Record<string, unknown>>[],
): readonly string[] {
  const values = series.map((labels) => labels[label]).filter((value) => value !== undefined);
  return [...new Set(values.map(String))];
}
