import type { Row } from './board.ts';
import { leaders, perSecond, quantile, total } from './promql.ts';

/** The second half of the overview: at which provider, and why. */
export const federationCauses: readonly Row[] = [
  {
    title: 'Where?',
    panels: [
      {
        title: 'Providers reached',
        kind: 'statetimeline',
        unit: 'short',
        shows: 'Which providers the hub hears, over time.',
        normal: 'up without a gap.',
        alerts: ['GridleaseProviderDown', 'GridleaseProviderFlapping'],
        thresholds: { critical: 1, below: true },
        words: ['down', 'up'],
        queries: [
          {
            expr: leaders('gridlease_provider_up', ['provider'], 'provider=~"$provider"'),
            legend: '{{provider}}',
          },
        ],
      },
      {
        title: 'Age of heartbeats',
        kind: 'timeseries',
        unit: 's',
        shows: 'Time since each provider last renewed its lease in the hub.',
        normal: 'A saw-tooth below 20 seconds.',
        alerts: ['GridleaseProviderDown'],
        queries: [
          {
            expr: `time() - ${leaders('gridlease_provider_heartbeat_timestamp_seconds', ['provider'], 'provider=~"$provider"')}`,
            legend: '{{provider}}',
          },
        ],
      },
      {
        title: 'GPUs by provider',
        kind: 'timeseries',
        unit: 'suffix:GPUs',
        shows: 'GPUs that each provider states, by what they do.',
        normal: 'unhealthy is 0; leased follows the jobs.',
        alerts: [],
        stacked: true,
        queries: [
          {
            expr: total(
              'gridlease_provider_gpus',
              ['provider', 'product', 'state'],
              ['provider', 'state'],
              'provider=~"$provider"',
            ),
            legend: '{{provider}} {{state}}',
          },
        ],
      },
      {
        title: 'Leases placed',
        kind: 'timeseries',
        unit: 'suffix:/min',
        shows: 'Leases that the operator wrote, per minute, by provider.',
        normal: 'Follows the jobs; cheap providers get more.',
        alerts: [],
        queries: [
          {
            expr: `60 * ${perSecond('gridlease_placements_total', ['provider'], 'provider=~"$provider"')}`,
            legend: '{{provider}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Why?',
    panels: [
      {
        title: 'Age of the chain as the operator sees it',
        kind: 'timeseries',
        unit: 's',
        shows: 'Time since the newest block that the operator has seen, by chain.',
        normal: 'A few block times.',
        alerts: ['GridleaseChainHeadStale'],
        width: 8,
        leadsTo: 'gridlease-money',
        thresholds: { warning: 300, critical: 1800 },
        queries: [
          {
            expr: `time() - ${leaders('gridlease_chain_head_timestamp_seconds', ['chain'])}`,
            legend: '{{chain}}',
          },
        ],
      },
      {
        title: 'Time to settle',
        kind: 'timeseries',
        unit: 's',
        shows: 'From the end of a lease to its payment being final, 95th percentile.',
        normal: 'Flat. No line while nothing settles.',
        alerts: ['GridleaseSettlementStalled'],
        width: 8,
        queries: [
          { expr: quantile(0.95, 'gridlease_settlement_lag_seconds'), legend: '95th percentile' },
        ],
      },
      {
        title: 'Reconciliations that failed',
        kind: 'timeseries',
        unit: 'reqps',
        shows: 'Failed reconciliations per second, by controller.',
        normal: '0, with single points when an API server or the chain restarts.',
        alerts: ['GridleaseReconcileErrors'],
        width: 8,
        leadsTo: 'gridlease-controllers',
        queries: [
          {
            expr: perSecond('controller_runtime_reconcile_errors_total', ['controller']),
            legend: '{{controller}}',
          },
        ],
      },
    ],
  },
];
