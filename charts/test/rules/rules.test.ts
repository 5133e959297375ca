import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePrometheus, prometheusObstacle } from '@gridlease/e2e/cluster/prometheusAsset';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Program, RuleGroup } from '../../src/alerts/alert.ts';
import { ALERTS, RULE_GROUPS } from '../../src/alerts/groups.ts';
import { ruleFile, unchanged } from '../../src/alerts/ruleFile.ts';
import { agentCases } from './agentCases.ts';
import type { AlertCase } from './case.ts';
import { hubCases } from './hubCases.ts';
import { promtoolTests } from './promtoolTests.ts';
import { runtimeCases } from './runtimeCases.ts';
import { type BurnCase, burnCases } from './sloCases.ts';

const cases = [...hubCases, ...agentCases, ...runtimeCases];

test('every level of every alert has a case that fires and one that stays quiet', () => {
  const key = (name: string, severity: string, program: string | undefined) =>
    `${name} ${severity} ${program ?? ''}`;
  const isBoth = (name: string) =>
    new Set(ALERTS.filter((a) => a.name === name).map((a) => a.program)).size > 1;
  const wanted = ALERTS.filter(({ name }) => !name.endsWith('Burn')).map(
    ({ name, severity, program }) => key(name, severity, isBoth(name) ? program : undefined),
  );
  const got = cases.map(({ alert, severity, labels }) => key(alert, severity, labels['program']));
  expect([...new Set(got)].sort()).toEqual(wanted.sort());
  expect(burnCases).toHaveLength(ALERTS.filter(({ name }) => name.endsWith('Burn')).length);
});

test('the texts of an alert name no label that it does not have', () => {
  for (const { alert, severity, labels } of cases) {
    for (const { summary, description } of ALERTS.filter(
      (a) => a.name === alert && a.severity === severity,
    )) {
      // What stands between `with` and `end` is left out where there is no such label.
      const always = `${summary} ${description}`.replaceAll(/\{\{ with .*?\{\{ end \}\}/g, '');
      const named = [...always.matchAll(/\$labels\.(\w+)/g)].map((match) => match[1]!);
      expect([alert, named.filter((label) => !(label in labels))]).toEqual([alert, []]);
    }
  }
});

const obstacle = prometheusObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: ${obstacle}\n`);

(obstacle === undefined ? describe : describe.skip)('promtool', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gridlease-rules-'));
  const files: string[] = [];
  let promtool: string;

  beforeAll(async () => {
    promtool = (await ensurePrometheus()).promtool;
    for (const group of RULE_GROUPS) {
      const file = join(folder, `${group.name}.yaml`);
      writeFileSync(file, ruleFile(group));
      files.push(file);
    }
  }, 300_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(promtool, args, { encoding: 'utf8' });
    return { status, output: `${stdout}${stderr}` };
  };
  const testRules = (
    { name, program, alerts }: RuleGroup,
    examples: readonly AlertCase[],
    burns: readonly BurnCase[],
  ) => {
    const isOurs = (alert: string, of = program) =>
      of === program && alerts.some((ours) => ours.name === alert);
    const tests = promtoolTests(
      join(folder, `${name}.yaml`),
      examples.filter(({ alert, labels }) => isOurs(alert, labels['program'] as Program)),
      burns.filter(({ objective }) => isOurs(objective.alert, objective.program)),
    );
    const file = join(folder, `${name}.tests.json`);
    writeFileSync(file, JSON.stringify(tests));
    return { count: tests.tests.length, ...run('test', 'rules', file) };
  };

  test('finds nothing wrong with the rules', () => {
    const { status, output } = run('check', 'rules', '--lint-fatal', ...files);
    expect({ status, output }).toMatchObject({ status: 0 });
  });

  test.each(RULE_GROUPS.map((group) => [group.name, group] as const))(
    'sees each alert of %s fire in its time and stay quiet without its fault',
    (_, group) => {
      const { count, status, output } = testRules(group, cases, burnCases);
      expect({ status, output }).toMatchObject({ status: 0 });
      expect(count).toBeGreaterThanOrEqual(2 * group.alerts.length);
    },
    120_000,
  );

  test('sees when an alert that should stay quiet fires', () => {
    const [first] = hubCases;
    const swapped = { ...first!, quiet: { ...first!.quiet, series: first!.fires.series } };
    expect(testRules(RULE_GROUPS[0]!, [swapped], []).status).not.toBe(0);
  });

  test('thresholds in seconds are in the rules as they are stated', () => {
    const low = ALERTS.find((alert) => alert.name === 'GridleaseEscrowRunwayLow');
    expect(low?.expr(unchanged)).toMatch(/< 3600$/);
    expect(low?.expr((seconds) => seconds / 60)).toMatch(/< 60$/);
  });
});
