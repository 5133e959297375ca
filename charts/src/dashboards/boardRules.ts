import { factsOf, substitute } from './expression.ts';
import { drawn, type GrafanaDashboard, type GrafanaVariable, queryOf } from './grafana.ts';

export type BoardRule = {
  readonly name: string;
  readonly check: (dashboard: GrafanaDashboard) => readonly string[];
};

const variables = (dashboard: GrafanaDashboard): readonly GrafanaVariable[] =>
  dashboard.templating?.list ?? [];

/** A choice of one label's values, of the board's data source, that may be several. */
const templated =
  (name: string) =>
  (dashboard: GrafanaDashboard): readonly string[] => {
    const found = variables(dashboard).find((variable) => variable.name === name);
    if (found === undefined) return [`there is no variable ${name}`];
    return [
      found.type === 'query' ? '' : `${name} is no query`,
      found.datasource?.uid === '$datasource' ? '' : `${name} does not ask $datasource`,
      found.multi && found.includeAll ? '' : `${name} can't be several or all`,
      found.label ? '' : `${name} has no label`,
    ].filter((text) => text !== '');
  };

const labelValues = /^label_values\((.+), *([a-z_]+)\)$/;

export const boardRules: readonly BoardRule[] = [
  {
    name: 'templated datasource',
    check: (dashboard) => {
      const [first] = variables(dashboard);
      return first?.name === 'datasource' &&
        first.type === 'datasource' &&
        first.query === 'prometheus'
        ? []
        : ['the first variable must be datasource, of type prometheus'];
    },
  },
  { name: 'templated job', check: templated('job') },
  { name: 'templated instance', check: templated('instance') },
  {
    name: 'templated labels valid',
    check: (dashboard) =>
      variables(dashboard)
        .filter(({ type }) => type === 'query')
        .flatMap((variable) => {
          const [, selector, label] = labelValues.exec(queryOf(variable)) ?? [];
          if (selector === undefined) return [`${variable.name}: no label_values(selector, label)`];
          if (label !== variable.name) return [`${variable.name} lists the values of ${label}`];
          return factsOf(substitute(selector)).errors.map((text) => `${variable.name}: ${text}`);
        }),
  },
  { name: 'templated cluster', check: templated('cluster') },
  {
    // `.+` would take in what other operators call by the same names.
    name: 'all jobs are those listed',
    check: (dashboard) =>
      variables(dashboard).some(({ name, allValue }) => name === 'job' && allValue !== undefined)
        ? ['All of job must be the listed jobs']
        : [],
  },
  {
    name: 'variables used',
    check: (dashboard) => {
      const rest = JSON.stringify(dashboard.panels);
      return variables(dashboard)
        .filter(({ name }) => !rest.includes(`$${name}`))
        .map(({ name }) => `nothing uses ${name}`);
    },
  },
  {
    name: 'uid',
    check: ({ uid = '', tags = [] }) => [
      ...(/^gridlease-[a-z]{3,30}$/.test(uid) ? [] : [`uid ${uid}`]),
      ...(tags.includes('gridlease') ? [] : ['the tag gridlease is missing']),
    ],
  },
  {
    name: 'ids and titles are unique',
    check: (dashboard) => [
      ...repeated((dashboard.panels ?? []).map(({ id }) => String(id))).map((id) => `id ${id}`),
      ...repeated(drawn(dashboard).map(({ title = '' }) => title)).map((title) => `title ${title}`),
    ],
  },
  {
    name: 'lines of the grid are full',
    check: (dashboard) => {
      const widths = new Map<number, number>();
      for (const { gridPos } of dashboard.panels ?? []) {
        if (gridPos) widths.set(gridPos.y, (widths.get(gridPos.y) ?? 0) + gridPos.w);
      }
      return [...widths].filter(([, w]) => w !== 24).map(([y, w]) => `at ${y}: ${w} columns`);
    },
  },
  {
    name: 'links to other boards',
    check: ({ links = [] }) =>
      links.some(({ type }) => type === 'dashboards') ? [] : ['no list of the other boards'],
  },
];

const repeated = (values: readonly string[]): readonly string[] =>
  values.filter((value, index) => values.indexOf(value) !== index);
