import { parseArgs } from 'node:util';

export const tamperings = ['ms', 'price', 'voucher'] as const;
export type Tampering = (typeof tamperings)[number];

export type DemoArguments = {
  readonly json: boolean;
  readonly tamper: Tampering | undefined;
  /** Runs the examples of examples/real/ in containers. */
  readonly real: boolean;
};

/** `--json` prints one object on standard output; `--tamper` makes one agent dishonest; `--real` runs containers. */
export function demoArguments(argv: readonly string[]): DemoArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      tamper: { type: 'string' },
      real: { type: 'boolean', default: false },
    },
  });
  if (positionals.length > 0) {
    throw new Error(
      `unknown argument "${positionals[0]}": use --json, --real and --tamper ${tamperings.join('|')}`,
    );
  }
  const tamper = tamperings.find((name) => name === values.tamper);
  if (values.tamper !== undefined && tamper === undefined) {
    throw new Error(`--tamper "${values.tamper}" is unknown: use one of ${tamperings.join(', ')}`);
  }
  if (values.real && tamper !== undefined) throw new Error('use either --real or --tamper');
  return { json: values.json, tamper, real: values.real };
}
