import type { Program } from './alert.ts';

/**
 * Every aggregation keeps `cluster`, the label that a Prometheus over several clusters adds. A hub has one operator;
 * agents of several providers, or of several hubs, may share a cluster, and are told apart by namespace and job.
 */
export const IDENTITY: Readonly<Record<Program, string>> = {
  operator: 'cluster',
  'provider-agent': 'cluster, namespace, job',
};

/** `by` clause of a program's rules: what identifies the program, then the labels of the metric that matter. */
export const by = (program: Program, ...labels: readonly string[]): string =>
  `by (${[IDENTITY[program], ...labels].join(', ')})`;

/**
 * Which program a page is of, once for each page: one that two jobs scrape, or that was another version a moment ago,
 * would otherwise be found twice, and the rule would fail.
 */
const pagesOf = (program: Program): string =>
  `max by (cluster, instance, program) (gridlease_build_info{program="${program}"})`;

/**
 * Series of our programs only: controller-runtime's and client-go's names are those of other operators as well. The
 * product brings the label `program`, and takes the pages of followers in: who needs the leader's asks for it.
 */
export const ofProgram = (expr: string, program: Program): string =>
  `${expr} * on (cluster, instance) group_left (program) ${pagesOf(program)}`;
