import type { Row } from './board.ts';
import { perSecond, quantile, select, total } from './promql.ts';

/** The second half of the jobs board: at which stage, and why. */
export const jobsCauses: readonly Row[] = [
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
];
