import { describe, expect, test } from '@jest/globals';
import { RULE_GROUPS } from '../alerts/groups.ts';
import type { DocumentedMetric } from '../metricsOf.ts';
import { metricsSections } from '../metricsReference.ts';
import type { Board } from './board.ts';
import { boards } from './boards.ts';
import { factsOf, type Selector, substitute } from './expression.ts';
import { variablesOf } from './variables.ts';

/** Labels that the scrape adds. */
const scraped = ['cluster', 'job', 'instance'];
const sections = metricsSections();
const servedBy = (program: string): readonly DocumentedMetric[] =>
  sections
    .filter(({ title }) => new RegExp(program, 'i').test(title))
    .flatMap(({ metrics }) => metrics);
const metricsOfBoard = ({ program }: Board): readonly DocumentedMetric[] => {
  if (program === 'operator') return servedBy('^operator|^both');
  if (program === 'provider-agent') return servedBy('^agent|^both');
  return servedBy('^operator|^agent|^both');
};

/** What is recorded by the charts' rules, and what Prometheus itself writes. */
const otherSeries: readonly DocumentedMetric[] = [
  ...RULE_GROUPS.flatMap(({ recordings }) => recordings).map(({ name }) => aMetric(name)),
  aMetric('ALERTS', 'alertname', 'severity', 'alertstate'),
];

function aMetric(name: string, ...labels: readonly string[]): DocumentedMetric {
  return { name, type: 'gauge', help: '', labels: labels.map((label) => ({ label, values: [] })) };
}

const find = (board: Board, name: string): DocumentedMetric | undefined => {
  const known = [...metricsOfBoard(board), ...otherSeries];
  const ofHistogram = name.replace(/_(bucket|sum|count)$/, '');
  return (
    known.find((metric) => metric.name === name) ??
    known.find((metric) => metric.name === ofHistogram && metric.type === 'histogram')
  );
};

/** What a selector gets wrong about the metrics that the board's program serves. */
function mistakes(board: Board, { metric, matchers }: Selector): readonly string[] {
  const found = find(board, metric);
  if (found === undefined) return [`nobody serves ${metric}`];
  return matchers.flatMap(({ label, value }) => {
    if (scraped.includes(label)) return [];
    const known = found.labels.find((one) => one.label === label);
    if (known === undefined) return [`${metric} has no label ${label}`];
    if (known.values.length === 0 || value === '.*') return [];
    return value
      .split('|')
      .filter((one) => !known.values.includes(one))
      .map((one) => `${label} of ${metric} is never ${one}`);
  });
}

/** Labels by which is grouped, and that none of the metrics has. */
const strangers = (board: Board, expr: string): readonly string[] => {
  const { selectors, grouped } = factsOf(expr);
  const has = new Set([
    ...scraped,
    ...selectors.flatMap(({ metric }) => [
      ...(metric.endsWith('_bucket') ? ['le'] : []),
      ...(find(board, metric)?.labels ?? []).map(({ label }) => label),
    ]),
  ]);
  return grouped.filter((label) => !has.has(label));
};

const expressions = boards.flatMap((board) => [
  ...board.rows.flatMap(({ panels }) =>
    panels.flatMap(({ title, queries }) =>
      queries.map(({ expr }) => [`${board.uid}: ${title}`, board, substitute(expr)] as const),
    ),
  ),
  ...variablesOf(board)
    .map((variable) => variable.build())
    .filter(({ type }) => type === 'query')
    .map(({ name, definition = '' }) => {
      const [, selector = '', label = ''] = /^label_values\((.+), *(\w+)\)$/.exec(definition) ?? [];
      const expr = `group by (${label}) (${substitute(selector)})`;
      return [`${board.uid}: $${name}`, board, expr] as const;
    }),
]);

describe('what the boards ask for is what the programs serve', () => {
  test.each(expressions)('%s', (_, board, expr) => {
    const facts = factsOf(expr);
    expect(facts.errors).toEqual([]);
    expect(facts.selectors.length).toBeGreaterThan(0);
    expect(facts.selectors.flatMap((selector) => mistakes(board, selector))).toEqual([]);
    expect(strangers(board, expr)).toEqual([]);
  });

  const [board] = boards;
  test.each([
    ['gridlease_nothing{job="a"}', 'nobody serves gridlease_nothing'],
    ['gridlease_gpu_seconds_total', 'nobody serves gridlease_gpu_seconds_total'],
    ['gridlease_jobs{queue="a"}', 'gridlease_jobs has no label queue'],
    ['gridlease_jobs{state=~"waiting|asleep"}', 'state of gridlease_jobs is never asleep'],
  ])('%s is found to be wrong', (expr, text) => {
    const { selectors } = factsOf(expr);
    expect(selectors.flatMap((selector) => mistakes(board!, selector))).toEqual([text]);
  });

  test('a label that no metric has is found', () => {
    expect(strangers(board!, 'sum by (le, queue) (gridlease_jobs)')).toEqual(['le', 'queue']);
  });
});
