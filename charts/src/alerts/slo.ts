import { type Alert, durationText, type Program, type Recording, type RuleGroup } from './alert.ts';
import { by, ofProgram } from './labels.ts';

/** A promise, and how its breaking is counted. The window of the promise is 30 days. */
export type Objective = {
  /** In the names of series: gridlease:slo_<name>_errors:ratio_rate5m. */
  readonly name: 'lease_integrity' | 'start' | 'settlement' | 'reconcile';
  readonly alert: `Gridlease${string}Burn`;
  readonly program: Program;
  /** Share that must be good. */
  readonly target: number;
  /** What is promised, for people. */
  readonly promise: string;
  readonly means: string;
  /** Rate of bad and of all events over a window; what is counted is beside `promise`. */
  readonly bad: (window: string) => string;
  readonly all: (window: string) => string;
  /** Events in the long window below which nothing is said: one failure of one is no trend. Undefined: no floor. */
  readonly fewest?: number;
};

export const BUDGET_DAYS = 30;

/** The long window says that it matters, the short one that it goes on (Google’s SRE workbook, chapter 5). */
export const WINDOWS = [
  { factor: 14.4, long: '1h', short: '5m', forSeconds: 120, severity: 'critical', budget: '2 %' },
  { factor: 6, long: '6h', short: '30m', forSeconds: 900, severity: 'critical', budget: '5 %' },
  { factor: 3, long: '1d', short: '2h', forSeconds: 3_600, severity: 'warning', budget: '10 %' },
  { factor: 1, long: '3d', short: '6h', forSeconds: 10_800, severity: 'warning', budget: '10 %' },
] as const;

const RECORDED = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;

const rate = (program: Program, series: string, window: string) =>
  `sum ${by(program)} (rate(${series}[${window}]))`;

/** Of all events, those above a bucket’s bound are bad. Prometheus 3 writes the bound 300 as 300.0. */
const slowerThan = (metric: string, seconds: number) => ({
  bad: (window: string) =>
    `(${rate('operator', `${metric}_count`, window)} - ${rate('operator', `${metric}_bucket{le=~"${seconds}([.]0)?"}`, window)})`,
  all: (window: string) => rate('operator', `${metric}_count`, window),
});

const stated = (window: string) => rate('operator', 'gridlease_stated_gpu_seconds_total', window);
const paid = (window: string) => rate('operator', 'gridlease_paid_gpu_seconds_total', window);

const reconciles = (program: Program): Objective => ({
  name: 'reconcile',
  alert: 'GridleaseReconcileBurn',
  program,
  target: 0.999,
  promise: '99.9 % of reconciliations succeed',
  means:
    'Objects are not brought to what they should be: leases start and end late, and money moves late.',
  bad: (window) =>
    `sum ${by(program)} (${ofProgram(`rate(controller_runtime_reconcile_errors_total[${window}])`, program)})`,
  all: (window) =>
    `sum ${by(program)} (${ofProgram(`rate(controller_runtime_reconcile_total[${window}])`, program)})`,
});

export const OBJECTIVES: readonly Objective[] = [
  {
    name: 'lease_integrity',
    alert: 'GridleaseLeaseIntegrityBurn',
    program: 'operator',
    target: 0.995,
    promise: '99.5 % of GPU time is both stated by its provider and paid by the hub',
    means:
      'GPU time is delivered and not paid, or paid and not delivered: somebody works for nothing or pays for nothing.',
    bad: (window) => `abs(${stated(window)} - ${paid(window)})`,
    all: stated,
  },
  {
    name: 'start',
    alert: 'GridleaseStartBurn',
    program: 'operator',
    target: 0.95,
    promise: '95 % of jobs that start do so within five minutes of their creation',
    means: 'Tenants wait for GPUs longer than promised.',
    ...slowerThan('gridlease_job_start_seconds', 300),
    fewest: 5,
  },
  {
    name: 'settlement',
    alert: 'GridleaseSettlementBurn',
    program: 'operator',
    target: 0.999,
    promise: '99.9 % of leases are settled within an hour of their end',
    means: 'Providers wait for money and the tenants’ escrow stays reserved.',
    ...slowerThan('gridlease_settlement_lag_seconds', 3_600),
    fewest: 5,
  },
  reconciles('operator'),
  reconciles('provider-agent'),
];

const ratioName = ({ name, program }: Objective, window: string): Recording['name'] =>
  `gridlease:slo_${name}_errors_${program === 'operator' ? 'operator' : 'agent'}:ratio_rate${window}`;

const SECONDS_OF = { '5m': 300, '30m': 1_800, '1h': 3_600, '2h': 7_200, '6h': 21_600 } as const;

const burnAlerts = (objective: Objective): readonly Alert[] => {
  const { alert: name, program, target, all, fewest, promise, means } = objective;
  const budget = Number((1 - target).toFixed(6));
  return WINDOWS.map(({ factor, long, short, forSeconds, severity }) => {
    const limit = Number((factor * budget).toFixed(6));
    const tooFast = `${ratioName(objective, long)} > ${limit} and ${ratioName(objective, short)} > ${limit}`;
    const enough =
      fewest === undefined ? '' : ` and ${all(long)} * ${longSeconds(long)} >= ${fewest}`;
    return {
      name,
      program,
      severity,
      expr: () => `${tooFast}${enough}`,
      forSeconds,
      labels: { long, short },
      summary: `Not kept: ${promise}`,
      description: `{{ $value | humanizePercentage }} failed in the last ${long}, ${factor} times what the error budget of ${BUDGET_DAYS} days allows. ${means}`,
      seenAfter: {
        seconds: SECONDS_OF[short],
        because: `${durationText(SECONDS_OF[short])} of total failure fill the short window; less takes longer`,
      },
    };
  });
};

const longSeconds = (long: (typeof WINDOWS)[number]['long']): number =>
  ({ '1h': 3_600, '6h': 21_600, '1d': 86_400, '3d': 259_200 })[long];

/** Of one program: the share of bad events over each window, then what burns the budget too fast. */
export const sloRules = (program: Program): RuleGroup => {
  const objectives = OBJECTIVES.filter((objective) => objective.program === program);
  return {
    name: `gridlease-${program === 'operator' ? 'operator' : 'agent'}-slo`,
    program,
    recordings: objectives.flatMap((objective) =>
      RECORDED.map((window) => ({
        name: ratioName(objective, window),
        program,
        expr: `${objective.bad(window)} / ${objective.all(window)}`,
      })),
    ),
    alerts: objectives.flatMap(burnAlerts),
  };
};
