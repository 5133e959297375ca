import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { interruptSignal } from '../cluster/interrupt.ts';
import { runMain } from '../cluster/runMain.ts';
import { type Bench, type BenchArguments, benchArguments } from './arguments.ts';
import { type BenchContext, dispatchBench } from './dispatch.ts';
import { latencyBench } from './latency.ts';
import { leasesBench } from './leases.ts';
import { dispatchTables, latencyTable, leasesTable } from './report.ts';

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Runs a benchmark; what it returns writes the report, for people or as JSON. */
type Runner = (
  options: BenchArguments,
  context: BenchContext,
) => Promise<(asJson: boolean) => string>;

function runner<R>(
  run: (options: BenchArguments, context: BenchContext) => Promise<R>,
  table: (report: R) => string,
): Runner {
  return async (options, context) => {
    const report = await run(options, context);
    return (asJson) => (asJson ? JSON.stringify(report, null, 2) : table(report));
  };
}

const runners: Readonly<Record<Bench, Runner>> = {
  dispatch: runner(dispatchBench, dispatchTables),
  latency: runner(latencyBench, latencyTable),
  leases: runner(leasesBench, leasesTable),
};

/** `npm run bench -- NAME [--json]`: progress on standard error, the result on standard output. */
async function main(): Promise<void> {
  const options = benchArguments(process.argv.slice(2));
  const dir =
    options.dir === undefined
      ? mkdtempSync(join(tmpdir(), 'gridlease-bench-'))
      : resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  try {
    const write = await runners[options.bench](options, { dir, say, signal: interruptSignal() });
    process.stdout.write(`${write(options.json)}\n`);
  } finally {
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

await runMain(main);
