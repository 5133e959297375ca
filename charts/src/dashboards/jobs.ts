import type { Board } from './board.ts';
import { jobsCauses } from './jobsCauses.ts';
import { perSecond, quantile, select, total } from './promql.ts';

const byNamespace = 'namespace=~"$namespace"';

export const jobs: Board = {
  uid: 'gridlease-jobs',
  title: 'Gridlease / Jobs and queue',
  chart: 'gridlease-operator',
  program: 'operator',
  answers:
    'Do jobs start and end as they should, whose do not, at which stage, and for what reason?',
  filters: [{ label: 'namespace', metric: 'gridlease_jobs' }],
  rows: [
    {
      title: 'Is anything wrong?',
      panels: [
        {
          title: 'Jobs that wait',
          kind: 'stat',
          unit: 'short',
          shows: 'Jobs of the chosen namespaces with no task running and no place yet.',
          normal: 'Falls back to 0 within the start deadline of the jobs.',
          alerts: ['GridleaseJobsStuckWaiting'],
          queries: [
            {
              expr: total(
                'gridlease_jobs',
                ['namespace', 'state'],
                [],
                'state="waiting"',
                byNamespace,
              ),
              legend: 'waiting',
            },
          ],
        },
        {
          title: 'Longest wait for a place',
          kind: 'stat',
          unit: 's',
          shows:
            'For how long no task has found a place of the job that has waited longest, in all namespaces.',
          normal: 'Below half an hour, also while the queue is never empty.',
          alerts: ['GridleaseJobsStuckWaiting'],
          thresholds: { warning: 1800 },
          queries: [
            {
              expr: `max(${select('gridlease_jobs_waiting_oldest_seconds', 'reason!="PartlyPlaced"')})`,
              legend: 'longest',
            },
          ],
        },
        {
          title: 'Longest start now',
          kind: 'stat',
          unit: 's',
          shows: 'How long ago the lease was accepted that has been on its way to run for longest.',
          normal: '0, or the time of a transaction and an image pull.',
          alerts: ['GridleaseLeaseNotStarting'],
          thresholds: { warning: 600 },
          queries: [
            {
              expr: `max(${select('gridlease_lease_starting_oldest_seconds')})`,
              legend: 'longest',
            },
          ],
        },
        {
          title: 'GPUs waited for',
          kind: 'stat',
          unit: 'suffix:GPUs',
          shows: 'GPUs that the waiting tasks of all namespaces ask for together.',
          normal: '0, or what the budget of the tenants holds back.',
          alerts: ['GridleaseJobsStuckWaiting'],
          queries: [{ expr: total('gridlease_gpus_waiting', ['reason'], []), legend: 'GPUs' }],
        },
        {
          title: 'Time to start, 95th percentile',
          kind: 'stat',
          unit: 's',
          shows:
            'From the creation of a job to its first task delivering, over the range of the board.',
          normal:
            'Seconds on a warm channel, the time of a transaction and an image pull on a cold one.',
          alerts: [],
          noValue: 'No job started',
          queries: [
            {
              expr: quantile(0.95, 'gridlease_job_start_seconds', [], '$__range'),
              legend: 'start',
            },
          ],
        },
        {
          title: 'Jobs that ended',
          kind: 'stat',
          unit: 'short',
          shows: 'Jobs that ended in the range of the board, by result.',
          normal:
            'Few failures: a job fails for what its program did or for what the market lacked.',
          alerts: [],
          queries: [
            {
              expr: `sum by (result) (increase(${select('gridlease_jobs_finished_total')}[$__range]))`,
              legend: '{{result}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Who is hurt?',
      panels: [
        {
          title: 'Jobs not running yet, by namespace',
          kind: 'timeseries',
          unit: 'short',
          shows: 'Jobs that wait or start, by namespace.',
          normal:
            'Bumps as jobs come. One namespace that stays up alone has a budget or a wish of its own to look at.',
          alerts: ['GridleaseJobsStuckWaiting'],
          stacked: true,
          queries: [
            {
              expr: total(
                'gridlease_jobs',
                ['namespace', 'state'],
                ['namespace'],
                'state=~"waiting|starting"',
                byNamespace,
              ),
              legend: '{{namespace}}',
            },
          ],
        },
        {
          title: 'Jobs running, by namespace',
          kind: 'timeseries',
          unit: 'short',
          shows: 'Jobs with a task that delivers, by namespace.',
          normal: 'Follows what the tenants apply.',
          alerts: [],
          stacked: true,
          queries: [
            {
              expr: total(
                'gridlease_jobs',
                ['namespace', 'state'],
                ['namespace'],
                'state="running"',
                byNamespace,
              ),
              legend: '{{namespace}}',
            },
          ],
        },
        {
          title: 'Jobs ended, by reason',
          kind: 'timeseries',
          unit: 'suffix:/h',
          shows: 'Jobs that ended, per hour, by result and reason.',
          normal: 'Completed only.',
          alerts: [],
          queries: [
            {
              expr: `3600 * ${perSecond('gridlease_jobs_finished_total', ['result', 'reason'])}`,
              legend: '{{result}} {{reason}}',
            },
          ],
        },
        {
          title: 'Interruptions, by reason',
          kind: 'timeseries',
          unit: 'suffix:/h',
          shows: 'Attempts at tasks that ended before their work did, per hour.',
          normal: '0.',
          alerts: ['GridleaseProviderFlapping'],
          queries: [
            {
              expr: `3600 * ${perSecond('gridlease_job_interruptions_total', ['reason'])}`,
              legend: '{{reason}}',
            },
          ],
        },
      ],
    },
    ...jobsCauses,
  ],
};
