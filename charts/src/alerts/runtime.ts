import type { Alert, Program, Recording, RuleGroup } from './alert.ts';
import { by, ofProgram } from './labels.ts';

const NAMES: Readonly<Record<Program, string>> = {
  operator: 'operator',
  'provider-agent': 'agent',
};

const meansFor: Readonly<Record<Program, string>> = {
  operator:
    'No job is placed, no usage is paid, and after the grace period providers suspend leases.',
  'provider-agent':
    'No lease is accepted or metered here, and after 60 seconds without a heartbeat every task is killed.',
};

/** With no replica left nobody fences either. */
const downMeansFor: Readonly<Record<Program, string>> = {
  operator: meansFor.operator,
  'provider-agent':
    'If it is down, the hub places its tasks elsewhere after 100 seconds, and what still runs here is not paid.',
};

/** Which of several is meant; nothing is said where Prometheus never saw one. */
const whichOf: Readonly<Record<Program, string>> = {
  operator: '{{ with $labels.cluster }} in cluster {{ . }}{{ end }}',
  'provider-agent':
    '{{ with $labels.namespace }} in namespace {{ . }}{{ end }}{{ with $labels.cluster }} of cluster {{ . }}{{ end }}',
};

/** One series a controller, without the instance: after a change of leader the new one’s go on. */
const recordings = (program: Program): readonly Recording[] =>
  (
    [
      ['gridlease:reconciles:rate5m', 'controller_runtime_reconcile_total'],
      ['gridlease:reconcile_errors:rate5m', 'controller_runtime_reconcile_errors_total'],
    ] as const
  ).map(([name, metric]) => ({
    name,
    program,
    expr: `sum ${by(program, 'program', 'controller')} (${ofProgram(`rate(${metric}[5m])`, program)})`,
  }));

const only = (program: Program) => `{program="${program}"}`;

/** The label `job` that the charts’ monitors give: the program’s name, app.kubernetes.io/name. */
const jobOf = (program: Program) => `gridlease-${program}`;

/**
 * One that is gone among others of its kind: it was scraped within a day, or is a target that never answered, and no page
 * of it is there now. Where nothing is known of any, there is none.
 */
const absentOf = (program: Program): string => {
  const page = `gridlease_build_info${only(program)}`;
  const known = `up{job="${jobOf(program)}"} or max_over_time(${page}[1d])`;
  return `group ${by(program)} (${known}) unless group ${by(program)} (${page}) or on () absent(${page})`;
};

const alerts = (program: Program): readonly Alert[] => {
  const name = NAMES[program];
  return [
    {
      name: 'GridleaseReconcileErrors',
      program,
      severity: 'warning',
      expr: () =>
        `gridlease:reconcile_errors:rate5m${only(program)} / gridlease:reconciles:rate5m${only(program)} > 0.1`,
      forSeconds: 600,
      keepFiringSeconds: 300,
      summary: `Controller {{ $labels.controller }} of the ${name} keeps failing`,
      description:
        '{{ $value | humanizePercentage }} of the reconciliations of {{ $labels.controller }} fail. What it looks after stays as it is: a lease that should end runs on and costs money, one that should start does not.',
      seenAfter: { seconds: 300, because: 'the rate is over five minutes' },
    },
    {
      name: 'GridleaseReconcileStuck',
      program,
      severity: 'warning',
      expr: (scale) =>
        `max ${by(program, 'program', 'controller')} (${ofProgram('gridlease_oldest_failure_seconds', program)}) > ${scale(600)}`,
      forSeconds: 0,
      keepFiringSeconds: 60,
      summary: `Controller {{ $labels.controller }} of the ${name} can’t finish with one object`,
      description:
        'At least one object that {{ $labels.controller }} looks after has failed each time for {{ $value | humanizeDuration }}. It stays as it is, also where all others go on.',
      seenAfter: { seconds: 600, because: 'an object may fail so long' },
    },
    {
      name: 'GridleaseNoLeader',
      program,
      severity: 'critical',
      expr: () =>
        `sum ${by(program, 'program')} (${ofProgram('leader_election_master_status', program)}) == 0`,
      forSeconds: 60,
      summary: `No replica of the ${name} leads`,
      description: `The replicas of the ${name} are up and none of them leads. ${meansFor[program]}`,
      seenAfter: { seconds: 12, because: 'a leader’s Lease runs out (`durationSeconds`)' },
    },
    {
      name: 'GridleaseInformerStale',
      program,
      severity: 'warning',
      expr: () =>
        `max ${by(program, 'program', 'target', 'kind')} (${ofProgram('gridlease_informer_age_seconds', program)}) > 180`,
      forSeconds: 60,
      summary: `The ${name} does not hear of {{ $labels.kind }} from {{ $labels.target }}`,
      description: `The API server of {{ $labels.target }} was last heard on the watch of {{ $labels.kind }} {{ $value | humanizeDuration }} ago. The ${name} decides on what it knew then; tenants see no progress.`,
      seenAfter: { seconds: 180, because: 'a watch may be silent so long' },
    },
    {
      name: 'GridleaseTokenExpiring',
      program,
      severity: 'critical',
      expr: () =>
        `min ${by(program, 'program', 'target')} (${ofProgram('gridlease_token_expiry_timestamp_seconds', program)}) - time() < 600`,
      forSeconds: 60,
      summary: `The ${name}’s token for {{ $labels.target }} is not renewed`,
      description: `The token ends in {{ $value | humanizeDuration }} (below zero: it has ended) and should have been renewed at 80 % of its life. Then the ${name} is shut out. ${meansFor[program]}`,
      seenAfter: { seconds: 3_000, because: 'an hour’s token has ten minutes left' },
    },
    {
      name: 'GridleaseAbsent',
      program,
      severity: 'critical',
      expr: () => absentOf(program),
      forSeconds: 300,
      labels: { program },
      summary: `Prometheus sees no ${name}`,
      description: `No replica of the ${name}${whichOf[program]} was scraped for five minutes: it is down, or its ServiceMonitor is not taken up. While this fires all other alerts of it are silent. ${downMeansFor[program]}`,
      seenAfter: { seconds: 0, because: 'a scrape that fails ends its series' },
    },
    {
      name: 'GridleaseAbsent',
      program,
      severity: 'warning',
      expr: () =>
        `max ${by(program, 'program')} (${ofProgram('gridlease_unreadable_metrics', program)}) > 0`,
      forSeconds: 60,
      summary: `Metrics of the ${name} are missing`,
      description: `{{ $value }} metrics of the ${name} can’t be read and are not on its page. Alerts that need them are silent. Its log says which, and why.`,
      seenAfter: { seconds: 0, because: 'each page says what is missing on it' },
    },
  ];
};

/** What both programs are made of: leader, watches, tokens, controllers. */
export const runtimeRules = (program: Program): RuleGroup => ({
  name: `gridlease-${NAMES[program]}-runtime`,
  program,
  recordings: recordings(program),
  alerts: alerts(program),
});
