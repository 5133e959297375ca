import { setTimeout as wait } from 'node:timers/promises';
import type { BenchArguments } from './arguments.ts';
import { createAll } from './createAll.ts';
import type { BenchContext } from './dispatch.ts';
import { benchJobs, jobsPath } from './federationPhase.ts';
import { followedFederation } from './followedFederation.ts';
import { type Machine, machine } from './machine.ts';
import { type ProcessUsage, usageOf } from './processUsage.ts';

/** A full round of every clock of the programs passes with all leases held: statements, vouchers, resync. */
const heldSeconds = 60;

export type LeasesReport = {
  readonly bench: 'leases';
  readonly machine: Machine;
  /** Leases in the hub at the end, each of a job of its own: those of the last minute run, the others have ended. */
  readonly leases: number;
  readonly runningSeconds: number;
  /** Memory of operator and agents after a minute with all of them, and CPU since their start. */
  readonly programs: Readonly<Record<string, ProcessUsage>>;
};

/** Makes the hub hold many leases, running and ended, to see what the programs need in memory. */
export async function leasesBench(
  options: BenchArguments,
  context: BenchContext,
): Promise<LeasesReport> {
  const { say, signal } = context;
  await using opened = await followedFederation(options.jobs, context);
  const { federation, hub } = opened;
  const { running } = opened.followed;
  const isProgram = ({ name }: { readonly name: string }) => /^operator|agent/.test(name);
  const programs = () => usageOf(federation.processes.records().filter(isProgram));
  const tell = () =>
    say(`  ${running.seen.size} of ${options.jobs} have begun; operator ${rssOf(programs())} MiB`);
  const timer = setInterval(tell, 15_000);
  try {
    const jobs = benchJobs('held', options);
    const { firstMs } = await createAll(hub, jobsPath, jobs, options.concurrency);
    await running.until(options.jobs, 300, signal);
    const runningSeconds = Math.round((performance.now() - firstMs) / 100) / 10;
    say(
      `all ${options.jobs} have begun after ${runningSeconds} s; looking on for ${heldSeconds} s`,
    );
    await wait(heldSeconds * 1_000, undefined, { signal });
    return {
      bench: 'leases',
      machine: machine(),
      leases: options.jobs,
      runningSeconds,
      programs: programs(),
    };
  } finally {
    clearInterval(timer);
  }
}

const rssOf = (programs: Readonly<Record<string, ProcessUsage>>): number | undefined =>
  programs['operator']?.rssMiB;
