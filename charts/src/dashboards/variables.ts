import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Board } from './board.ts';
import { datasource } from './panel.ts';
import { select } from './promql.ts';

/** The choices at the top of a board, each narrowed by those before it. */
export const variablesOf = ({ program, filters }: Board) => [
  new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
  // Where one Prometheus serves one cluster the label is often missing, and `.*` takes that too.
  labelValues('cluster', `gridlease_build_info{program=~"${program}"}`, '.*'),
  // All of them by name: other operators have series of controller-runtime under the same names.
  labelValues('job', `gridlease_build_info{program=~"${program}", cluster=~"$cluster"}`, undefined),
  labelValues(
    'instance',
    `gridlease_build_info{program=~"${program}", cluster=~"$cluster", job=~"$job"}`,
    '.+',
  ),
  ...filters.map(({ label, metric }) => labelValues(label, select(metric), '.+')),
];

function labelValues(
  label: string,
  selector: string,
  /** What All stands for; left out it is every value, as alternatives. */
  allValue: string | undefined,
): QueryVariableBuilder {
  const query = `label_values(${selector}, ${label})`;
  const built = new QueryVariableBuilder(label)
    .label(label === 'job' ? 'Scrape job' : `${label[0]!.toUpperCase()}${label.slice(1)}`)
    .datasource(datasource)
    .query({ qryType: 1, query, refId: `${label}-values` })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: ['All'], value: ['$__all'] });
  return allValue === undefined ? built : built.allValue(allValue);
}
