import { parseArgs } from 'node:util';

export const tamperings = ['ms', 'price', 'voucher'] as const;
export type Tampering = (typeof tamperings)[number];

export type DemoArguments = { readonly json: boolean; readonly tamper: Tampering | undefined };

/** `--json` prints one object on standard output; `--tamper` makes one agent dishonest. */
export function demoArguments(argv: readonly string[]): DemoArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, tamper: { type: 'string' } },
  });
  if (positionals.length > 0) {
    throw new Error(
      `unknown argument "${positionals[0]}": use --json and --tamper ${tamperings.join('|')}`,
    );
  }
  const tamper = tamperings.find((name) => name === values.tamper);
  if (values.tamper !== undefined && tamper === undefined) {
    throw new Error(`--tamper "${values.tamper}" is unknown: use one of ${tamperings.join(', ')}`);
  }
  return { json: values.json, tamper };
}
