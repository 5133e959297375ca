import type { PaidBefore } from './judge.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

export type SuiteOptions = WorldOptions & {
  readonly seed: number;
  readonly runs: readonly number[];
};

/** What every suite reports of a run, beside its own. */
export type RunReport = {
  readonly run: number;
  readonly ok: boolean;
  readonly problems?: readonly string[];
};

export type Ran<R> = {
  readonly report: R;
  /** What the chain had paid when the run ended. */
  readonly paid: PaidBefore;
};

/**
 * Runs one after the other in one federation. After a run that failed the rest gets a federation of its own: what one
 * fault broke must not count twice.
 */
export async function eachRun<R extends RunReport>(
  options: SuiteOptions,
  oneRun: (world: World, run: number, paid: PaidBefore) => Promise<Ran<R>>,
  line: (report: R) => string,
): Promise<readonly R[]> {
  const done: R[] = [];
  while (done.length < options.runs.length) {
    await using world = await startWorld(options);
    let paid: PaidBefore = new Map();
    for (const run of options.runs.slice(done.length)) {
      const ran = await oneRun(world, run, paid);
      paid = ran.paid;
      done.push(ran.report);
      options.say([line(ran.report), ...(ran.report.problems ?? [])].join('\n    '));
      if (!ran.report.ok) break;
    }
  }
  return done;
}

/** Programs that ended although nobody ended them, one sentence each. */
export const deserters = ({ federation }: World): readonly string[] =>
  federation.processes.deserters().map(({ name, exit }) => `${name} ended by itself with ${exit}`);
