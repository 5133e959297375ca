import type { Board } from './board.ts';
import { moneyCauses } from './moneyCauses.ts';
import { leaders, perSecond, select, total } from './promql.ts';

const byNamespace = 'namespace=~"$namespace"';
const runway = leaders('gridlease_escrow_runway_seconds', ['namespace', 'account'], byNamespace);

export const money: Board = {
  uid: 'gridlease-money',
  title: 'Gridlease / Money and chain',
  chart: 'gridlease-operator',
  program: 'operator',
  answers:
    'Is each GPU-second paid once and settled, who runs out of funds, and does the chain carry what is sent to it? Tokens are units of the ERC-20 in escrow, coins are what the chain takes for gas; both are rounded for display.',
  filters: [{ label: 'namespace', metric: 'gridlease_escrow_balance_tokens' }],
  rows: [
    {
      title: 'Is anything wrong?',
      panels: [
        {
          title: 'Shortest runway',
          kind: 'stat',
          unit: 's',
          shows:
            'How long the emptiest PaymentAccount can pay for its leases; 30 days where for all that they may cost.',
          normal: 'Above six hours. No value while nothing is committed.',
          alerts: ['GridleaseEscrowRunwayLow'],
          thresholds: { warning: 21600, critical: 3600, below: true },
          noValue: 'Nothing is committed',
          queries: [{ expr: `min(${runway})`, legend: 'runway' }],
        },
        {
          title: 'Leases whose money and pods disagree',
          kind: 'stat',
          unit: 'short',
          shows:
            'Leases that are paid and do not run, run and are not paid, or are known to one side only.',
          normal: '0.',
          alerts: [
            'GridleaseLeasePaidNotRunning',
            'GridleaseLeaseRunningNotPaid',
            'GridleaseLeaseLedgersDiffer',
          ],
          thresholds: { critical: 1 },
          queries: [{ expr: total('gridlease_lease_mismatch', ['kind'], []), legend: 'leases' }],
        },
        {
          title: 'Oldest lease not settled',
          kind: 'stat',
          unit: 's',
          shows: 'Age of the oldest ended lease whose payment is not final on the chain.',
          normal:
            'Below the time a provider collects vouchers for, plus the finality of the chain.',
          alerts: ['GridleaseSettlementStalled'],
          thresholds: { warning: 3600, critical: 93600 },
          queries: [
            { expr: `max(${select('gridlease_settlement_oldest_seconds')})`, legend: 'oldest' },
          ],
        },
        {
          title: 'Oldest transaction without a receipt',
          kind: 'stat',
          unit: 's',
          shows: 'How long the oldest transaction of the operator waits to be mined.',
          normal: 'A few block times, or 0.',
          alerts: ['GridleaseTransactionStuck'],
          thresholds: { warning: 600 },
          queries: [
            {
              expr: `max(${select('gridlease_chain_tx_oldest_pending_seconds')})`,
              legend: 'oldest',
            },
          ],
        },
        {
          title: 'Emptiest delegate',
          kind: 'stat',
          unit: 'suffix:coins',
          shows: "The chain's own coins that the poorest delegate key has for gas.",
          normal: 'Enough for days of transactions.',
          alerts: ['GridleaseDelegateBalanceLow'],
          thresholds: { warning: 0.001, below: true },
          queries: [
            {
              expr: `min(${leaders('gridlease_delegate_balance_coins', ['namespace', 'account'], byNamespace)})`,
              legend: 'coins',
            },
          ],
        },
        {
          title: 'Age of the chain',
          kind: 'stat',
          unit: 's',
          shows:
            'Time since the newest block that the operator has seen, of the chain that is furthest behind.',
          normal: 'A few block times.',
          alerts: ['GridleaseChainHeadStale'],
          thresholds: { warning: 300, critical: 1800 },
          queries: [
            {
              expr: `max(time() - ${leaders('gridlease_chain_head_timestamp_seconds', ['chain'])})`,
              legend: 'age',
            },
          ],
        },
      ],
    },
    {
      title: 'Who is hurt?',
      panels: [
        {
          title: 'Runway by account',
          kind: 'timeseries',
          unit: 's',
          shows:
            'How long each PaymentAccount can pay for its leases; 30 days where for all that they may cost.',
          normal:
            'Flat at 30 days, or rising steps. A line that falls towards 0 is a team whose leases will be suspended there.',
          alerts: ['GridleaseEscrowRunwayLow'],
          thresholds: { warning: 21600, critical: 3600, below: true },
          queries: [{ expr: runway, legend: '{{namespace}}/{{account}}' }],
        },
        {
          title: 'Escrow by account',
          kind: 'timeseries',
          unit: 'suffix:tokens',
          shows:
            'Tokens in escrow: free in the pool, reserved in channels, and promised by vouchers that nobody has claimed.',
          normal: 'free falls as reserved rises; promised falls at each settlement.',
          alerts: ['GridleaseEscrowRunwayLow'],
          queries: [
            {
              expr: leaders(
                'gridlease_escrow_balance_tokens',
                ['namespace', 'account', 'kind'],
                byNamespace,
              ),
              legend: '{{namespace}}/{{account}} {{kind}}',
            },
          ],
        },
        {
          title: 'Spending by namespace',
          kind: 'timeseries',
          unit: 'suffix:tokens/h',
          shows: 'Tokens that vouchers promised to providers, per hour, by namespace.',
          normal: 'At or below what is committed, in steps of the voucher interval.',
          alerts: [],
          stacked: true,
          queries: [
            {
              expr: `3600 * ${perSecond('gridlease_spent_tokens_total', ['namespace'], byNamespace)}`,
              legend: '{{namespace}}',
            },
          ],
        },
        {
          title: 'Committed by namespace',
          kind: 'timeseries',
          unit: 'suffix:tokens/h',
          shows: 'Price of all leases that run, in tokens per hour, by namespace.',
          normal: 'Follows the running jobs.',
          alerts: [],
          stacked: true,
          queries: [
            {
              expr: total(
                'gridlease_committed_tokens_per_hour',
                ['namespace'],
                ['namespace'],
                byNamespace,
              ),
              legend: '{{namespace}}',
            },
          ],
        },
      ],
    },
    ...moneyCauses,
  ],
};
