import { factsOf, substitute } from './expression.ts';
import type { GrafanaPanel, GrafanaTarget } from './grafana.ts';

export type PanelRule = {
  readonly name: string;
  readonly check: (panel: GrafanaPanel) => readonly string[];
};

/** Kinds that Grafana still develops; graph, singlestat, table-old and the like are gone or going. */
const kinds = ['stat', 'timeseries', 'table', 'state-timeline'];

const everyTarget =
  (check: (target: GrafanaTarget) => readonly string[]) =>
  ({ targets = [] }: GrafanaPanel): readonly string[] =>
    targets.flatMap(check);

/** Every selector must narrow by this label as the board's variable says. */
const matcher = (label: string): PanelRule => ({
  name: `${label} matcher`,
  check: everyTarget(({ expr = '' }) =>
    selectorsWithVariables(expr)
      .filter(({ matchers }) => !matchers.includes(`${label}=~"$${label}"`))
      .map(({ metric }) => `${metric} lacks ${label}=~"$${label}"`),
  ),
});

/** Selectors as they are written: what stands in the braces is not parsed yet. */
const selectorsWithVariables = (expr: string) =>
  [...expr.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g)].map(([, metric = '', matchers = '']) => ({
    metric,
    matchers,
  }));

const facts = ({ expr = '' }: GrafanaTarget) => factsOf(substitute(expr));

export const panelRules: readonly PanelRule[] = [
  {
    name: 'panel datasource',
    check: ({ datasource, targets = [] }) =>
      [datasource, ...targets.map((target) => target.datasource)]
        .filter((source) => source?.uid !== '$datasource')
        .map((source) => `asks ${source?.uid}`),
  },
  {
    name: 'title and description',
    check: ({ title = '', description = '' }) => [
      ...(title === '' ? ['no title'] : []),
      ...(/^.+\n\nNormal: .+\n\nAlert: .+\.$/s.test(description)
        ? []
        : [
            'the description must say what is shown, what is normal, and which alert belongs to it',
          ]),
    ],
  },
  {
    name: 'unit',
    check: ({ fieldConfig }) => (fieldConfig?.defaults?.unit ? [] : ['no unit']),
  },
  {
    name: 'valid PromQL',
    check: ({ targets = [] }) =>
      targets.length === 0 ? ['no query'] : targets.flatMap((target) => facts(target).errors),
  },
  {
    name: 'rate interval',
    check: everyTarget(({ expr = '' }) =>
      [...expr.matchAll(/\[([^\]]*)\]/g)]
        .map(([, window]) => window)
        .filter((window) => window !== '$__rate_interval' && window !== '$__range')
        .map((window) => `the window is ${window}`),
    ),
  },
  matcher('job'),
  matcher('instance'),
  matcher('cluster'),
  {
    name: 'kind of panel',
    check: ({ type }) => (kinds.includes(type) ? [] : [`${type} is deprecated or unknown`]),
  },
  {
    name: 'no padding',
    check: everyTarget(({ expr = '' }) =>
      /\bor\s|\bvector\(|\babsent/.test(expr) ? [`an answer is made up: ${expr}`] : [],
    ),
  },
  {
    // Grafana's own default turns red at 80, of whatever.
    name: 'thresholds are stated',
    check: ({ fieldConfig }) =>
      fieldConfig?.defaults?.thresholds?.steps?.[0]?.value === null ? [] : ['no steps'],
  },
  {
    name: 'money states its token',
    check: ({ targets = [], fieldConfig: { defaults: { unit = '' } = {} } = {} }) => {
      const metrics = targets.flatMap((target) => facts(target).selectors.map((s) => s.metric));
      const wanted = metrics.some((metric) => /_tokens(_|$)/.test(metric))
        ? 'tokens'
        : metrics.some((metric) => /_coins(_|$)/.test(metric))
          ? 'coins'
          : undefined;
      return wanted === undefined || unit.startsWith(`suffix:${wanted}`)
        ? []
        : [`the unit ${unit} should be of ${wanted}`];
    },
  },
  {
    name: 'legend names what there is',
    check: everyTarget((target) => {
      const { grouped, selectors } = facts(target);
      const named = [...(target.legendFormat ?? '').matchAll(/\{\{(\w+)\}\}/g)].map(([, l]) => l!);
      if (target.legendFormat === '') return ['no legend'];
      // A selector that is not aggregated keeps all its labels.
      const bare = selectors.length === 1 && grouped.length === 0;
      return named
        .filter((label) => !bare && !grouped.includes(label))
        .map((label) => `${label} is not in the answer`);
    }),
  },
];
