import type { Board } from './board.ts';
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
          width: 12,
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
    {
      title: 'At which stage?',
      panels: [
        {
          title: 'Time in each stage',
          kind: 'timeseries',
          unit: 's',
          shows:
            'How long jobs took from stage to stage, 95th percentile: admit, match, accept, fund, provision, deliver.',
          normal: 'Each flat. A stage without a line had no job in the interval.',
          alerts: [],
          queries: [
            {
              expr: quantile(0.95, 'gridlease_job_stage_duration_seconds', ['stage']),
              legend: '{{stage}}',
            },
          ],
        },
        {
          title: 'Time to start, by product',
          kind: 'timeseries',
          unit: 's',
          shows:
            'From the creation of a job to its first task delivering: median and 95th percentile, by GPU product.',
          normal: 'Flat, and the same for all products that have free GPUs.',
          alerts: [],
          queries: [
            {
              expr: quantile(0.5, 'gridlease_job_start_seconds', ['product']),
              legend: '{{product}} median',
            },
            {
              expr: quantile(0.95, 'gridlease_job_start_seconds', ['product']),
              legend: '{{product}} 95th percentile',
            },
          ],
        },
        {
          title: 'Leases placed',
          kind: 'timeseries',
          unit: 'suffix:/min',
          shows: 'Leases that the operator wrote, per minute, over all providers.',
          normal: 'Follows the jobs that come. 0 while jobs wait: look at the reasons below.',
          alerts: [],
          queries: [
            { expr: `60 * ${perSecond('gridlease_placements_total', [])}`, legend: 'leases' },
          ],
        },
        {
          title: 'Time to decide a placement',
          kind: 'timeseries',
          unit: 's',
          shows: 'How long one placement decision takes, 95th percentile.',
          normal: 'Milliseconds; grows with offers and waiting jobs.',
          alerts: [],
          queries: [
            {
              expr: quantile(0.95, 'gridlease_placement_decision_seconds'),
              legend: '95th percentile',
            },
          ],
        },
      ],
    },
    {
      title: 'Why?',
      panels: [
        {
          title: 'GPUs waited for, by reason',
          kind: 'timeseries',
          unit: 'suffix:GPUs',
          shows: 'GPUs that waiting tasks ask for, by the reason on the job.',
          normal:
            '0 for each. Large jobs weigh here as they do for the provider; the overview counts jobs.',
          alerts: ['GridleaseJobsStuckWaiting'],
          stacked: true,
          queries: [
            { expr: total('gridlease_gpus_waiting', ['reason'], ['reason']), legend: '{{reason}}' },
          ],
        },
        {
          title: 'Free GPUs, by product',
          kind: 'timeseries',
          unit: 'suffix:GPUs',
          shows: 'GPUs that providers state as free, by product.',
          normal: 'Above 0 for each product that jobs ask for.',
          alerts: [],
          queries: [
            {
              expr: total(
                'gridlease_provider_gpus',
                ['provider', 'product', 'state'],
                ['product'],
                'state="free"',
              ),
              legend: '{{product}}',
            },
          ],
        },
        {
          title: 'Lowest price, by product',
          kind: 'timeseries',
          unit: 'suffix:tokens',
          shows: "The cheapest valid offer for a GPU-hour, in tokens of the escrow's ERC-20.",
          normal: 'Changes only when a provider changes its offer.',
          alerts: [],
          queries: [
            {
              expr: `min by (product) (${select('gridlease_offer_gpu_hour_price_tokens')})`,
              legend: '{{product}}',
            },
          ],
        },
        {
          title: 'Refusals by providers',
          kind: 'timeseries',
          unit: 'suffix:/h',
          shows: 'Leases that providers refused, per hour, by reason.',
          normal: '0; single ones where two hubs want the last GPU at once.',
          alerts: [],
          queries: [
            {
              expr: `3600 * ${perSecond('gridlease_lease_refusals_total', ['reason'])}`,
              legend: '{{reason}}',
            },
          ],
        },
      ],
    },
  ],
};
