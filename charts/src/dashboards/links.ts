import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Board } from './board.ts';

/** On every board; the drop-down of all boards is found by it. */
export const tag = 'gridlease';

/** To another board, of the same cluster in the same range; its job is another, so that isn't passed on. */
export const boardLink = (title: string, uid: string): DashboardLinkBuilder =>
  new DashboardLinkBuilder(title)
    .type(DashboardLinkType.Link)
    .url(`/d/${uid}?\${datasource:queryparam}&\${cluster:queryparam}`)
    .keepTime(true);

/** Boards that the same chart brings are always there; the others are found by their tag. */
export const linksOf = (board: Board, boards: readonly Board[]): DashboardLinkBuilder[] => [
  ...boards
    .filter((other) => other.chart === board.chart && other.uid !== board.uid)
    .map(({ title, uid }) => boardLink(title.replace('Gridlease / ', ''), uid)),
  new DashboardLinkBuilder('All Gridlease boards')
    .type(DashboardLinkType.Dashboards)
    .tags([tag])
    .asDropdown(true)
    .keepTime(true),
];
