import { describe, expect, test } from '@jest/globals';
import { ALERTS, RULE_GROUPS } from '../alerts/groups.ts';
import { unchanged } from '../alerts/ruleFile.ts';
import { boards } from './boards.ts';

const panels = boards.flatMap(({ uid, rows }) =>
  rows.flatMap((row) => row.panels.map((panel) => [`${uid}: ${panel.title}`, panel] as const)),
);
const expressionsOf = (names: readonly string[]): string =>
  ALERTS.filter(({ name }) => names.includes(name))
    .map(({ expr }) => expr(unchanged))
    .join('\n');
const numbersIn = (expr: string): readonly number[] =>
  (expr.match(/(?<![\w.])\d+(\.\d+)?(?!\w)/g) ?? []).map(Number);

const recordings = RULE_GROUPS.flatMap((group) => group.recordings);
/** With what is recorded in place of its name: what is scraped in the end. */
const metricsIn = (expr: string): readonly string[] => {
  const scraped = recordings.reduce((text, { name, expr: of }) => text.replaceAll(name, of), expr);
  return scraped.match(/\b[a-z]+(_[a-z0-9]+)+\b/g) ?? [];
};

describe('panels and alerts say the same', () => {
  test.each(panels)('%s names alerts that there are', (_, { alerts }) => {
    const known = new Set<string>(ALERTS.map(({ name }) => name));
    expect(alerts.filter((name) => !known.has(name))).toEqual([]);
  });

  const judged = panels.filter(
    ([, { thresholds, exempt }]) => thresholds && !exempt?.['alert thresholds'],
  );
  test.each(judged)(
    '%s changes colour where its alert fires',
    (_, { alerts, thresholds, unit }) => {
      const { warning, critical } = thresholds!;
      const known = numbersIn(expressionsOf(alerts));
      for (const step of [warning, critical]) {
        if (step === undefined) continue;
        // A count is over 0 from 1 on.
        expect(known).toContain(unit !== 's' && step === 1 && known.includes(0) ? 0 : step);
      }
    },
  );

  test.each(judged)('%s reads a metric that its alert reads', (_, { alerts, queries }) => {
    const watched = metricsIn(expressionsOf(alerts));
    const shown = queries.flatMap(({ expr }) => metricsIn(expr));
    expect(shown.filter((metric) => watched.includes(metric))).not.toEqual([]);
  });

  test('each alert has a panel that shows what it watches', () => {
    const shown = new Set(panels.flatMap(([, { alerts }]) => alerts));
    expect(ALERTS.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});
