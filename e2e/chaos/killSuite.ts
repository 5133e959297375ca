import { waitFor } from '../cluster/waitFor.ts';
import { type Fault, faultOf } from './fault.ts';
import { inflict } from './inflict.ts';
import { demoJobs } from './jobs.ts';
import { judge, type PaidBefore } from './judge.ts';
import { isOver, type Outcome, outcomeProblems, readOutcome } from './outcome.ts';
import { deserters, eachRun, type Ran, type SuiteOptions } from './suite.ts';
import { PROVIDER_NAMES, type World } from './world.ts';

export type KillRun = Fault & {
  readonly run: number;
  /** Until the jobs had ended and their leases were settled, until that was checked, and in service again. */
  readonly seconds: { readonly over: number; readonly judged: number; readonly total: number };
  /** Attempts (job, index, epoch) that the providers' audit logs show. */
  readonly attempts: number;
  readonly ok: boolean;
  readonly problems?: readonly string[];
};

/** Long enough for the slowest story: a job placed again after its lease's deadline to start. */
const storySeconds = 180;
/** Shorter than the demo's, so that a run has twenty seconds; each is still billed more than once. */
const taskSeconds = { single: 4, array: 6 } as const;

/** In each run one program is killed at a random millisecond of the demo's jobs. */
export const killSuite = (options: SuiteOptions): Promise<readonly KillRun[]> =>
  eachRun(options, (world, run, paid) => oneRun(world, options.seed, run, paid), line);

async function oneRun(
  world: World,
  seed: number,
  run: number,
  before: PaidBefore,
): Promise<Ran<KillRun>> {
  const fault = faultOf(seed, run, PROVIDER_NAMES);
  const started = performance.now();
  const problems: string[] = [];
  let paid = before;
  let attempts = 0;
  const elapsed = () => Math.round((performance.now() - started) / 100) / 10;
  const at = { over: 0, judged: 0 };
  try {
    const outcome = await story(world, fault, `${seed}-${run}`);
    at.over = elapsed();
    problems.push(...outcomeProblems(outcome));
    const judgement = await judge(world, outcome, before);
    problems.push(...judgement.problems);
    paid = judgement.paid;
    attempts = world.audit.attempts.countOf(outcome.jobs.map((job) => job.metadata.uid));
    at.judged = elapsed();
    await world.inService();
  } catch (error) {
    if (world.signal.aborted) throw error;
    problems.push(error instanceof Error ? error.message : String(error));
  }
  problems.push(...deserters(world));
  const seconds = { ...at, total: elapsed() };
  const ok = problems.length === 0;
  const report = { run, ...fault, seconds, attempts, ok, ...(ok ? {} : { problems }) };
  return { report, paid };
}

/** Submits the jobs, lets the fault happen beside them, and waits for the end of both. */
async function story(world: World, fault: Fault, suffix: string): Promise<Outcome> {
  const { federation, signal } = world;
  const jobs = demoJobs(suffix, taskSeconds);
  const fate = inflict(fault, world);
  const submit = (async () => {
    for (const job of jobs) {
      // Applied until it is there: the API server may be the one that dies.
      await waitFor(() => federation.hub.client.apply(job), {
        what: `job ${job.metadata.name}`,
        signal,
      });
    }
  })();
  await Promise.all([fate, submit]);
  let last: Outcome = { jobs: [], leases: [] };
  return waitFor(
    async () => {
      last = await readOutcome(federation, jobs);
      return isOver(last) ? last : undefined;
    },
    {
      what: 'the end',
      timeoutMilliseconds: storySeconds * 1000,
      intervalMilliseconds: 300,
      signal,
    },
  ).catch((error: unknown) => {
    if (signal.aborted || last.jobs.length === 0) throw error;
    return last;
  });
}

const line = ({ ok, run, kind, target, atMs, downMs, seconds }: KillRun): string =>
  `${ok ? '✓' : '✗'} run ${run}: ${kind} ${target} at ${atMs} ms for ${downMs} ms: over in ${seconds.over} s, in service in ${seconds.total} s`;
