import type { Alert, Recording, RuleGroup } from './alert.ts';
import { headAge, transactionStuck } from './chain.ts';
import { by } from './labels.ts';
import { runsOutOfCoins } from './money.ts';

const agent = { program: 'provider-agent' } as const;
const GAS = 'gridlease:gas_balance_coins:min';

const recordings: readonly Recording[] = [
  { ...agent, name: GAS, expr: `min ${by('provider-agent')} (gridlease_gas_balance_coins)` },
];

const of = (how: 'max' | 'min', metric: string) => `${how} ${by('provider-agent')} (${metric})`;

const alerts: readonly Alert[] = [
  {
    ...agent,
    name: 'GridleaseHubUnreachable',
    severity: 'critical',
    // The replicas share what they know: the best of them counts.
    expr: () => `${of('min', 'gridlease_heartbeat_age_seconds')} > 30`,
    forSeconds: 0,
    keepFiringSeconds: 60,
    summary: 'The hub has not heard this provider',
    description:
      'The last heartbeat that the hub answered is {{ $value | humanizeDuration }} old. At 60 seconds the tasks of leases with a fence are killed, and their tenants pay nothing from then on.',
    seenAfter: { seconds: 30, because: 'three heartbeats fail' },
  },
  {
    ...agent,
    name: 'GridleaseAgentChainStale',
    severity: 'warning',
    expr: (scale) => `${headAge('provider-agent')} > ${scale(300)}`,
    forSeconds: 60,
    summary: 'The agent sees no new block of chain {{ $labels.chain }}',
    description:
      'The newest block that the agent sees is {{ $value | humanizeDuration }} old: its RPC endpoint lags or is gone, or the chain stands still. It can’t tell whether leases are funded: it accepts none, redeems nothing, and suspends what runs when half of the close window is over.',
    seenAfter: { seconds: 300, because: 'a block may be so old' },
  },
  transactionStuck('provider-agent'),
  {
    ...agent,
    name: 'GridleaseFencePodsLeft',
    severity: 'critical',
    expr: () => `${of('max', 'gridlease_fence_pods_left')} > 0`,
    forSeconds: 30,
    summary: 'Pods of fenced leases are still there',
    description:
      '{{ $value }} pods of leases that this provider must give up were not killed within 20 seconds. The hub places their tasks elsewhere: two attempts run, and this one is not paid.',
    seenAfter: { seconds: 80, because: 'the fence falls after 60 seconds and may take 20' },
  },
  {
    ...agent,
    name: 'GridleaseGPUsUnhealthy',
    severity: 'warning',
    expr: () => `${of('max', 'gridlease_unhealthy_gpus')} > 0`,
    forSeconds: 300,
    keepFiringSeconds: 300,
    summary: 'GPUs are unhealthy',
    description:
      '{{ $value }} GPUs are reported unhealthy by the device plugin, or are on a node that is not Ready. They are not offered and not billed: tasks on them earn nothing and end when they idle too long.',
    seenAfter: { seconds: 40, because: 'a kubelet that is gone makes its node NotReady' },
  },
  {
    ...agent,
    name: 'GridleaseRowsRefused',
    severity: 'warning',
    expr: () => `${of('max', 'gridlease_refused_rows')} > 0`,
    forSeconds: 300,
    summary: 'The hub refuses to pay for leases',
    description:
      'The hub refuses {{ $value }} rows of this provider’s usage statements. Their leases are suspended after the grace period; what was delivered since the last accepted statement is not paid.',
    seenAfter: {
      seconds: 60,
      because: 'the next usage statement is due (`voucherIntervalSeconds`)',
    },
  },
  {
    ...agent,
    name: 'GridleaseEarningsUnredeemed',
    severity: 'warning',
    expr: (scale) => `${of('max', 'gridlease_oldest_unredeemed_seconds')} > ${scale(93_600)}`,
    forSeconds: 60,
    summary: 'Earnings are not redeemed',
    description:
      'The oldest voucher that is not redeemed is {{ $value | humanizeDuration }} old; the longest wait is a day unless configured otherwise. When its channel is closed the tenant gets back what is not claimed within the close window.',
    seenAfter: {
      seconds: 93_600,
      because: 'an agent may wait a day for cheaper gas (`redeem.maxDelaySeconds`)',
    },
  },
  {
    ...agent,
    name: 'GridleaseGasBalanceLow',
    severity: 'warning',
    expr: () => runsOutOfCoins(GAS),
    forSeconds: 300,
    summary: 'The agent’s gas key runs out of coins',
    description:
      'The gas key has {{ $value | humanize }} coins (below zero: in three days). Without coins no voucher is redeemed: what was earned is promised and not paid.',
    seenAfter: { seconds: 60, because: 'the balance is read again' },
  },
];

/** What a provider has to know about itself. */
export const agentRules: RuleGroup = {
  name: 'gridlease-agent',
  program: 'provider-agent',
  recordings,
  alerts,
};
