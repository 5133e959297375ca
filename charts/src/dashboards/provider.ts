import type { Board } from './board.ts';
import { leaders, perSecond, select, total } from './promql.ts';
import { providerCauses } from './providerCauses.ts';

export const provider: Board = {
  uid: 'gridlease-provider',
  title: 'Gridlease / Provider',
  chart: 'gridlease-provider-agent',
  program: 'provider-agent',
  answers: 'Does this provider serve its hubs, earn for what it delivers, and get it paid out?',
  filters: [],
  rows: [
    {
      title: 'Is anything wrong?',
      panels: [
        {
          title: 'Hub last heard',
          kind: 'stat',
          unit: 's',
          shows:
            'Time since the last heartbeat that a hub acknowledged. Pods of leases that must not run twice are killed at 60 seconds.',
          normal: 'Below 20 seconds.',
          alerts: ['GridleaseHubUnreachable'],
          thresholds: { critical: 30 },
          queries: [
            {
              expr: `max(min by (cluster, job) (${select('gridlease_heartbeat_age_seconds')}))`,
              legend: 'age',
            },
          ],
        },
        {
          title: 'Fenced pods left',
          kind: 'stat',
          unit: 'short',
          shows: 'Pods of leases that the hub may have given to others, and that are still there.',
          normal: '0.',
          alerts: ['GridleaseFencePodsLeft'],
          thresholds: { critical: 1 },
          queries: [{ expr: `max(${select('gridlease_fence_pods_left')})`, legend: 'pods' }],
        },
        {
          title: 'Unhealthy GPUs',
          kind: 'stat',
          unit: 'suffix:GPUs',
          shows:
            'GPUs of the cluster that the device plugin reports as unhealthy. They are neither offered nor billed.',
          normal: '0.',
          alerts: ['GridleaseGPUsUnhealthy'],
          thresholds: { warning: 1 },
          queries: [{ expr: `max(${select('gridlease_unhealthy_gpus')})`, legend: 'GPUs' }],
        },
        {
          title: 'Oldest earning not redeemed',
          kind: 'stat',
          unit: 's',
          shows: 'Age of the oldest voucher that is not claimed on the chain.',
          normal: 'Below the maximum delay of the redeem settings.',
          alerts: ['GridleaseEarningsUnredeemed'],
          thresholds: { warning: 93600 },
          queries: [
            { expr: `max(${select('gridlease_oldest_unredeemed_seconds')})`, legend: 'oldest' },
          ],
        },
        {
          title: 'Coins for gas',
          kind: 'stat',
          unit: 'suffix:coins',
          shows: "The chain's own coins that the agent's gas key has.",
          normal: 'Enough for days of settlements.',
          alerts: ['GridleaseGasBalanceLow'],
          thresholds: { warning: 0.001, below: true },
          queries: [{ expr: `min(${select('gridlease_gas_balance_coins')})`, legend: 'coins' }],
        },
        {
          title: 'Age of the chain',
          kind: 'stat',
          unit: 's',
          shows:
            'Age of the newest block that the agent sees. Without a view of the chain no new lease is accepted.',
          normal: 'A few block times.',
          alerts: ['GridleaseAgentChainStale'],
          thresholds: { warning: 300 },
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
      title: 'What does it cost?',
      panels: [
        {
          title: 'Earned',
          kind: 'timeseries',
          unit: 'suffix:tokens/h',
          shows: "What hubs' vouchers promise, in tokens per hour.",
          normal: 'In proportion to the GPUs delivered.',
          alerts: [],
          width: 8,
          queries: [
            {
              expr: `3600 * ${perSecond('gridlease_provider_earned_tokens_total', [])}`,
              legend: 'earned',
            },
          ],
        },
        {
          title: 'Promised and not claimed',
          kind: 'timeseries',
          unit: 'suffix:tokens',
          shows:
            'What vouchers promise, less what is claimed on the chain. This much is lost with the vouchers.',
          normal: 'A saw-tooth: it falls at each settlement.',
          alerts: ['GridleaseEarningsUnredeemed'],
          width: 8,
          queries: [
            { expr: total('gridlease_provider_unsettled_tokens', [], []), legend: 'unsettled' },
          ],
        },
        {
          title: 'Rows that hubs refuse to pay',
          kind: 'timeseries',
          unit: 'short',
          shows:
            'Rows of usage statements that hubs dispute now; the leases of these are suspended.',
          normal: '0.',
          alerts: ['GridleaseRowsRefused'],
          width: 8,
          thresholds: { warning: 1 },
          queries: [{ expr: total('gridlease_refused_rows', [], []), legend: 'rows' }],
        },
      ],
    },
    {
      title: 'Where?',
      panels: [
        {
          title: 'GPUs',
          kind: 'timeseries',
          unit: 'suffix:GPUs',
          shows:
            'GPUs of the cluster by product: in all, healthy, leased, free, and used by others.',
          normal: 'healthy equals capacity; leased follows the hubs.',
          alerts: ['GridleaseGPUsUnhealthy'],
          queries: [
            {
              expr: total('gridlease_gpus', ['product', 'state'], ['product', 'state']),
              legend: '{{product}} {{state}}',
            },
          ],
        },
        {
          title: 'GPUs that deliver',
          kind: 'timeseries',
          unit: 'suffix:GPUs',
          shows: 'GPU-seconds metered per second: GPUs whose tenant containers run and are billed.',
          normal: 'Close to the leased GPUs; image pulls and back-off are not billed.',
          alerts: [],
          queries: [{ expr: perSecond('gridlease_gpu_seconds_total', []), legend: 'delivering' }],
        },
        {
          title: 'Leases by state',
          kind: 'timeseries',
          unit: 'short',
          shows: 'Leases of all hubs that this agent knows, by state.',
          normal: 'Few are anything but running.',
          alerts: [],
          stacked: true,
          queries: [
            { expr: total('gridlease_agent_leases', ['state'], ['state']), legend: '{{state}}' },
          ],
        },
        {
          title: 'Age of the inventory',
          kind: 'timeseries',
          unit: 's',
          shows:
            'Time since the agent last wrote its inventory to a hub; it writes on change only.',
          normal: 'Falls to 0 whenever a lease begins or ends.',
          alerts: [],
          queries: [
            {
              expr: `time() - ${leaders('gridlease_inventory_timestamp_seconds', [])}`,
              legend: 'inventory',
            },
          ],
        },
      ],
    },
    providerCauses,
  ],
};
