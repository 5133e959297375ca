import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Generated } from './generated.ts';
import { repository } from './repository.ts';
import { CHARTS } from './values/charts.ts';
import { type Key, keysOf } from './values/describe.ts';

const PLACE = '<!-- values -->';

/** Every key that has none below it; a mapping is its keys. */
const leaves = (keys: readonly Key[]): readonly Key[] =>
  keys.flatMap((key) => (key.keys.length > 0 ? leaves(key.keys) : [key]));

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function row({ path, value, description }: Key): string {
  const shown = value === undefined ? '' : `\`${JSON.stringify(value)}\``;
  return `| \`${path}\` | ${cell(shown)} | ${cell(description)} |`;
}

/** README.md of each chart: its README.template.md with the table of its values. */
export const readmeFiles = (): readonly Generated[] =>
  CHARTS.map(({ name, values }) => {
    const source = join(repository, 'charts', name, 'README.template.md');
    const template = existsSync(source) ? readFileSync(source, 'utf8') : PLACE;
    if (!template.includes(PLACE))
      throw new Error(`${source} has no place for the values: ${PLACE}`);
    const rows = leaves(keysOf(values, values.parse({}))).map(row);
    const table = ['| Key | Default | What it is |', '|---|---|---|', ...rows].join('\n');
    const header =
      '<!-- Generated from README.template.md and charts/src/values by `npm run charts`. Do not edit. -->\n';
    return {
      path: `charts/${name}/README.md`,
      text: header + template.replace(PLACE, () => table),
    };
  });
