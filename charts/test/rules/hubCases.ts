import { type AlertCase, build, changing, steady } from './case.ts';

const account = { namespace: 'team-a', account: 'main' };
const accountLabels = 'namespace="team-a", account="main", instance="a"';
const alpha = { provider: 'alpha' };

const mismatch = (kind: string, count: number) => ({
  [`gridlease_lease_mismatch{kind="${kind}", instance="a"}`]: steady(count),
});
const runway = (seconds: number) => ({
  [`gridlease_escrow_runway_seconds{${accountLabels}}`]: steady(seconds),
});
const oldest = (values: string) => ({
  'gridlease_settlement_oldest_seconds{instance="a"}': values,
});
const drift = (values: string) => ({
  'gridlease_settlement_drift_tokens{provider="alpha", instance="a"}': values,
});
const delegate = (values: string, instance = 'a') => ({
  [`gridlease_delegate_balance_coins{namespace="team-a", account="main", instance="${instance}"}`]:
    values,
});
/** A head that stands still at the second 0; the age is the time. */
const head = (values: string, instance = 'a') => ({
  ...build('operator', instance),
  [`gridlease_chain_head_timestamp_seconds{chain="local", instance="${instance}"}`]: values,
});
const up = (values: string, instance = 'a') => ({
  [`gridlease_provider_up{provider="alpha", instance="${instance}"}`]: values,
});
const starting = (values: string) => ({
  'gridlease_lease_starting_oldest_seconds{provider="alpha", instance="a"}': values,
});
const waiting = (values: string, reason = 'PriceAboveMax') => ({
  [`gridlease_jobs_waiting_oldest_seconds{reason="${reason}", instance="a"}`]: values,
});

/** What the hub watches: leases, money, chain, providers. */
export const hubCases: readonly AlertCase[] = [
  {
    alert: 'GridleaseLeasePaidNotRunning',
    severity: 'critical',
    labels: { kind: 'paid_not_running' },
    fires: { series: mismatch('paid_not_running', 2), minute: 0 },
    quiet: {
      series: { ...mismatch('paid_not_running', 0), ...mismatch('running_not_paid', 2) },
      minute: 30,
    },
  },
  {
    alert: 'GridleaseLeaseRunningNotPaid',
    severity: 'warning',
    labels: { kind: 'running_not_paid' },
    fires: { series: mismatch('running_not_paid', 1), minute: 0 },
    // Paid within the time that a statement takes.
    quiet: {
      series: {
        'gridlease_lease_mismatch{kind="running_not_paid", instance="a"}': '1 1 0 1 1 0 1 1 0',
      },
      minute: 8,
    },
  },
  {
    alert: 'GridleaseLeaseNotStarting',
    severity: 'warning',
    labels: alpha,
    fires: { series: starting('0+60x2880'), minute: 11 },
    // One after the other starts within eight minutes.
    quiet: { series: starting('0+60x8 0+60x8 0+60x8'), minute: 26 },
  },
  {
    alert: 'GridleaseLeaseLedgersDiffer',
    severity: 'warning',
    labels: { kind: 'chain_only' },
    fires: { series: mismatch('chain_only', 1), minute: 0 },
    quiet: { series: { ...mismatch('chain_only', 0), ...mismatch('cluster_only', 0) }, minute: 60 },
  },
  {
    alert: 'GridleaseEscrowRunwayLow',
    severity: 'critical',
    labels: account,
    fires: { series: runway(3_540), minute: 0 },
    quiet: { series: runway(3_660), minute: 60 },
  },
  {
    alert: 'GridleaseEscrowRunwayLow',
    severity: 'warning',
    labels: account,
    fires: { series: runway(21_540), minute: 0 },
    // Nothing runs, so nothing is spent: there is no figure.
    quiet: {
      series: { [`gridlease_escrow_balance_tokens{${accountLabels}}`]: steady(0) },
      minute: 60,
    },
  },
  {
    alert: 'GridleaseSettlementStalled',
    severity: 'warning',
    labels: {},
    fires: { series: oldest('0+60x2880'), minute: 61 },
    // Each hour's lease is settled before it is an hour old.
    quiet: { series: oldest('0+60x59 0+60x59 0+60x59'), minute: 170 },
  },
  {
    alert: 'GridleaseSettlementStalled',
    severity: 'critical',
    labels: {},
    fires: { series: oldest('0+60x2880'), minute: 1_561 },
    quiet: { series: oldest('0+60x1500 0+60x1000'), minute: 2_400 },
  },
  {
    alert: 'GridleaseSettlementDrift',
    severity: 'critical',
    labels: alpha,
    fires: { series: drift(steady(-3)), minute: 0 },
    // A double's rounding.
    quiet: { series: drift(steady(-0.000001)), minute: 60 },
  },
  {
    alert: 'GridleaseSettlementDrift',
    severity: 'warning',
    labels: alpha,
    fires: { series: drift('1+0.01x2880'), minute: 1_560 },
    // It claims once a day, and the leader changes in between: another page, the same provider.
    quiet: {
      series: {
        ...drift('1+0.01x1440 1+0.01x700'),
        'gridlease_settlement_drift_tokens{provider="alpha", instance="b"}': '_x2140 8+0.01x700',
      },
      minute: 2_800,
    },
  },
  {
    alert: 'GridleaseDelegateBalanceLow',
    severity: 'warning',
    labels: account,
    // A coin in 50 hours: gone before three days are over.
    fires: { series: delegate('1-0.000333x2880'), minute: 360 },
    // A new leader's page begins in the middle of a day's spending: too short a past to judge by.
    quiet: {
      series: { ...delegate('1-0.00001x100'), ...delegate('_x101 0.999-0.00001x2000', 'b') },
      minute: 400,
    },
  },
  {
    alert: 'GridleaseChainHeadStale',
    severity: 'warning',
    labels: { chain: 'local' },
    fires: { series: head(steady(0)), minute: 6 },
    // A block a minute.
    quiet: { series: head('0+60x2880'), minute: 60 },
  },
  {
    alert: 'GridleaseChainHeadStale',
    severity: 'critical',
    labels: { chain: 'local' },
    fires: { series: head(steady(0)), minute: 31 },
    // Two replicas of the operator, one of which no longer reads: the newer counts.
    quiet: {
      series: {
        ...head(steady(0)),
        ...head('0+60x2880', 'b'),
      },
      minute: 60,
    },
  },
  {
    alert: 'GridleaseProviderDown',
    severity: 'critical',
    labels: alpha,
    fires: { series: up(steady(0)), minute: 0 },
    // The one who led saw it as down when it lost the lead; its page has no such series since.
    quiet: { series: { ...up('0 _x2000'), ...up(`_ ${steady(1)}`, 'b') }, minute: 10 },
  },
  {
    alert: 'GridleaseProviderFlapping',
    severity: 'warning',
    labels: alpha,
    fires: { series: up('1 0 1 0 1 0 1+0x200'), minute: 6 },
    // Down once, and the lead changes twice meanwhile.
    quiet: { series: { ...up(changing(1, 20, 0)), ...up(changing(1, 40, 1), 'b') }, minute: 60 },
  },
  {
    alert: 'GridleaseReplacementFrozen',
    severity: 'critical',
    labels: {},
    fires: { series: { 'gridlease_replacement_frozen{instance="a"}': steady(1) }, minute: 0 },
    quiet: { series: { 'gridlease_replacement_frozen{instance="a"}': steady(0) }, minute: 30 },
  },
  {
    alert: 'GridleaseJobsStuckWaiting',
    severity: 'warning',
    labels: { reason: 'PriceAboveMax' },
    // One job among many: the figure of its reason only grows.
    fires: { series: waiting('0+60x2880'), minute: 31 },
    // The queue is never empty, and no job waits longer than twenty minutes; a long array waits for its own tasks.
    quiet: {
      series: {
        ...waiting('0+60x20 300+60x15 600+60x10 0+60x20 300+60x15'),
        ...waiting('0+60x2880', 'PartlyPlaced'),
      },
      minute: 80,
    },
  },
];
