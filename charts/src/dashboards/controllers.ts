import type { Board } from './board.ts';
import { perSecond, quantile, select } from './promql.ts';
import { runtimeCauses } from './runtimeCauses.ts';

const controller = 'controller=~"$controller"';

export const controllers: Board = {
  uid: 'gridlease-controllers',
  title: 'Gridlease / Controller internals',
  chart: 'gridlease-operator',
  program: 'operator|provider-agent',
  answers:
    'Do the controllers of operator and agents keep up, and what do they wait for? The names are those of controller-runtime and client-go.',
  filters: [{ label: 'controller', metric: 'controller_runtime_reconcile_total' }],
  rows: [
    {
      title: 'Is anything wrong?',
      panels: [
        {
          title: 'Replicas that lead',
          kind: 'stat',
          width: 6,
          unit: 'short',
          shows: 'Replicas that hold the leader lease, by program.',
          normal: '1 for the operator, 1 for each agent.',
          alerts: ['GridleaseNoLeader'],
          thresholds: { critical: 1, below: true },
          queries: [
            {
              expr: `sum by (cluster, job) (${select('leader_election_master_status')})`,
              legend: '{{cluster}} {{job}}',
            },
          ],
        },
        {
          title: 'Worst share of failed reconciliations',
          kind: 'stat',
          width: 6,
          unit: 'percentunit',
          shows:
            'Failed reconciliations among all of the controller that fails most; conflicts are not counted.',
          normal: 'Below 1 %.',
          alerts: ['GridleaseReconcileErrors'],
          thresholds: { warning: 0.1 },
          queries: [
            {
              expr: `max(${perSecond('controller_runtime_reconcile_errors_total', ['controller'], controller)} / ${perSecond('controller_runtime_reconcile_total', ['controller'], controller)})`,
              legend: 'failed',
            },
          ],
        },
        {
          title: 'Longest failure',
          kind: 'stat',
          width: 6,
          unit: 's',
          shows:
            'For how long the object that fails longest has failed each time, over all controllers.',
          normal: '0, or a few seconds while an API server or the chain restarts.',
          alerts: ['GridleaseReconcileStuck'],
          thresholds: { warning: 600 },
          queries: [
            {
              expr: `max(${select('gridlease_oldest_failure_seconds', controller)})`,
              legend: 'longest',
            },
          ],
        },
        {
          title: 'Oldest informer',
          kind: 'stat',
          width: 6,
          unit: 's',
          shows:
            'Longest time since an API server was heard on a watch. What is decided from a stale cache is refused by the server, so work stands still.',
          normal: 'Below a minute: bookmarks come even when nothing changes.',
          alerts: ['GridleaseInformerStale'],
          thresholds: { warning: 180 },
          queries: [{ expr: `max(${select('gridlease_informer_age_seconds')})`, legend: 'age' }],
        },
        {
          title: 'Longest reconciliation now',
          kind: 'stat',
          width: 8,
          unit: 's',
          shows: 'How long the slowest worker has held its key.',
          normal: '0, or a few seconds.',
          alerts: [],
          queries: [
            {
              expr: `max(${select('workqueue_longest_running_processor_seconds', controller)})`,
              legend: 'longest',
            },
          ],
        },
        {
          title: 'Work in progress',
          kind: 'stat',
          width: 8,
          unit: 's',
          shows: 'Seconds that all workers together have spent on the keys they hold now.',
          normal: '0, or a few seconds. Growing without end: workers are stuck.',
          alerts: [],
          queries: [
            {
              expr: `sum(${select('workqueue_unfinished_work_seconds', controller)})`,
              legend: 'work',
            },
          ],
        },
        {
          title: 'Youngest process',
          kind: 'stat',
          width: 8,
          unit: 's',
          shows: 'Time since the last start of a replica.',
          normal: 'Days. A small figure without an upgrade is a crash.',
          alerts: ['GridleaseAbsent'],
          queries: [
            {
              expr: `min(time() - ${select('process_start_time_seconds')})`,
              legend: 'age',
            },
          ],
        },
      ],
    },
    {
      title: 'Which controller?',
      panels: [
        {
          title: 'Reconciliations',
          kind: 'timeseries',
          unit: 'reqps',
          shows: 'Reconciliations per second, by controller.',
          normal: 'Follows the events of the federation; quiet without jobs.',
          alerts: [],
          queries: [
            {
              expr: perSecond('controller_runtime_reconcile_total', ['controller'], controller),
              legend: '{{controller}}',
            },
          ],
        },
        {
          title: 'Reconciliations that failed',
          kind: 'timeseries',
          unit: 'reqps',
          shows: 'Failed reconciliations per second, by controller.',
          normal: '0, with single points when an API server or the chain restarts.',
          alerts: ['GridleaseReconcileErrors'],
          queries: [
            {
              expr: perSecond(
                'controller_runtime_reconcile_errors_total',
                ['controller'],
                controller,
              ),
              legend: '{{controller}}',
            },
          ],
        },
        {
          title: 'Length of reconciliations',
          kind: 'timeseries',
          unit: 's',
          shows: 'Length of a reconciliation, 95th percentile, by controller.',
          normal: 'Flat. Those that send transactions take longer.',
          alerts: [],
          queries: [
            {
              expr: quantile(0.95, 'controller_runtime_reconcile_time_seconds', ['controller']),
              legend: '{{controller}}',
            },
          ],
        },
        {
          title: 'Wait in the queue',
          kind: 'timeseries',
          unit: 's',
          shows: 'Time from ready to taken by a worker, 95th percentile, by controller.',
          normal: 'Milliseconds. Above that the workers are too few, or one key is slow.',
          alerts: [],
          queries: [
            {
              expr: quantile(0.95, 'workqueue_queue_duration_seconds', ['controller']),
              legend: '{{controller}}',
            },
          ],
        },
        {
          title: 'Workers in use',
          kind: 'timeseries',
          unit: 'percentunit',
          shows: 'Workers that reconcile now among those a controller has.',
          normal: 'Well below 100 %.',
          alerts: [],
          queries: [
            {
              expr: `sum by (controller) (${select('controller_runtime_active_workers', controller)}) / sum by (controller) (${select('controller_runtime_max_concurrent_reconciles', controller)})`,
              legend: '{{controller}}',
            },
          ],
        },
        {
          title: 'Retries',
          kind: 'timeseries',
          unit: 'reqps',
          shows: 'Keys added again after a failure, per second, by controller.',
          normal: '0, or single points.',
          alerts: ['GridleaseReconcileErrors'],
          queries: [
            {
              expr: perSecond('workqueue_retries_total', ['controller'], controller),
              legend: '{{controller}}',
            },
          ],
        },
      ],
    },
    runtimeCauses,
  ],
};
