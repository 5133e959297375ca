import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import type { Generated } from '../generated.ts';
import type { Board, Row } from './board.ts';
import { boards } from './boards.ts';
import { dashboardsPage } from './docs.ts';
import { linksOf, tag } from './links.ts';
import { datasource, panel, widthOf } from './panel.ts';
import { variablesOf } from './variables.ts';

const columns = 24;

/** The dashboards of both charts, and the page about them. */
export const dashboardFiles = (): Generated[] => [
  ...boards.map((board) => ({
    path: pathOf(board),
    text: `${JSON.stringify(dashboardOf(board), undefined, 2)}\n`,
  })),
  { path: 'docs/dashboards.md', text: dashboardsPage(boards) },
];

/** Relative to the repository's root. */
export const pathOf = ({ chart, uid }: Board): string =>
  `charts/${chart}/files/dashboards/${uid}.json`;

/** What Grafana imports. */
export function dashboardOf(board: Board): Dashboard {
  const built = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.answers)
    .tags([tag])
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .variables(variablesOf(board))
    .links(linksOf(board, boards))
    .annotations([firing()]);
  // One number space for rows and panels: Grafana wants ids to be unique on a board.
  let id = 1;
  let y = 0;
  for (const { title, panels } of board.rows) {
    built.withRow(new RowBuilder(title).id(id++).gridPos({ x: 0, y: y++, w: columns, h: 1 }));
    const h = heightOf(panels);
    let x = 0;
    for (const spec of panels) {
      if (x + widthOf(spec) > columns) {
        x = 0;
        y += h;
      }
      built.withPanel(panel(spec, { id: id++, x, y, h }));
      x += widthOf(spec);
    }
    y += h;
  }
  return built.build();
}

/** Figures need less room than lines. */
const heightOf = (panels: Row['panels']): number =>
  panels.some(({ kind }) => kind === 'stat') ? 5 : 8;

/** Marks on all graphs when an alert began to fire. */
const firing = () =>
  new AnnotationQueryBuilder()
    .name('Firing alerts')
    .datasource(datasource)
    .enable(true)
    .iconColor('red')
    .expr('ALERTS{alertstate="firing", alertname=~"Gridlease.+", cluster=~"$cluster"}')
    .target(
      new DataqueryBuilder()
        .refId('Anno')
        .expr('ALERTS{alertstate="firing", alertname=~"Gridlease.+", cluster=~"$cluster"}'),
    )
    .titleFormat('{{alertname}}')
    .tagKeys('severity');
