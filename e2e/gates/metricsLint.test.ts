import { expect, test } from '@jest/globals';
import { lintMetrics, promtoolPath } from './metricsLint.ts';

const clean = '# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total 1\n';

test('a clean page has no findings', async () => {
  expect(await lintMetrics(clean)).toEqual([]);
}, 300_000);

test('a counter without _total, a unit that is no base unit and a missing help are found', async () => {
  const page =
    '# TYPE wait_milliseconds gauge\nwait_milliseconds 1\n# HELP jobs Jobs.\n# TYPE jobs counter\njobs 1\n';
  const findings = (await lintMetrics(page)).join('\n');
  expect(findings).toMatch(/base unit/);
  expect(findings).toMatch(/_total/);
  expect(findings).toMatch(/help/);
}, 300_000);

test('a page that does not parse is found', async () => {
  expect(await lintMetrics('this is { no metric\n')).not.toEqual([]);
}, 300_000);

test('promtool is asked as well, where there is one', async () => {
  const promtool = promtoolPath();
  const findings = (await lintMetrics('# TYPE jobs counter\njobs 1\n', { promtool })).join('\n');
  const told = findings.match(/_total/g)?.length;
  // Skipped in effect without promtool: then one linter tells of it, not two.
  expect(told).toBe(promtool === undefined ? 1 : 2);
}, 300_000);
