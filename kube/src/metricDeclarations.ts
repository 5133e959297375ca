import type { Registry } from 'prom-client';
import { withValues } from './closedValues.ts';
import { type Declare, declarations } from './declareMetric.ts';
import { watchEnds } from './watchEnd.ts';

/** Says how many metrics are missing on a page. */
export const unreadableName = 'gridlease_unreadable_metrics';

const reconcileBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
  1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const requestBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
const sizeBuckets = [64, 256, 512, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216];
const queueBuckets = Array.from({ length: 12 }, (_, index) => Number(`1e${index - 8}`));

function ofControllers({ counter, gauge, computed, histogram }: Declare) {
  const controller = ['controller'] as const;
  return {
    reconcileTotal: counter(
      'controller_runtime_reconcile_total',
      'Reconciliations per controller and result.',
      ['controller', 'result'],
    ),
    reconcileErrors: counter(
      'controller_runtime_reconcile_errors_total',
      'Reconciliations that failed.',
      controller,
    ),
    terminalErrors: counter(
      'controller_runtime_terminal_reconcile_errors_total',
      'Reconciliations that failed in a way that is not retried.',
      controller,
    ),
    reconcilePanics: counter(
      'controller_runtime_reconcile_panics_total',
      'Reconciliations that ended in a programming error.',
      controller,
    ),
    reconcileTimeouts: counter(
      'controller_runtime_reconcile_timeouts_total',
      'Reconciliations that ran past their time limit.',
      controller,
    ),
    reconcileConflicts: counter(
      'gridlease_reconcile_conflicts_total',
      'Reconciliations that lost a race on a resourceVersion and were repeated.',
      controller,
    ),
    oldestFailure: computed(
      'gridlease_oldest_failure_seconds',
      'For how long the object whose work fails longest has failed each time, by controller; 0 while none fails. Lost races do not count.',
      controller,
    ),
    reconcileTime: histogram(
      'controller_runtime_reconcile_time_seconds',
      'Length of a reconciliation.',
      controller,
      reconcileBuckets,
    ),
    maxConcurrent: gauge(
      'controller_runtime_max_concurrent_reconciles',
      'Workers a controller has.',
      controller,
    ),
    activeWorkers: gauge(
      'controller_runtime_active_workers',
      'Workers that are reconciling now.',
      controller,
    ),
  };
}

function ofWorkQueues({ counter, gauge, computed, histogram }: Declare) {
  const queue = ['name', 'controller'] as const;
  return {
    queueDepth: gauge('workqueue_depth', 'Keys that are ready and wait for a worker.', [
      'name',
      'controller',
      'priority',
    ]),
    queueAdds: counter('workqueue_adds_total', 'Keys added to the queue.', queue),
    queueRetries: counter('workqueue_retries_total', 'Keys added again after a failure.', queue),
    queueDuration: histogram(
      'workqueue_queue_duration_seconds',
      'Time from ready to taken by a worker.',
      queue,
      queueBuckets,
    ),
    workDuration: histogram(
      'workqueue_work_duration_seconds',
      'Time a worker held a key.',
      queue,
      queueBuckets,
    ),
    unfinishedWork: computed(
      'workqueue_unfinished_work_seconds',
      'Seconds of work in progress, over all workers; large values mean stuck workers.',
      queue,
    ),
    longestRunning: computed(
      'workqueue_longest_running_processor_seconds',
      'Seconds the longest running worker has held its key.',
      queue,
    ),
  };
}

function ofRequests({ counter, histogram }: Declare) {
  const call = ['verb', 'host'] as const;
  return {
    restRequests: counter('rest_client_requests_total', 'Requests to an API server.', [
      'code',
      'method',
      'host',
    ]),
    restDuration: histogram(
      'rest_client_request_duration_seconds',
      'Time from sending a request to having its answer.',
      call,
      requestBuckets,
    ),
    restRequestSize: histogram(
      'rest_client_request_size_bytes',
      'Size of request bodies.',
      call,
      sizeBuckets,
    ),
    restResponseSize: histogram(
      'rest_client_response_size_bytes',
      'Size of response bodies.',
      call,
      sizeBuckets,
    ),
    restRetries: counter('rest_client_request_retries_total', 'Requests that were repeated.', [
      'code',
      'verb',
      'host',
    ]),
  };
}

function ofLeader({ counter, gauge }: Declare) {
  return {
    leaderStatus: gauge(
      'leader_election_master_status',
      '1 while this process leads, by lock name.',
      ['name'],
    ),
    leaderSlowpath: counter(
      'leader_election_slowpath_total',
      'Lease renewals that needed a read first, by lock name.',
      ['name'],
    ),
  };
}

function ofInformers({ counter, gauge, computed }: Declare) {
  /** The API server's name; `cluster` is the label that a Prometheus of several clusters adds. */
  const informer = ['target', 'kind'] as const;
  return {
    informerObjects: gauge('gridlease_informer_objects', 'Objects in the cache.', informer),
    informerAge: computed(
      'gridlease_informer_age_seconds',
      'Seconds since the API server was last heard on this watch; large values mean a stale cache.',
      informer,
    ),
    informerChanges: counter(
      'gridlease_informer_changes_total',
      'Changes applied to the cache.',
      informer,
    ),
    informerLists: counter('gridlease_informer_lists_total', 'Full lists applied.', informer),
    informerRefused: counter(
      'gridlease_informer_refused_total',
      'Lists refused because they were older than the cache.',
      informer,
    ),
    informerWatchEnds: counter(
      'gridlease_informer_watch_ends_total',
      'Watches that ended, by how: clean, cut, silent, empty, expired, error, unreachable.',
      ['target', 'kind', 'reason'],
    ),
    informerHandlerErrors: counter(
      'gridlease_informer_handler_errors_total',
      'Change handlers that threw.',
      informer,
    ),
  };
}

function ofProgram({ counter, gauge }: Declare) {
  return {
    tokenExpiry: gauge(
      'gridlease_token_expiry_timestamp_seconds',
      'When the token for a cluster ends, Unix time.',
      ['target'],
    ),
    unreadable: gauge(
      unreadableName,
      'Metrics that are not on this page because reading them failed: a programming error. The log says which.',
      [],
    ),
    eventsTotal: counter(
      'gridlease_events_total',
      'Kubernetes Events by outcome: written, repeated, dropped, failed.',
      ['outcome'],
    ),
  };
}

/** All of the runtime's metrics, new in this registry. */
export function declareMetrics(registry: Registry) {
  const collectors = new Set<() => void>();
  const declare = declarations(registry, collectors);
  const metrics = {
    registry,
    /** Asked before the gauges that are computed are read. */
    collectors,
    ...ofControllers(declare),
    ...ofWorkQueues(declare),
    ...ofRequests(declare),
    ...ofLeader(declare),
    ...ofInformers(declare),
    ...ofProgram(declare),
  };
  withValues(metrics.reconcileTotal, {
    result: ['success', 'error', 'requeue', 'requeue_after'],
  });
  withValues(metrics.informerWatchEnds, { reason: watchEnds });
  withValues(metrics.eventsTotal, { outcome: ['written', 'repeated', 'dropped', 'failed'] });
  return metrics;
}
