/** Pieces of expressions; Grafana puts the variables in. */

const everywhere = ['cluster=~"$cluster"', 'job=~"$job"', 'instance=~"$instance"'];

/** A selector that follows the board's variables. */
export const select = (metric: string, ...matchers: readonly string[]): string =>
  `${metric}{${[...everywhere, ...matchers].join(', ')}}`;

/** A rate per second, over all replicas: each counts what it did itself. */
export const perSecond = (
  metric: string,
  by: readonly string[],
  ...matchers: readonly string[]
): string => `sum${grouping(by)}(rate(${select(metric, ...matchers)}[$__rate_interval]))`;

/**
 * A gauge of the leader's, by all labels that it has. At a change of leader the old one's figure may
 * still be there for a scrape: the larger counts, never both.
 */
export const leaders = (
  metric: string,
  labels: readonly string[],
  ...matchers: readonly string[]
): string => `max${grouping(['cluster', 'job', ...labels])}(${select(metric, ...matchers)})`;

/** The leader's gauge, added up to `by`. */
export const total = (
  metric: string,
  labels: readonly string[],
  by: readonly string[],
  ...matchers: readonly string[]
): string => `sum${grouping(by)}(${leaders(metric, labels, ...matchers)})`;

/** A quantile of a histogram's observations in the panel's interval. */
export const quantile = (
  q: number,
  metric: string,
  by: readonly string[] = [],
  range = '$__rate_interval',
): string =>
  `histogram_quantile(${q}, sum${grouping(['le', ...by])}(rate(${select(`${metric}_bucket`)}[${range}])))`;

const grouping = (labels: readonly string[]): string =>
  labels.length === 0 ? '' : ` by (${labels.join(', ')}) `;
