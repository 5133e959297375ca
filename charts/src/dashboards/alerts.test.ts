import { describe, expect, test } from '@jest/globals';
import { ALERTS } from '../alerts/groups.ts';
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

  test('each alert has a panel that shows what it watches', () => {
    const shown = new Set(panels.flatMap(([, { alerts }]) => alerts));
    expect(ALERTS.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});
