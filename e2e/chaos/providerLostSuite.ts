import { allProvidersLost } from './allProvidersLost.ts';
import { judge } from './judge.ts';
import { oneProviderLost } from './oneProviderLost.ts';
import type { Outcome } from './outcome.ts';
import { between, randomOf } from './random.ts';
import { deserters, eachRun, type RunReport, type SuiteOptions } from './suite.ts';
import type { World } from './world.ts';

export type LostRun = RunReport & {
  /** Odd runs lose one provider, even ones all three. */
  readonly scenario: 'one' | 'all';
  /** Milliseconds after the job's pods ran. */
  readonly atMs: number;
  readonly seconds: Readonly<Record<string, number>>;
};

/** What a scenario found. `outcome` is what the money is checked against. */
export type Scene = {
  readonly outcome: Outcome;
  readonly seconds: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
};

/** Stops a whole provider, or all of them, in the middle of a job, and lets them go on later. */
export const providerLostSuite = (options: SuiteOptions): Promise<readonly LostRun[]> =>
  eachRun<LostRun>(
    options,
    async (world, run, before) => {
      const scenario = run % 2 === 1 ? 'one' : 'all';
      const atMs = between(randomOf(options.seed, run), 500, 8_000);
      const play = scenario === 'one' ? oneProviderLost : allProvidersLost;
      let seconds: LostRun['seconds'] = {};
      let paid = before;
      const problems: string[] = [];
      try {
        const scene = await play(world, { name: `lost-${options.seed}-${run}`, atMs });
        seconds = scene.seconds;
        problems.push(...scene.problems);
        const judgement = await judge(world, scene.outcome, before, 'at most');
        problems.push(...judgement.problems);
        paid = judgement.paid;
        await world.inService();
      } catch (error) {
        if (world.signal.aborted) throw error;
        problems.push(error instanceof Error ? error.message : String(error));
      }
      problems.push(...deserters(world));
      const ok = problems.length === 0;
      return { report: { run, scenario, atMs, seconds, ok, ...(ok ? {} : { problems }) }, paid };
    },
    ({ ok, run, scenario, atMs, seconds }) =>
      `${ok ? '✓' : '✗'} run ${run}: ${scenario} stopped at ${atMs} ms: ${JSON.stringify(seconds)}`,
  );

export type Play = (
  world: World,
  how: { readonly name: string; readonly atMs: number },
) => Promise<Scene>;
