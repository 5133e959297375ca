import { OBJECTIVES, type Objective, WINDOWS } from '../../src/alerts/slo.ts';
import { build } from './case.ts';

/** Counters of a program in which a share of what happens each minute is bad. */
const countersOf = (
  { name, program }: Objective,
  share: number,
): Readonly<Record<string, string>> => {
  const counter = (each: number) => `0+${Number(each.toFixed(9))}x2880`;
  const own = program === 'operator' ? '' : 'namespace="gridlease-agent", job="agent", ';
  switch (name) {
    case 'lease_integrity':
      return {
        'gridlease_stated_gpu_seconds_total{provider="alpha", product="H100", instance="a"}':
          counter(1_000),
        'gridlease_paid_gpu_seconds_total{provider="alpha", product="H100", namespace="team-a", instance="a"}':
          counter(1_000 * (1 - share)),
      };
    case 'start':
      return {
        'gridlease_job_start_seconds_count{product="H100", instance="a"}': counter(10),
        'gridlease_job_start_seconds_bucket{product="H100", le="300", instance="a"}': counter(
          10 * (1 - share),
        ),
      };
    case 'settlement':
      return {
        'gridlease_settlement_lag_seconds_count{instance="a"}': counter(10),
        // As Prometheus 3 has it.
        'gridlease_settlement_lag_seconds_bucket{le="3600.0", instance="a"}': counter(
          10 * (1 - share),
        ),
      };
    case 'reconcile':
      return {
        ...build(program),
        [`controller_runtime_reconcile_total{${own}controller="match", result="success", instance="a"}`]:
          counter(100),
        [`controller_runtime_reconcile_errors_total{${own}controller="match", instance="a"}`]:
          counter(100 * share),
      };
  }
};

export type BurnCase = {
  readonly objective: Objective;
  readonly window: (typeof WINDOWS)[number];
  readonly labels: Readonly<Record<string, string>>;
  readonly fires: Readonly<Record<string, string>>;
  readonly quiet: Readonly<Record<string, string>>;
};

/** Each objective at each of its four speeds: a little faster, and a little slower. */
export const burnCases: readonly BurnCase[] = OBJECTIVES.flatMap((objective) =>
  WINDOWS.map((window) => {
    const limit = window.factor * (1 - objective.target);
    const { long, short } = window;
    return {
      objective,
      window,
      labels: {
        ...(objective.program === 'operator' ? {} : { namespace: 'gridlease-agent', job: 'agent' }),
        long,
        short,
      },
      fires: countersOf(objective, limit * 1.1),
      quiet: countersOf(objective, limit * 0.9),
    };
  }),
);
