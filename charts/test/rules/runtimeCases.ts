import { absentCases } from './absentCases.ts';
import { type AlertCase, build, steady } from './case.ts';

const where = {
  operator: { text: '', labels: {} },
  'provider-agent': {
    text: 'namespace="gridlease-agent", job="agent", ',
    labels: { namespace: 'gridlease-agent', job: 'agent' },
  },
} as const;

const casesOf = (program: keyof typeof where): readonly AlertCase[] => {
  const { text, labels } = where[program];
  const series = (metric: string, own: string, values: string, instance = 'a') => ({
    [`${metric}{${text}${own}instance="${instance}"}`]: values,
  });
  const reconciles = (controller: string, errors: string, instance = 'a') => ({
    ...series(
      'controller_runtime_reconcile_total',
      `controller="${controller}", result="error", `,
      errors,
      instance,
    ),
    ...series(
      'controller_runtime_reconcile_total',
      `controller="${controller}", result="success", `,
      '0+80x2880',
      instance,
    ),
    ...series(
      'controller_runtime_reconcile_errors_total',
      `controller="${controller}", `,
      errors,
      instance,
    ),
  });
  const leads = (instance: string, value: string) => ({
    ...build(program, instance),
    ...series('leader_election_master_status', 'name="gridlease", ', value, instance),
  });
  const named = { ...labels, program };
  return [
    {
      alert: 'GridleaseReconcileErrors',
      severity: 'warning',
      labels: { ...named, controller: 'match' },
      fires: { series: { ...build(program), ...reconciles('match', '0+20x2880') }, minute: 1 },
      // A restart sets the counters back; another operator of the cluster, which has no such build, fails on.
      quiet: {
        series: {
          ...build(program),
          ...reconciles('match', '0+1x30 0+1x30'),
          ...reconciles('certificates', '0+80x2880', 'other'),
        },
        minute: 60,
      },
    },
    {
      alert: 'GridleaseReconcileStuck',
      severity: 'warning',
      labels: { ...named, controller: 'match' },
      fires: {
        series: {
          ...build(program),
          ...series('gridlease_oldest_failure_seconds', 'controller="match", ', '0+60x2880'),
        },
        minute: 11,
      },
      // What fails is done a few minutes later, again and again.
      quiet: {
        series: {
          ...build(program),
          ...series(
            'gridlease_oldest_failure_seconds',
            'controller="match", ',
            '0+60x9 0+60x9 0+60x9',
          ),
        },
        minute: 29,
      },
    },
    {
      alert: 'GridleaseNoLeader',
      severity: 'critical',
      labels: named,
      // Scraped by two jobs, each page says twice whose it is.
      fires: {
        series: {
          ...leads('a', steady(0)),
          ...leads('b', steady(0)),
          [`gridlease_build_info{program="${program}", instance="a", version="1", job="pods"}`]:
            steady(1),
        },
        minute: 0,
      },
      quiet: { series: { ...leads('a', steady(0)), ...leads('b', steady(1)) }, minute: 30 },
    },
    {
      alert: 'GridleaseInformerStale',
      severity: 'warning',
      labels: { ...named, target: 'hub', kind: 'GPULease' },
      fires: {
        series: {
          ...build(program),
          ...series(
            'gridlease_informer_age_seconds',
            'target="hub", kind="GPULease", ',
            '0+60x2880',
          ),
        },
        minute: 4,
      },
      quiet: {
        series: {
          ...build(program),
          ...series(
            'gridlease_informer_age_seconds',
            'target="hub", kind="GPULease", ',
            steady(90),
          ),
        },
        minute: 60,
      },
    },
    {
      alert: 'GridleaseTokenExpiring',
      severity: 'critical',
      labels: { ...named, target: 'hub' },
      // An hour's token that nobody renews.
      fires: {
        series: {
          ...build(program),
          ...series('gridlease_token_expiry_timestamp_seconds', 'target="hub", ', steady(3_600)),
        },
        minute: 51,
      },
      // Renewed after 48 minutes, again and again.
      quiet: {
        series: {
          ...build(program),
          ...series(
            'gridlease_token_expiry_timestamp_seconds',
            'target="hub", ',
            '3600+0x47 6480+0x47 9360+0x47',
          ),
        },
        minute: 143,
      },
    },
    {
      alert: 'GridleaseTransactionStuck',
      severity: 'warning',
      labels: named,
      fires: {
        series: {
          ...build(program),
          ...series('gridlease_chain_tx_oldest_pending_seconds', '', '0+60x2880'),
        },
        minute: 11,
      },
      // One after the other is mined in time; the other program’s is none of its business.
      quiet: {
        series: {
          ...build(program),
          ...series('gridlease_chain_tx_oldest_pending_seconds', '', '0+60x9 0+60x9 0+60x9'),
          ...build('another', 'b'),
          ...series('gridlease_chain_tx_oldest_pending_seconds', '', '0+60x2880', 'b'),
        },
        minute: 29,
      },
    },
    ...absentCases(program),
    {
      alert: 'GridleaseAbsent',
      severity: 'warning',
      labels: named,
      fires: {
        series: { ...build(program), ...series('gridlease_unreadable_metrics', '', steady(1)) },
        minute: 0,
      },
      quiet: {
        series: { ...build(program), ...series('gridlease_unreadable_metrics', '', steady(0)) },
        minute: 60,
      },
    },
  ];
};

/** What both programs are made of. */
export const runtimeCases: readonly AlertCase[] = [
  ...casesOf('operator'),
  ...casesOf('provider-agent'),
];
