import type { Row } from './board.ts';
import { perSecond, quantile, select } from './promql.ts';

/** What controllers wait for: the API servers, their watches, and the process itself. */
export const runtimeCauses: Row = {
  title: 'Why?',
  panels: [
    {
      title: 'Requests to API servers',
      kind: 'timeseries',
      unit: 'reqps',
      shows: 'Requests per second by method and status code; `<error>` had no answer.',
      normal:
        '200 and 201; 409 now and then. 403 is a missing permission, 429 a server that sheds load.',
      alerts: [],
      width: 8,
      queries: [
        {
          expr: perSecond('rest_client_requests_total', ['method', 'code']),
          legend: '{{method}} {{code}}',
        },
      ],
    },
    {
      title: 'Latency of API servers',
      kind: 'timeseries',
      unit: 's',
      shows: 'From sending a request to having its answer, 95th percentile, by verb.',
      normal: 'Tens of milliseconds, plus the distance to the hub.',
      alerts: [],
      width: 8,
      queries: [
        {
          expr: quantile(0.95, 'rest_client_request_duration_seconds', ['verb']),
          legend: '{{verb}}',
        },
      ],
    },
    {
      title: 'Age of informers',
      kind: 'timeseries',
      unit: 's',
      shows: 'Time since the API server was last heard on the watch, by kind.',
      normal: 'A saw-tooth below a minute.',
      alerts: ['GridleaseInformerStale'],
      width: 8,
      thresholds: { warning: 180 },
      queries: [
        {
          expr: `max by (target, kind) (${select('gridlease_informer_age_seconds')})`,
          legend: '{{target}} {{kind}}',
        },
      ],
    },
    {
      title: 'Changes seen',
      kind: 'timeseries',
      unit: 'suffix:/s',
      shows: 'Changes of objects that informers applied, per second, by kind.',
      normal: 'Follows the jobs; heartbeats are the floor.',
      alerts: [],
      width: 8,
      queries: [
        {
          expr: perSecond('gridlease_informer_changes_total', ['kind']),
          legend: '{{kind}}',
        },
      ],
    },
    {
      title: 'Conflicts',
      kind: 'timeseries',
      unit: 'reqps',
      shows: 'Reconciliations that lost a race on a resourceVersion and were repeated, per second.',
      normal: 'Rare. Steady ones are two writers of one field.',
      alerts: [],
      width: 8,
      queries: [
        {
          expr: perSecond(
            'gridlease_reconcile_conflicts_total',
            ['controller'],
            'controller=~"$controller"',
          ),
          legend: '{{controller}}',
        },
      ],
    },
    {
      title: 'Event loop',
      kind: 'timeseries',
      unit: 's',
      shows: 'Lag of the event loop, 99th percentile, by replica.',
      normal: 'Below 100 ms. Above a second heartbeats come late.',
      alerts: [],
      width: 8,
      queries: [
        { expr: select('nodejs_eventloop_lag_p99_seconds'), legend: '{{job}} {{instance}}' },
      ],
    },
    {
      title: 'Memory',
      kind: 'timeseries',
      unit: 'bytes',
      shows: 'Resident memory by replica.',
      normal: 'Flat after the first minutes.',
      alerts: [],
      queries: [{ expr: select('process_resident_memory_bytes'), legend: '{{job}} {{instance}}' }],
    },
    {
      title: 'CPU',
      kind: 'timeseries',
      unit: 'suffix:cores',
      shows: 'CPU time per second, by replica.',
      normal: 'Far below one core: all work is done on one thread.',
      alerts: [],
      queries: [
        {
          expr: perSecond('process_cpu_seconds_total', ['job', 'instance']),
          legend: '{{job}} {{instance}}',
        },
      ],
    },
  ],
};
