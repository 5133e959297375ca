import { BUDGET_DAYS, OBJECTIVES, WINDOWS } from '../alerts/slo.ts';
import type { Board } from './board.ts';
import { federationCauses } from './federationCauses.ts';
import { leaders, perSecond, select, total } from './promql.ts';

const objectives = OBJECTIVES.filter(({ program }) => program === 'operator');

export const federation: Board = {
  uid: 'gridlease-federation',
  title: 'Gridlease / Federation overview',
  chart: 'gridlease-operator',
  program: 'operator',
  answers: 'Is anything wrong in the federation, who is hurt, at which provider, and why?',
  filters: [{ label: 'provider', metric: 'gridlease_provider_up' }],
  rows: [
    {
      title: 'Is anything wrong?',
      panels: [
        {
          title: 'Alerts',
          kind: 'table',
          unit: 'short',
          shows: 'Alerts of Gridlease that are pending or fire.',
          normal: 'No row.',
          alerts: [],
          noValue: 'No alert is pending or fires',
          width: 8,
          queries: [
            {
              expr: 'max by (alertname, severity, alertstate) (ALERTS{cluster=~"$cluster", alertname=~"Gridlease.+"})',
              legend: '{{alertname}}',
            },
          ],
          exempt: {
            'job matcher': 'an alert has the labels that its expression leaves',
            'instance matcher': 'an alert has the labels that its expression leaves',
          },
        },
        {
          title: 'Leases whose money and pods disagree',
          kind: 'stat',
          unit: 'short',
          shows:
            'Leases that are paid and do not run, run and are not paid, or are known to one side only.',
          normal: '0 for each kind; 1 for some seconds while a lease begins or ends.',
          alerts: [
            'GridleaseLeasePaidNotRunning',
            'GridleaseLeaseRunningNotPaid',
            'GridleaseLeaseLedgersDiffer',
          ],
          width: 8,
          leadsTo: 'gridlease-money',
          thresholds: { critical: 1 },
          queries: [
            { expr: total('gridlease_lease_mismatch', ['kind'], ['kind']), legend: '{{kind}}' },
          ],
        },
        {
          title: 'Providers not reached',
          kind: 'stat',
          unit: 'short',
          shows: 'Accepted providers whose heartbeat the hub misses.',
          normal: '0.',
          alerts: ['GridleaseProviderDown'],
          thresholds: { critical: 1 },
          queries: [
            {
              expr: `sum(1 - ${leaders('gridlease_provider_up', ['provider'])})`,
              legend: 'not reached',
            },
          ],
        },
        {
          title: 'Replacement of lost leases',
          kind: 'stat',
          unit: 'short',
          shows:
            'Whether the operator replaces the leases of silent providers. It does not while most are silent together, for then the fault is likely its own.',
          normal: 'on.',
          alerts: ['GridleaseReplacementFrozen'],
          thresholds: { critical: 1 },
          words: ['on', 'frozen'],
          queries: [
            { expr: `max(${select('gridlease_replacement_frozen')})`, legend: 'replacement' },
          ],
        },
        {
          title: 'Shortest escrow runway',
          kind: 'stat',
          width: 8,
          unit: 's',
          shows:
            'How long the emptiest PaymentAccount can pay for its leases; 30 days where for all that they may cost.',
          normal: 'Above six hours. No value while nothing is committed.',
          alerts: ['GridleaseEscrowRunwayLow'],
          thresholds: { warning: 21600, critical: 3600, below: true },
          noValue: 'Nothing is committed',
          leadsTo: 'gridlease-money',
          queries: [
            { expr: `min(${select('gridlease_escrow_runway_seconds')})`, legend: 'runway' },
          ],
        },
        {
          title: 'Oldest lease not settled',
          kind: 'stat',
          width: 8,
          unit: 's',
          shows: 'Age of the oldest ended lease whose payment is not final on the chain.',
          normal:
            'Below the time a provider collects vouchers for, plus the finality of the chain.',
          alerts: ['GridleaseSettlementStalled'],
          leadsTo: 'gridlease-money',
          thresholds: { warning: 3600, critical: 93600 },
          queries: [
            { expr: `max(${select('gridlease_settlement_oldest_seconds')})`, legend: 'oldest' },
          ],
        },
        {
          title: 'Operators that lead',
          kind: 'stat',
          width: 8,
          unit: 'short',
          shows: 'Replicas of the operator that hold the leader lease.',
          normal: '1 in each cluster; 0 for some seconds while the lead changes.',
          alerts: ['GridleaseNoLeader'],
          thresholds: { critical: 1, below: true },
          queries: [{ expr: `sum(${select('leader_election_master_status')})`, legend: 'leading' }],
        },
        {
          title: 'Error budgets burnt',
          kind: 'stat',
          unit: 'suffix:×',
          shows: `How fast each objective's error budget of ${BUDGET_DAYS} days is spent, over the last hour.`,
          normal:
            'Below 1: at 1 the budget lasts just as long as it should. No value where nothing happened.',
          alerts: [...new Set(objectives.map(({ alert }) => alert))],
          thresholds: { warning: 1, critical: WINDOWS[0].factor },
          width: 24,
          queries: objectives.map(({ name, target, promise }) => ({
            expr: `max(gridlease:slo_${name}_errors_operator:ratio_rate1h{cluster=~"$cluster"}) / ${Number((1 - target).toFixed(6))}`,
            legend: promise,
          })),
          exempt: {
            'job matcher': 'a recorded ratio is of the whole federation',
            'instance matcher': 'a recorded ratio is of the whole federation',
            'alert thresholds': 'the rules compare the ratio before it is divided by the budget',
          },
        },
      ],
    },
    {
      title: 'Who is hurt?',
      panels: [
        {
          title: 'Jobs by state',
          kind: 'timeseries',
          unit: 'short',
          shows: 'GPUJobs in the hub by state.',
          normal: 'waiting and starting fall back after each wave of jobs.',
          alerts: ['GridleaseJobsStuckWaiting'],
          stacked: true,
          queries: [
            {
              expr: total('gridlease_jobs', ['namespace', 'state'], ['state']),
              legend: '{{state}}',
            },
          ],
        },
        {
          title: 'Jobs that wait, by reason',
          kind: 'timeseries',
          unit: 'short',
          shows: 'Jobs with tasks that have no place yet, by the reason on the job.',
          normal:
            'Short bumps. A reason that stays is a market without that offer, or a job that asks for the impossible.',
          alerts: ['GridleaseJobsStuckWaiting'],
          stacked: true,
          leadsTo: 'gridlease-jobs',
          queries: [
            { expr: total('gridlease_jobs_waiting', ['reason'], ['reason']), legend: '{{reason}}' },
          ],
        },
        {
          title: 'Interruptions',
          kind: 'timeseries',
          unit: 'suffix:/h',
          shows: 'Attempts at tasks that ended before their work did, per hour, by reason.',
          normal: '0.',
          alerts: ['GridleaseProviderFlapping'],
          leadsTo: 'gridlease-jobs',
          queries: [
            {
              expr: `3600 * ${perSecond('gridlease_job_interruptions_total', ['reason'])}`,
              legend: '{{reason}}',
            },
          ],
        },
        {
          title: 'GPUs that worked in vain',
          kind: 'timeseries',
          unit: 'suffix:GPUs',
          shows: 'GPU time of attempts that had to be repeated, as GPUs on average, by reason.',
          normal: '0, with a bump at each interruption.',
          alerts: [],
          queries: [
            {
              expr: perSecond('gridlease_wasted_gpu_seconds_total', ['reason']),
              legend: '{{reason}}',
            },
          ],
        },
      ],
    },
    ...federationCauses,
  ],
};
