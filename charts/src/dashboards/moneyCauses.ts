import type { Row } from './board.ts';
import { leaders, perSecond, quantile, select, total } from './promql.ts';

/** The second half of the money board: at which provider, and what the chain has to do with it. */
export const moneyCauses: readonly Row[] = [
  {
    title: 'Where?',
    panels: [
      {
        title: 'GPU time stated and paid, by provider',
        kind: 'timeseries',
        unit: 'suffix:GPUs',
        shows: 'GPU-seconds per second that each provider states, and that the operator pays.',
        normal: 'Both lines lie on each other, one voucher interval apart.',
        alerts: ['GridleaseLeaseIntegrityBurn'],
        queries: [
          {
            expr: perSecond('gridlease_stated_gpu_seconds_total', ['provider']),
            legend: '{{provider}} stated',
          },
          {
            expr: perSecond('gridlease_paid_gpu_seconds_total', ['provider']),
            legend: '{{provider}} paid',
          },
        ],
      },
      {
        title: 'Promised and not claimed, by provider',
        kind: 'timeseries',
        unit: 'suffix:tokens',
        shows: 'What vouchers promise each provider, less what it has claimed on the chain.',
        normal: 'A saw-tooth: it grows while leases run and falls at each settlement.',
        alerts: ['GridleaseSettlementDrift'],
        queries: [
          {
            expr: leaders('gridlease_settlement_drift_tokens', ['provider']),
            legend: '{{provider}}',
          },
        ],
      },
      {
        title: 'Leases by state',
        kind: 'timeseries',
        unit: 'short',
        shows:
          'Leases of all providers by state; unsettled ones have ended and are not final on the chain.',
        normal: 'unsettled returns to 0 after each wave.',
        alerts: ['GridleaseSettlementStalled'],
        stacked: true,
        queries: [
          {
            expr: total('gridlease_leases', ['provider', 'state'], ['state']),
            legend: '{{state}}',
          },
        ],
      },
      {
        title: 'Usage statements',
        kind: 'timeseries',
        unit: 'reqps',
        shows:
          'Statements of providers that the operator looked at, per second, by what became of them.',
        normal: 'accepted only; waiting now and then.',
        alerts: [],
        queries: [
          { expr: perSecond('gridlease_statements_total', ['result']), legend: '{{result}}' },
        ],
      },
    ],
  },
  {
    title: 'Why?',
    panels: [
      {
        title: 'Time to settle',
        kind: 'timeseries',
        unit: 's',
        shows: 'From the end of a lease to its payment being final: median and 95th percentile.',
        normal: 'Flat. No line while nothing settles.',
        alerts: ['GridleaseSettlementStalled'],
        width: 8,
        queries: [
          { expr: quantile(0.5, 'gridlease_settlement_lag_seconds'), legend: 'median' },
          { expr: quantile(0.95, 'gridlease_settlement_lag_seconds'), legend: '95th percentile' },
        ],
      },
      {
        title: 'Transactions',
        kind: 'timeseries',
        unit: 'suffix:/min',
        shows: 'Transactions of the delegates per minute, by operation and what became of them.',
        normal: 'sent and final follow each other; refused and dropped are 0.',
        alerts: ['GridleaseTransactionStuck'],
        width: 8,
        queries: [
          {
            expr: `60 * ${perSecond('gridlease_chain_tx_total', ['op', 'result'])}`,
            legend: '{{op}} {{result}}',
          },
        ],
      },
      {
        title: 'Transactions pending',
        kind: 'timeseries',
        unit: 'short',
        shows: 'Transactions of the delegates that are sent and not final, by operation.',
        normal: 'Bumps that last as long as the finality of the chain.',
        alerts: ['GridleaseTransactionStuck'],
        width: 8,
        queries: [{ expr: total('gridlease_chain_tx_pending', ['op'], ['op']), legend: '{{op}}' }],
      },
      {
        title: 'Time to confirm',
        kind: 'timeseries',
        unit: 's',
        shows: 'From sending a transaction to its being final, 95th percentile, by operation.',
        normal: 'The finality of the chain.',
        alerts: ['GridleaseTransactionStuck'],
        width: 8,
        queries: [
          {
            expr: quantile(0.95, 'gridlease_chain_tx_confirmation_seconds', ['op']),
            legend: '{{op}}',
          },
        ],
      },
      {
        title: 'RPC latency',
        kind: 'timeseries',
        unit: 's',
        shows: "How long requests to the chain's RPC take, 95th percentile, by method.",
        normal: 'Flat, well below the block time.',
        alerts: ['GridleaseChainHeadStale'],
        width: 8,
        queries: [
          {
            expr: quantile(0.95, 'gridlease_chain_rpc_duration_seconds', ['method']),
            legend: '{{method}}',
          },
        ],
      },
      {
        title: 'RPC requests without an answer',
        kind: 'timeseries',
        unit: 'reqps',
        shows: 'Requests to the chain that had no answer, per second, by chain.',
        normal: '0.',
        alerts: ['GridleaseChainHeadStale'],
        width: 8,
        queries: [
          {
            expr: perSecond('gridlease_chain_request_errors_total', ['chain']),
            legend: '{{chain}}',
          },
        ],
      },
      {
        title: 'Gas spent',
        kind: 'timeseries',
        unit: 'suffix:coins/h',
        shows: "The chain's own coins that transactions cost, per hour, by operation.",
        normal: 'In proportion to the channels that are funded.',
        alerts: ['GridleaseDelegateBalanceLow'],
        width: 8,
        queries: [
          {
            expr: `3600 * ${perSecond('gridlease_chain_gas_coins_total', ['op'])}`,
            legend: '{{op}}',
          },
        ],
      },
      {
        title: 'Coins of delegates',
        kind: 'timeseries',
        unit: 'suffix:coins',
        shows: "The chain's own coins that each delegate key has for gas.",
        normal: 'Falls slowly, and rises when somebody refills it.',
        alerts: ['GridleaseDelegateBalanceLow'],
        width: 8,
        thresholds: { warning: 0.001, below: true },
        queries: [
          {
            expr: leaders(
              'gridlease_delegate_balance_coins',
              ['namespace', 'account'],
              'namespace=~"$namespace"',
            ),
            legend: '{{namespace}}/{{account}}',
          },
        ],
      },
      {
        title: 'Reorganisations',
        kind: 'timeseries',
        unit: 'suffix:/h',
        shows: 'Times that the chain replaced blocks which the operator had seen, per hour.',
        normal: '0 on most chains. Nothing is lost: only final blocks count.',
        alerts: [],
        width: 8,
        queries: [
          {
            expr: `3600 * sum by (chain) (rate(${select('gridlease_chain_reorgs_total')}[$__rate_interval]))`,
            legend: '{{chain}}',
          },
        ],
      },
    ],
  },
];
