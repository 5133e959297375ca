import type { Program } from '../../src/alerts/alert.ts';
import { type AlertCase, build, steady } from './case.ts';

/** One of two of a kind, each in a cluster of its own, so that the name of the program tells them not apart. */
const page = (program: string, cluster: string, values: string) => ({
  [`gridlease_build_info{program="${program}", cluster="${cluster}", namespace="there", job="gridlease-${program}", instance="${cluster}-1", version="1"}`]:
    values,
});
const target = (program: string, cluster: string, values: string) => ({
  [`up{cluster="${cluster}", namespace="there", job="gridlease-${program}", instance="${cluster}-1"}`]:
    values,
});

/** The ways in which a program can be gone: one of several, one that never came up, all. */
export const absentCases = (program: Program): readonly AlertCase[] => {
  const gone = { alert: 'GridleaseAbsent', severity: 'critical' } as const;
  const isAgent = program === 'provider-agent';
  const one = {
    program,
    cluster: 'one',
    ...(isAgent && { namespace: 'there', job: 'gridlease-provider-agent' }),
  };
  const other = page(program, 'other', steady(1));
  return [
    {
      ...gone,
      labels: one,
      // Its pods are deleted: there is no target either. The other one goes on.
      fires: { series: { ...page(program, 'one', '1x9 stale'), ...other }, minute: 10 },
      // New pods under new names, after a gap that is shorter than an upgrade may take.
      quiet: {
        series: {
          ...page(program, 'one', '1x9 stale'),
          [`gridlease_build_info{program="${program}", cluster="one", namespace="there", job="gridlease-${program}", instance="one-2", version="2"}`]: `_x12 ${steady(1)}`,
          ...other,
        },
        minute: 60,
      },
    },
    {
      ...gone,
      labels: one,
      // Installed a moment ago, and never up.
      fires: { series: { ...target(program, 'one', steady(0)), ...other }, minute: 0 },
      // One of two replicas is down: a page is there.
      quiet: {
        series: {
          ...target(program, 'one', steady(0)),
          ...page(program, 'one', steady(1)),
          ...other,
        },
        minute: 60,
      },
    },
    {
      ...gone,
      labels: { program },
      // Nothing of it was ever seen: its monitor is not taken up.
      fires: { series: build(isAgent ? 'operator' : 'provider-agent'), minute: 0 },
      quiet: { series: build(program), minute: 60 },
    },
  ];
};
