import type { Series } from '@gridlease/kube/seriesGauge';

/** Adds to the states of each `owner` that has something those in which it has nothing, at 0. */
export function allStates<O extends string>(
  series: Iterable<Series<O | 'state'>>,
  owner: O,
  states: readonly string[],
): readonly Series<O | 'state'>[] {
  const owners = new Map<string, Map<string, number>>();
  for (const [labels, value] of series) {
    const known = owners.get(labels[owner]) ?? new Map<string, number>();
    owners.set(labels[owner], known.set(labels.state, value));
  }
  return [...owners].flatMap(([name, known]) =>
    states.map((state) => {
      const labels = { [owner]: name, state } as Record<O | 'state', string>;
      return [labels, known.get(state) ?? 0] as const;
    }),
  );
}
