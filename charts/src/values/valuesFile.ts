import { stringify } from 'yaml';
import type { z } from 'zod';
import { type Key, keysOf } from './describe.ts';

const header =
  '# Generated from charts/src/values by `npm run charts`. Do not edit: give your own file with --values.\n';

/** Helm reads YAML 1.1, where a plain `yes` is no text. */
const YAML_OF_HELM = { lineWidth: 0, version: '1.1' } as const;

const indent = (text: string, depth: number): string =>
  text.replace(/^(?=.)/gm, '  '.repeat(depth));

function linesOf({ name, description, value, keys }: Key, depth: number): string {
  const comment = indent(`# -- ${description}\n`, depth);
  // Without a default of its own it is shown, and left to the program.
  if (value === undefined) return `${comment}${indent(`# ${name}:\n`, depth)}`;
  if (keys.length > 0) {
    // Where every key below is left to the program, the mapping itself still is one.
    const isEmpty = keys.every((key) => key.value === undefined);
    const own = indent(`${name}:${isEmpty ? ' {}' : ''}\n`, depth);
    return comment + own + keys.map((key) => linesOf(key, depth + 1)).join('');
  }
  return comment + indent(stringify({ [name]: value }, YAML_OF_HELM), depth);
}

/** values.yaml: every key with its default and what it is for. */
export const valuesYaml = (values: z.ZodObject): string =>
  `${header}\n${keysOf(values, values.parse({}))
    .map((key) => linesOf(key, 0))
    .join('\n')}`;
