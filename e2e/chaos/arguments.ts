import { parseArgs } from 'node:util';

const SUITES = ['kill', 'provider-lost'] as const;
export type SuiteName = (typeof SUITES)[number];

export type ChaosArguments = {
  readonly suite: SuiteName;
  readonly seed: number;
  /** Which runs of the seed: all from 1, or the one of `--run`. */
  readonly runs: readonly number[];
  readonly json: boolean;
  readonly keep: boolean;
};

/** A lost provider takes minutes: one run of one, one of all. */
const usualRuns: Readonly<Record<SuiteName, number>> = { kill: 30, 'provider-lost': 2 };

const usage = `use --suite ${SUITES.join('|')} [--runs N | --run K] [--seed N] [--json] [--keep]`;

const wholeNumber = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || text === '') {
    throw new Error(`--${name} "${text}" is not a whole number: ${usage}`);
  }
  return value;
};

/** `random` gives the seed where none is named; it is printed, so that it can be. */
export function chaosArguments(argv: readonly string[], random = Math.random): ChaosArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      suite: { type: 'string' },
      runs: { type: 'string' },
      run: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
    },
  });
  const suite = SUITES.find((name) => name === values.suite);
  if (suite === undefined) throw new Error(`no suite "${values.suite ?? ''}": ${usage}`);
  const count = values.runs === undefined ? usualRuns[suite] : wholeNumber('runs', values.runs);
  return {
    suite,
    seed:
      values.seed === undefined ? Math.floor(random() * 2 ** 31) : wholeNumber('seed', values.seed),
    runs:
      values.run === undefined
        ? Array.from({ length: count }, (_, index) => index + 1)
        : [wholeNumber('run', values.run)],
    json: values.json,
    keep: values.keep,
  };
}
