import { ALERTS } from '../../src/alerts/groups.ts';
import type { AlertCase } from './case.ts';
import type { BurnCase } from './sloCases.ts';

type Labels = Readonly<Record<string, string>>;

const selector = (labels: Labels): string =>
  `ALERTS{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}}`;

/** A test of promtool: what these series make of an alert at a minute. */
const aTest = (
  name: string,
  series: Labels,
  looks: readonly { readonly minute: number; readonly isFiring: boolean }[],
  chosen: Labels,
  all: Labels,
) => ({
  name,
  interval: '1m',
  input_series: Object.entries(series).map(([text, values]) => ({ series: text, values })),
  promql_expr_test: looks.map(({ minute, isFiring }) => ({
    expr: selector({ ...chosen, alertstate: 'firing' }),
    eval_time: `${minute}m`,
    ...(isFiring && {
      exp_samples: [{ labels: selector({ ...all, alertstate: 'firing' }), value: 1 }],
    }),
  })),
});

const forMinutes = ({ alert, severity }: AlertCase): number => {
  const found = ALERTS.find(({ name, severity: level }) => name === alert && level === severity);
  if (found === undefined) throw new Error(`there is no alert ${alert} of severity ${severity}`);
  return Math.ceil(found.forSeconds / 60);
};

/** It fires when its expression has held for its time, not a minute earlier; and not at all in the other look. */
const testsOfCase = (example: AlertCase) => {
  const { alert, severity, labels, fires, quiet } = example;
  const chosen = {
    alertname: alert,
    severity,
    ...('program' in labels && { program: labels['program']! }),
  };
  const all = { alertname: alert, severity, ...labels };
  const at = fires.minute + forMinutes(example);
  const looks = [
    ...(at > 0 ? [{ minute: at - 1, isFiring: false }] : []),
    { minute: at, isFiring: true },
  ];
  return [
    aTest(`${alert} ${severity} fires`, fires.series, looks, chosen, all),
    aTest(
      `${alert} ${severity} stays quiet`,
      quiet.series,
      [{ minute: quiet.minute, isFiring: false }],
      chosen,
      all,
    ),
  ];
};

/** After the slowest has held for its three hours. */
const BURNT_MINUTES = 200;

const testsOfBurn = ({ objective, window, labels, fires, quiet }: BurnCase) => {
  const { alert } = objective;
  const { long, short, severity } = window;
  const chosen = { alertname: alert, long, short };
  const all = { alertname: alert, severity, ...labels };
  const look = (isFiring: boolean) => [{ minute: BURNT_MINUTES, isFiring }];
  const name = `${alert} of the ${objective.program} over ${long}`;
  return [
    aTest(`${name} fires`, fires, look(true), chosen, all),
    aTest(`${name} stays quiet`, quiet, look(false), chosen, all),
  ];
};

/** A file for `promtool test rules`; each group is tested by itself, for the tests of others would evaluate it in vain. */
export const promtoolTests = (
  ruleFile: string,
  cases: readonly AlertCase[],
  burns: readonly BurnCase[],
) => ({
  rule_files: [ruleFile],
  // Objectives look back for days: coarser steps show the same.
  evaluation_interval: burns.length > 0 ? '5m' : '1m',
  tests: [...cases.flatMap(testsOfCase), ...burns.flatMap(testsOfBurn)],
});
