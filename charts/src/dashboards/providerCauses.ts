import type { Row } from './board.ts';
import { perSecond, quantile, select } from './promql.ts';

/** The last row of the provider's board: what stands between the agent and its money. */
export const providerCauses: Row = {
  title: 'Why?',
  panels: [
    {
      title: 'Decisions on leases',
      kind: 'timeseries',
      unit: 'suffix:/min',
      shows: 'Leases that the agent accepted, or refused with a reason, per minute.',
      normal: 'accepted only. A refusal is what the tenant sees on the job.',
      alerts: [],
      width: 8,
      queries: [
        {
          expr: `60 * ${perSecond('gridlease_lease_decisions_total', ['outcome', 'reason'])}`,
          legend: '{{outcome}} {{reason}}',
        },
      ],
    },
    {
      title: 'Usage statements',
      kind: 'timeseries',
      unit: 'reqps',
      shows: 'Statements signed and published to hubs, per second.',
      normal: 'One for each channel in the voucher interval, both lines alike.',
      alerts: [],
      width: 8,
      queries: [
        { expr: perSecond('gridlease_statements_total', ['result']), legend: '{{result}}' },
      ],
    },
    {
      title: 'Vouchers received',
      kind: 'timeseries',
      unit: 'reqps',
      shows: 'Vouchers of hubs per second, by whether they verified.',
      normal: 'stored follows the statements; invalid is 0.',
      alerts: [],
      width: 8,
      queries: [{ expr: perSecond('gridlease_vouchers_total', ['result']), legend: '{{result}}' }],
    },
    {
      title: 'Transactions',
      kind: 'timeseries',
      unit: 'suffix:/min',
      shows: 'Settlements and withdrawals per minute, and what became of them.',
      normal: 'sent and final follow each other.',
      alerts: ['GridleaseEarningsUnredeemed'],
      width: 8,
      queries: [
        {
          expr: `60 * ${perSecond('gridlease_chain_tx_total', ['op', 'result'])}`,
          legend: '{{op}} {{result}}',
        },
      ],
    },
    {
      title: 'RPC latency',
      kind: 'timeseries',
      unit: 's',
      shows: "How long requests to the chain's RPC take, 95th percentile, by method.",
      normal: 'Flat, well below the block time.',
      alerts: ['GridleaseAgentChainStale'],
      width: 8,
      queries: [
        {
          expr: quantile(0.95, 'gridlease_chain_rpc_duration_seconds', ['method']),
          legend: '{{method}}',
        },
      ],
    },
    {
      title: 'Last questions before a fence',
      kind: 'timeseries',
      unit: 'suffix:/h',
      shows:
        'Times per hour that the agent asked the hub whether a lease is still its own before it would kill the pods.',
      normal: '0. Not 0 while the hub does not answer heartbeats.',
      alerts: ['GridleaseHubUnreachable'],
      width: 8,
      queries: [
        {
          expr: `3600 * ${perSecond('gridlease_fence_checks_total', ['outcome'])}`,
          legend: '{{outcome}}',
        },
      ],
    },
    {
      title: 'Reconciliations that failed',
      kind: 'timeseries',
      unit: 'reqps',
      shows: 'Failed reconciliations of the agent per second, by controller.',
      normal: '0, with single points when an API server or the chain restarts.',
      alerts: ['GridleaseReconcileErrors'],
      queries: [
        {
          expr: perSecond('controller_runtime_reconcile_errors_total', ['controller']),
          legend: '{{controller}}',
        },
      ],
    },
    {
      title: 'Time left of tokens',
      kind: 'timeseries',
      unit: 's',
      shows: 'How long the tokens for hubs are still valid; the agent renews them itself.',
      normal: 'A saw-tooth below one hour that never comes near 0.',
      alerts: ['GridleaseTokenExpiring'],
      thresholds: { critical: 600, below: true },
      queries: [
        {
          // Each replica has a token of its own: the one that ends first counts.
          expr: `min by (cluster, job, target) (${select('gridlease_token_expiry_timestamp_seconds')}) - time()`,
          legend: '{{target}}',
        },
      ],
    },
  ],
};
