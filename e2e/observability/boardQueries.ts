import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { substitute } from '@gridlease/charts/dashboards/expression';
import { drawn, type GrafanaDashboard, queryOf } from '@gridlease/charts/dashboards/grafana';
import type { PrometheusServer, Series } from '../cluster/prometheus.ts';

/** A query of a panel, as Grafana would send it. */
export type PanelQuery = {
  readonly board: string;
  readonly panel: string;
  readonly refId: string;
  readonly expr: string;
};

/** A panel's figures: by query and labels of the series. Without those that are no number. */
export type Figures = ReadonlyMap<string, number>;

const charts = join(import.meta.dirname, '../../charts');

/** The boards that the charts bring, as their files are. */
export const shippedBoards = (): readonly GrafanaDashboard[] =>
  ['gridlease-operator', 'gridlease-provider-agent'].flatMap((chart) => {
    const folder = join(charts, chart, 'files/dashboards');
    return readdirSync(folder).map(
      (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as GrafanaDashboard,
    );
  });

/** Rule files of both charts, absolute. */
export const shippedRules = (): readonly string[] =>
  ['gridlease-operator', 'gridlease-provider-agent'].flatMap((chart) => {
    const folder = join(charts, chart, 'files/rules');
    return readdirSync(folder).map((file) => join(folder, file));
  });

/**
 * All queries of a board with All chosen in each variable: where the variable does not say what All
 * stands for, the values that Prometheus has, as Grafana does it. Throws where it has none.
 */
export async function boardQueries(
  prometheus: Pick<PrometheusServer, 'query'>,
  board: GrafanaDashboard,
  window: string,
): Promise<readonly PanelQuery[]> {
  const values: Record<string, string> = { __rate_interval: window, __range: '5m' };
  for (const variable of board.templating?.list ?? []) {
    if (variable.type !== 'query') continue;
    const { name, allValue } = variable;
    const [, selector = ''] = /^label_values\((.+), *\w+\)$/.exec(queryOf(variable)) ?? [];
    // As Grafana asks: also what only the last look at it missed.
    const lately = `last_over_time(${substitute(selector, values)}[5m])`;
    const known = await prometheus.query(`group by (${name}) (${lately})`);
    const listed = known.map(({ metric }) => metric[name]).filter((value) => value !== undefined);
    if (listed.length === 0 && allValue === undefined) {
      throw new Error(
        `${board.uid}: Prometheus has nothing yet of ${selector}. A new one needs two scrapes, some seconds; later, see whether the programs run: npm run monitor says how many it finds`,
      );
    }
    values[name] = allValue ?? `(${listed.join('|')})`;
  }
  return drawn(board).flatMap(({ title = '', targets = [] }) =>
    targets.map(({ refId = '', expr = '' }) => ({
      board: board.uid ?? '',
      panel: title,
      refId,
      expr: substitute(expr, values),
    })),
  );
}

/** Where a panel is, for people. */
export const nameOf = ({ board, panel }: Pick<PanelQuery, 'board' | 'panel'>): string =>
  `${board.replace('gridlease-', '')}: ${panel}`;

export async function figuresOf(
  prometheus: Pick<PrometheusServer, 'query'>,
  queries: readonly PanelQuery[],
): Promise<Figures> {
  const answers = await Promise.all(
    queries.map(async ({ refId, expr }) =>
      (await prometheus.query(expr)).map(
        (series) => [keyOf(refId, series), numberOf(series)] as const,
      ),
    ),
  );
  return new Map(answers.flat().filter(([, value]) => !Number.isNaN(value)));
}

const keyOf = (refId: string, { metric }: Series): string => `${refId} ${JSON.stringify(metric)}`;
/** Prometheus writes infinity as +Inf. */
const numberOf = ({ value }: Series): number =>
  Number((value?.[1] ?? 'NaN').replace('Inf', 'Infinity'));
