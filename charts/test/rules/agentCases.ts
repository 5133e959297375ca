import { type AlertCase, build, steady } from './case.ts';

const where = 'namespace="gridlease-agent", job="agent"';
const labels = { namespace: 'gridlease-agent', job: 'agent' };
const gauge = (metric: string, values: string, instance = 'a') => ({
  [`${metric}{${where}, instance="${instance}"}`]: values,
});

/** A block a minute, or one that stands still at the second 0. */
const head = (values: string) => ({
  ...build('provider-agent'),
  [`gridlease_chain_head_timestamp_seconds{${where}, chain="local", instance="a"}`]: values,
});

/** What a provider watches about itself. */
export const agentCases: readonly AlertCase[] = [
  {
    alert: 'GridleaseHubUnreachable',
    severity: 'critical',
    labels,
    fires: { series: gauge('gridlease_heartbeat_age_seconds', '0+60x100'), minute: 1 },
    // One of two replicas is cut off by itself: nothing is lost.
    quiet: {
      series: {
        ...gauge('gridlease_heartbeat_age_seconds', '0+60x100'),
        ...gauge('gridlease_heartbeat_age_seconds', steady(9), 'b'),
      },
      minute: 30,
    },
  },
  {
    alert: 'GridleaseAgentChainStale',
    severity: 'warning',
    labels: { ...labels, chain: 'local' },
    fires: { series: head(steady(0)), minute: 6 },
    quiet: { series: head('0+60x2880'), minute: 60 },
  },
  {
    alert: 'GridleaseFencePodsLeft',
    severity: 'critical',
    labels,
    fires: { series: gauge('gridlease_fence_pods_left', steady(3)), minute: 0 },
    quiet: { series: gauge('gridlease_fence_pods_left', '3 0 0 0 3 0 0'), minute: 5 },
  },
  {
    alert: 'GridleaseGPUsUnhealthy',
    severity: 'warning',
    labels,
    fires: { series: gauge('gridlease_unhealthy_gpus', steady(1)), minute: 0 },
    quiet: { series: gauge('gridlease_unhealthy_gpus', steady(0)), minute: 60 },
  },
  {
    alert: 'GridleaseRowsRefused',
    severity: 'warning',
    labels,
    fires: { series: gauge('gridlease_refused_rows', steady(2)), minute: 0 },
    quiet: { series: gauge('gridlease_refused_rows', '2+0x3 0+0x20'), minute: 10 },
  },
  {
    alert: 'GridleaseEarningsUnredeemed',
    severity: 'warning',
    labels,
    fires: { series: gauge('gridlease_oldest_unredeemed_seconds', '0+60x2880'), minute: 1_561 },
    quiet: {
      series: gauge('gridlease_oldest_unredeemed_seconds', '0+60x1440 0+60x1400'),
      minute: 2_800,
    },
  },
  {
    alert: 'GridleaseGasBalanceLow',
    severity: 'warning',
    labels,
    fires: { series: gauge('gridlease_gas_balance_coins', steady(0.0005)), minute: 0 },
    // It spends, and is filled up before it runs out.
    quiet: {
      series: gauge('gridlease_gas_balance_coins', '1-0.00001x1400 1-0.00001x1400'),
      minute: 2_000,
    },
  },
];
