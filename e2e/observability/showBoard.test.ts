import { expect, test } from '@jest/globals';
import { boardQueries, shippedBoards } from './boardQueries.ts';
import { colourOf, panelLine } from './showBoard.ts';

const rising = [
  { value: null, color: 'green' },
  { value: 300, color: 'orange' },
  { value: 1_800, color: 'red' },
];
const falling = [
  { value: null, color: 'red' },
  { value: 1, color: 'green' },
];

test.each([
  [0, 'green'],
  [299.9, 'green'],
  [300, 'orange'],
  [1_800, 'red'],
  [Number.POSITIVE_INFINITY, 'red'],
])('%d reaches the threshold of %s', (figure, colour) => {
  expect(colourOf(rising, figure)).toBe(colour);
});

const panel = (steps: readonly object[]) => ({
  type: 'stat',
  title: 'Providers reached',
  fieldConfig: { defaults: { thresholds: { steps } } },
});

test.each([
  ['the worst of its series', falling, [1, 0, 1], 'red'],
  ['good where all series are', falling, [1, 1], 'green'],
  ['no judgement without figures', falling, [], ''],
  ['no judgement where there is one colour only', [{ value: null, color: 'blue' }], [7], ''],
])('a panel has %s', (_, steps, values, colour) => {
  const figures = new Map(values.map((value, index) => [`A ${index}`, value]));
  expect(panelLine(panel(steps) as never, figures).colour).toBe(colour);
});

test('equal figures are shown once, in three digits', () => {
  const figures = new Map([
    ['A', 1.23456],
    ['B', 1.23456],
    ['C', 2],
  ]);
  expect(panelLine(panel(rising) as never, figures).text).toMatch(
    /^green +Providers reached +1\.23 2$/,
  );
});

test('a Prometheus that has not scraped yet is told from one that never will', async () => {
  const empty = { query: async () => [] };
  const [federation] = shippedBoards().filter(({ uid }) => uid === 'gridlease-federation');
  await expect(boardQueries(empty, federation!, '1m')).rejects.toThrow(
    /^gridlease-federation: Prometheus has nothing yet of gridlease_build_info.+ npm run monitor/,
  );
});
