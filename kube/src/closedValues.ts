/** What labels may say, by label. */
export type ClosedValues<L extends string> = { readonly [label in L]?: readonly string[] };

const closed = new WeakMap<object, ClosedValues<string>>();

/** States for the reference what labels of a metric may say, where its first series don't show it. */
export function withValues<M extends object, L extends string>(
  metric: M,
  values: ClosedValues<L>,
): M {
  closed.set(metric, values);
  return metric;
}

/** What was stated of a metric. */
export function closedValuesOf(metric: object): ClosedValues<string> {
  return closed.get(metric) ?? {};
}
