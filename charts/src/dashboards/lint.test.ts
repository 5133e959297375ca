import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { boards } from './boards.ts';
import { dashboardFiles, dashboardOf, pathOf } from './files.ts';
import type { GrafanaDashboard } from './grafana.ts';
import { type Exemptions, lintDashboard } from './lint.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const parsed = (path: string): GrafanaDashboard => JSON.parse(read(path));

describe('the dashboards that the charts bring', () => {
  test.each(boards.map((board) => [board.uid, board] as const))('%s has no finding', (_, board) => {
    const panels = board.rows.flatMap((row) => row.panels);
    const exempt: Exemptions = (title, rule) =>
      panels.find((panel) => panel.title === title)?.exempt?.[rule];
    expect(lintDashboard(parsed(pathOf(board)), exempt)).toEqual([]);
  });

  test('are what their source says, and no other', () => {
    for (const { path, text } of dashboardFiles()) expect(read(path)).toBe(text);
    for (const chart of ['gridlease-operator', 'gridlease-provider-agent'] as const) {
      const folder = `charts/${chart}/files/dashboards`;
      expect(readdirSync(join(root, folder)).map((file) => `${folder}/${file}`)).toEqual(
        boards
          .filter((board) => board.chart === chart)
          .map(pathOf)
          .sort(),
      );
    }
  });

  test('have uids of their own, and link only to boards that come with them', () => {
    expect(new Set(boards.map(({ uid }) => uid)).size).toBe(boards.length);
    for (const board of boards) {
      const beside = boards.filter(({ chart }) => chart === board.chart).map(({ uid }) => uid);
      const links = [...JSON.stringify(dashboardOf(board)).matchAll(/"\/d\/([\w-]+)/g)];
      for (const [, uid] of links) expect(beside).toContain(uid);
      expect(links.length).toBeGreaterThanOrEqual(beside.length - 1);
    }
  });
});

/** Each breaks one rule of a dashboard that is otherwise good. */
const broken: readonly (readonly [rule: string, from: string | RegExp, to: string])[] = [
  [
    'templated datasource',
    '"type":"datasource","name":"datasource"',
    '"type":"datasource","name":"ds"',
  ],
  ['templated job', '"name":"job"', '"name":"task"'],
  ['templated instance', '"name":"instance"', '"name":"pod"'],
  ['templated cluster', '"name":"cluster"', '"name":"zone"'],
  [
    'templated labels valid',
    'label_values(gridlease_build_info{',
    'label_values(gridlease_build_info{{',
  ],
  ['all jobs are those listed', '"label":"Scrape job"', '"allValue":".+","label":"Scrape job"'],
  ['variables used', 'namespace=~\\"$namespace\\"', ''],
  ['uid', '"uid":"gridlease-jobs"', '"uid":"2"'],
  ['ids and titles are unique', '"id":3,', '"id":2,'],
  ['lines of the grid are full', '"w":12', '"w":11'],
  ['links to other boards', '"type":"dashboards"', '"type":"link"'],
  ['panel datasource', '"uid":"$datasource"},"targets"', '"uid":"P1"},"targets"'],
  ['title and description', /Normal: [^"]*/, ''],
  ['unit', '"unit":"short",', ''],
  ['valid PromQL', 'sum(max', 'sum((max'],
  ['rate interval', '[$__rate_interval]', '[5m]'],
  ['job matcher', ', job=~\\"$job\\", instance', ', instance'],
  ['instance matcher', ', instance=~\\"$instance\\"', ''],
  ['cluster matcher', '{cluster=~\\"$cluster\\", job=~\\"$job\\", ', '{job=~\\"$job\\", '],
  ['kind of panel', '"type":"timeseries"', '"type":"graph"'],
  ['no padding', '"expr":"sum(', '"expr":"vector(0) or sum('],
  ['thresholds are stated', '"steps":[{"value":null,"color":"blue"}]', '"steps":[]'],
  ['money states its token', '"unit":"suffix:tokens"', '"unit":"short"'],
  ['legend names what there is', '"legendFormat":"{{stage}}"', '"legendFormat":"{{phase}}"'],
];

describe('the rules find', () => {
  const good = JSON.stringify(dashboardOf(boards.find(({ uid }) => uid === 'gridlease-jobs')!));

  test.each(broken)('%s', (rule, from, to) => {
    const bad = typeof from === 'string' ? good.replaceAll(from, to) : good.replace(from, to);
    expect(bad).not.toBe(good);
    expect(lintDashboard(JSON.parse(bad)).map((finding) => finding.rule)).toContain(rule);
  });
});
