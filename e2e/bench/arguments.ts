import { parseArgs } from 'node:util';

const benches = ['dispatch', 'latency', 'leases'] as const;
export type Bench = (typeof benches)[number];

export type BenchArguments = {
  readonly bench: Bench;
  readonly json: boolean;
  /** Jobs that are measured; of `leases`, how many leases the hub holds in the end. */
  readonly jobs: number;
  /** Creators at work at the same time, each over a connection of its own. */
  readonly concurrency: number;
  /** Jobs run before the clock starts: code is compiled, connections are open, channels are funded. */
  readonly warmUp: number;
  /** How long each task's container runs, seconds. */
  readonly seconds: number;
  /** Folder that stays, for reading logs and profiles; a temporary one that goes when absent. */
  readonly dir: string | undefined;
  /** Audit logs of all API servers and writes per identity from them; costs time, so rates don't count. */
  readonly audit: boolean;
  /** CPU profiles of operator and agents, written into `dir` when they end. */
  readonly profile: boolean;
  /** False leaves out what single writes cost. */
  readonly writes: boolean;
};

const defaultJobs: Readonly<Record<Bench, number>> = {
  dispatch: 1_000,
  latency: 50,
  leases: 5_000,
};
const defaultSeconds: Readonly<Record<Bench, number>> = { dispatch: 5, latency: 1, leases: 60 };

/** `npm run bench -- NAME [options]`; throws with what may be written instead. */
export function benchArguments(argv: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    allowNegative: true,
    options: {
      json: { type: 'boolean', default: false },
      jobs: { type: 'string' },
      concurrency: { type: 'string', default: '16' },
      'warm-up': { type: 'string', default: '40' },
      seconds: { type: 'string' },
      dir: { type: 'string' },
      audit: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      writes: { type: 'boolean', default: true },
    },
  });
  const bench = benches.find((name) => name === positionals[0]);
  if (bench === undefined || positionals.length > 1) {
    throw new Error(`name one of these: npm run bench -- ${benches.join('|')}`);
  }
  if (values.profile && values.dir === undefined) {
    throw new Error('--profile needs --dir, where the profiles stay');
  }
  return {
    bench,
    json: values.json,
    jobs: wholeNumber('jobs', values.jobs ?? String(defaultJobs[bench]), 1),
    concurrency: wholeNumber('concurrency', values.concurrency, 1),
    warmUp: wholeNumber('warm-up', values['warm-up'], 0),
    seconds: wholeNumber('seconds', values.seconds ?? String(defaultSeconds[bench]), 1),
    dir: values.dir,
    audit: values.audit,
    profile: values.profile,
    writes: values.writes,
  };
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`--${name} "${text}" must be a whole number of at least ${least}`);
  }
  return value;
}
