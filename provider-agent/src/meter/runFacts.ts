import { type ContainerRun, isUnverified, type Problem } from './segment.ts';

/** Changes with every beginning and end of a time that is not billed, and with nothing else. */
export function gapsIn(runs: readonly ContainerRun[]): number {
  return runs.reduce(
    (sum, { segments, unbilled }) => sum + Math.max(0, segments.length - 1) + unbilled.length,
    0,
  );
}

const bySeverity = [
  'AssignmentMismatch',
  'DeviceUnhealthy',
  'NodeLost',
  'AssignmentUnverified',
] as const satisfies readonly Problem['reason'][];

/** The worst of what is wrong with any of the runs. */
export function worstProblem(runs: readonly ContainerRun[]): Problem | undefined {
  const problems = runs.flatMap(({ problem }) => problem ?? []);
  return bySeverity
    .map((reason) => problems.find((problem) => problem.reason === reason))
    .find((problem) => problem !== undefined);
}

/** GPUs of the runs that go on; those that nobody names are left out. */
export function devicesOf(runs: readonly ContainerRun[]): readonly string[] {
  const open = runs.filter(({ closed }) => !closed).flatMap(({ devices }) => devices);
  return [...new Set(open.filter((device) => !isUnverified(device)))].sort();
}
