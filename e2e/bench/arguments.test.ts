import { expect, test } from '@jest/globals';
import { benchArguments } from './arguments.ts';

test('a thousand jobs with sixteen creators unless told otherwise', () => {
  expect(benchArguments(['dispatch'])).toMatchObject({
    jobs: 1_000,
    concurrency: 16,
    writes: true,
  });
  expect(benchArguments(['dispatch', '--jobs', '20', '--no-writes', '--json'])).toMatchObject({
    jobs: 20,
    writes: false,
    json: true,
  });
});

test('each benchmark has a size and a length of its own', () => {
  expect(benchArguments(['latency'])).toMatchObject({ jobs: 50, seconds: 1 });
  expect(benchArguments(['leases', '--jobs', '7'])).toMatchObject({ jobs: 7, seconds: 60 });
});

test.each([
  [[], 'name one of these'],
  [['nothing'], 'name one of these'],
  [['dispatch', '--jobs', '0'], 'whole number'],
  [['dispatch', '--jobs', 'many'], 'whole number'],
  [['dispatch', '--profile'], '--dir'],
])('%j is refused, saying what may be written', (argv, message) => {
  expect(() => benchArguments(argv)).toThrow(message);
});
