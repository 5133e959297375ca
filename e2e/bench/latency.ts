import type { ApiClient } from '../cluster/apiClient.ts';
import type { BenchArguments } from './arguments.ts';
import type { BenchContext } from './dispatch.ts';
import { benchJobs, type Followed, jobsPath } from './federationPhase.ts';
import { followedFederation } from './followedFederation.ts';
import { type Machine, machine } from './machine.ts';
import { type Percentiles, percentiles } from './percentiles.ts';
import { type Arrivals, arrivals, watchLines } from './watchLines.ts';

/** A job that takes longer than this ends the benchmark, seconds. */
const patienceSeconds = 60;

export type LatencyReport = {
  readonly bench: 'latency';
  readonly machine: Machine;
  readonly settings: Pick<BenchArguments, 'jobs' | 'warmUp' | 'seconds'>;
  /** From the create's first byte to the lease's record at its provider, milliseconds. */
  readonly presentMs: Percentiles;
  /** From the same moment to the pod's Running, milliseconds. */
  readonly runningMs: Percentiles;
};

/** One job at a time on an idle federation: the next is created when the last is over for its tenant. */
export async function latencyBench(
  options: BenchArguments,
  context: BenchContext,
): Promise<LatencyReport> {
  const { say, signal } = context;
  await using opened = await followedFederation(options.jobs, context);
  const { hub, followed } = opened;
  const over = arrivals('jobs Succeeded');
  const watch = await watchLines(hub, jobsPath, (line) => noteEnd(line, over), over.fail);
  try {
    say(`one at a time: warming up with ${options.warmUp}`);
    const oneByOne = { hub, followed, over, signal };
    await runEach('warm-up', options.warmUp, options.seconds, oneByOne);
    say(`one at a time: ${options.jobs}`);
    const times = await runEach('latency', options.jobs, options.seconds, oneByOne);
    const { jobs, warmUp, seconds } = options;
    return {
      bench: 'latency',
      machine: machine(),
      settings: { jobs, warmUp, seconds },
      presentMs: percentiles(times.map(({ presentMs }) => presentMs)),
      runningMs: percentiles(times.map(({ runningMs }) => runningMs)),
    };
  } finally {
    watch.close();
  }
}

type OneByOne = {
  readonly hub: ApiClient;
  readonly followed: Followed;
  readonly over: Arrivals;
  readonly signal: AbortSignal;
};

async function runEach(
  prefix: string,
  jobs: number,
  seconds: number,
  { hub, followed, over, signal }: OneByOne,
): Promise<readonly { readonly presentMs: number; readonly runningMs: number }[]> {
  const { present, running } = followed;
  const times: { presentMs: number; runningMs: number }[] = [];
  for (const job of benchJobs(prefix, { jobs, seconds })) {
    const next = over.seen.size + 1;
    const startMs = performance.now();
    await hub.request('POST', jobsPath, job);
    await present.until(next, patienceSeconds, signal);
    await running.until(next, patienceSeconds, signal);
    await over.until(next, patienceSeconds, signal);
    const since = (seen: ReadonlyMap<string, number>) => [...seen.values()].at(-1)! - startMs;
    times.push({ presentMs: since(present.seen), runningMs: since(running.seen) });
  }
  return times;
}

function noteEnd(line: string, over: Arrivals): void {
  const { object } = JSON.parse(line) as {
    readonly object: {
      readonly metadata: { readonly uid: string };
      readonly status?: {
        readonly conditions?: readonly { readonly type: string; readonly status: string }[];
      };
    };
  };
  const succeeded = object.status?.conditions?.find(({ type }) => type === 'Succeeded');
  if (succeeded?.status === 'True') over.add(object.metadata.uid);
  if (succeeded?.status === 'False') over.fail(new Error(`a job failed: ${line.slice(0, 2_000)}`));
}
