import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { drawn, type GrafanaPanel } from '@gridlease/charts/dashboards/grafana';
import { readMonitor } from '../cluster/monitorRecord.ts';
import { federationFolder } from '../cluster/paths.ts';
import { prometheusAt } from '../cluster/prometheus.ts';
import { runMain } from '../cluster/runMain.ts';
import { boardQueries, type Figures, figuresOf, shippedBoards } from './boardQueries.ts';

type Step = { readonly value: number | null; readonly color?: string };

/** The colour of the last threshold that a figure has reached, as Grafana picks it. */
export const colourOf = (steps: readonly Step[], figure: number): string =>
  steps.filter(({ value }) => value === null || figure >= value).at(-1)?.color ?? 'blue';

const badness = ['blue', 'green', 'orange', 'red'];

/** Panels that judge: with more than one colour. The others show, and say nothing about good and bad. */
const stepsOf = ({ fieldConfig }: GrafanaPanel): readonly Step[] =>
  (fieldConfig?.defaults?.thresholds?.steps ?? []) as readonly Step[];

const figure = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));

/** One line for a panel, and the worst of its colours. */
export const panelLine = (
  panel: GrafanaPanel,
  figures: Figures,
): { readonly colour: string; readonly text: string } => {
  const values = [...figures.values()];
  const steps = stepsOf(panel);
  const colours = steps.length > 1 ? values.map((value) => colourOf(steps, value)) : [];
  const colour = badness.findLast((name) => colours.includes(name)) ?? '';
  const shown = values.length === 0 ? '-' : [...new Set(values.map(figure))].slice(0, 8).join(' ');
  return { colour, text: `${colour.padEnd(7)} ${(panel.title ?? '').padEnd(44)} ${shown}` };
};

/**
 * `npm run board -- NAME`: the figures of a dashboard in a terminal, each panel's own queries asked of the Prometheus
 * that `npm run monitor` has started or `--prometheus URL` names. Ends with 1 while a panel is orange or red.
 */
const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      dir: { type: 'string', default: federationFolder() },
      prometheus: { type: 'string' },
    },
  });
  const boards = shippedBoards();
  const names = boards.map(({ uid }) => uid?.replace('gridlease-', ''));
  const board = boards.find(({ uid }) => uid === `gridlease-${positionals[0]}`);
  if (board === undefined) throw new Error(`npm run board -- ${names.join('|')}`);
  const url = values.prometheus ?? readMonitor(resolve(values.dir))?.url;
  if (url === undefined) throw new Error('No Prometheus: npm run monitor, or --prometheus URL');
  const prometheus = prometheusAt(url);
  const queries = await boardQueries(prometheus, board, '1m');
  const lines: { readonly colour: string; readonly text: string }[] = [];
  for (const panel of drawn(board)) {
    const own = queries.filter((query) => query.panel === panel.title);
    if (panel.type === 'table') {
      const rows = await prometheus.query(own[0]?.expr ?? '');
      const alerts = rows.map(({ metric }) => `${metric['alertname']} ${metric['alertstate']}`);
      const colour = rows.some(({ metric }) => metric['alertstate'] === 'firing') ? 'red' : '';
      const shown = alerts.length === 0 ? 'none' : alerts.sort().join(', ');
      lines.push({
        colour,
        text: `${colour.padEnd(7)} ${(panel.title ?? '').padEnd(44)} ${shown}`,
      });
    } else lines.push(panelLine(panel, await figuresOf(prometheus, own)));
  }
  const bad = lines.filter(({ colour }) => colour === 'orange' || colour === 'red');
  process.stdout.write(
    `${board.title}\n${lines.map(({ text }) => text).join('\n')}\n${
      bad.length === 0 ? 'All is well.' : `${bad.length} of ${lines.length} panels are not well.`
    }\n`,
  );
  if (bad.length > 0) process.exit(1);
};

if (import.meta.main) await runMain(main);
