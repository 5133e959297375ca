import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureHelm } from '@gridlease/e2e/cluster/helmAsset';
import { beforeAll, expect, test } from '@jest/globals';
import { repository } from '../src/repository.ts';
import { required } from './support/agent.ts';
import { type ChartName, chartPath, helm } from './support/helm.ts';

/** A call of helm as somebody will paste it. */
type Command = {
  readonly where: string;
  readonly chart: ChartName;
  readonly text: string;
  /** key=value, as given to --set. */
  readonly settings: readonly string[];
};

const CALL =
  /helm (?:install|upgrade) [-a-z]+ charts\/(gridlease-(?:crds|operator|provider-agent))[^`\n]*/g;

const pages = [
  'docs/**/*.md',
  'charts/*/README.md',
  'charts/*/templates/NOTES.txt',
  '*.md',
].flatMap((pattern) => globSync(pattern, { cwd: repository }).sort());

const commands: readonly Command[] = pages.flatMap((where) => {
  const page = readFileSync(join(repository, where), 'utf8').replaceAll(/\\\n\s*/g, ' ');
  return [...page.matchAll(CALL)].map(([text, chart]) => ({
    ...{ where, text, chart: chart as ChartName },
    settings: [...text.matchAll(/--set(?:-string)? (\S+)/g)].flatMap(([, pairs]) =>
      Array.from(pairs!.matchAll(/[\w.[\]-]+=(?:"[^"]*"|[^,\s"])*/g), ([pair]) => pair),
    ),
  }));
});

beforeAll(async () => {
  await ensureHelm();
}, 900_000);

test('the pages have commands to look at', () => {
  expect(commands.length).toBeGreaterThan(10);
  expect(commands.flatMap(({ settings }) => settings).length).toBeGreaterThan(5);
});

test.each(commands)('$where names the namespace: $text', ({ text }) => {
  expect(text).toMatch(/ (-n|--namespace) \S/);
});

type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly patternProperties?: object;
};

/** Whether the chart has such a value. */
function isKnown(chart: ChartName, key: string): boolean {
  let schema: Schema | undefined = JSON.parse(
    readFileSync(join(chartPath(chart), 'values.schema.json'), 'utf8'),
  );
  for (const part of key.split('.')) {
    if (schema?.patternProperties !== undefined) return true;
    schema = schema?.properties?.[part];
  }
  return schema !== undefined;
}

const set = commands.filter(({ settings }) => settings.length > 0);

test.each(set)('$where sets what $chart has: $settings', async ({ chart, settings }) => {
  const unknown = settings.filter((pair) => !isKnown(chart, pair.split('=')[0]!));
  expect(unknown).toEqual([]);
  // What the reader has to fill in has no value yet.
  const literal = settings.filter((pair) => !/[$<…]|=[A-Z_]+$/.test(pair));
  const values = chart === 'gridlease-provider-agent' ? required : {};
  const texts = literal.flatMap((pair) => [/hubEpoch/.test(pair) ? '--set-string' : '--set', pair]);
  const answer = await helm(['template', chart, chartPath(chart), ...texts], values);
  expect(answer).toMatchObject({ code: 0, stderr: '' });
});
