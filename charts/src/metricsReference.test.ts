import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { metricsFiles, metricsSections, unitOf } from './metricsReference.ts';
import { repository } from './repository.ts';

const documented = new Set(
  metricsSections().flatMap(({ metrics }) => metrics.map(({ name }) => name)),
);

/** Names of metrics in the programs' sources. */
function namesInSources(): readonly string[] {
  const files = ['kube', 'operator', 'provider-agent'].flatMap((workspace) =>
    readdirSync(join(repository, workspace, 'src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  );
  const names = files.flatMap((text) =>
    [...text.matchAll(/'(gridlease_[a-z_]+)'/g)].map(([, name]) => name!),
  );
  return [...new Set(names)].sort();
}

describe('the reference of metrics', () => {
  test('is what the registries say', () => {
    for (const { path, text } of metricsFiles()) {
      const stored = readFileSync(join(repository, path), 'utf8');
      // Not the whole text: what differs is one line, and `npm run charts` writes it.
      expect(text.split('\n').filter((line) => !stored.split('\n').includes(line))).toEqual([]);
      expect(stored.split('\n').filter((line) => !text.split('\n').includes(line))).toEqual([]);
    }
  });

  test('names every metric of the sources, and no other', () => {
    const ours = [...documented].filter((name) => name.startsWith('gridlease_')).sort();
    expect(ours).toEqual(namesInSources());
  });

  test('gives every metric a help that is a sentence and every label its values or its meaning', () => {
    for (const { metrics } of metricsSections()) {
      for (const { name, help } of metrics) {
        expect(`${name}: ${help}`).toMatch(/: [A-Z01].*[.0-9]$/s);
      }
    }
    expect(metricsFiles()[0]!.text).toContain('`state`: `free`, `leased`, `unhealthy`, `other`');
  });

  test('no label can hold a lease, a job, an address or a hash', () => {
    const labels = metricsSections().flatMap(({ metrics }) =>
      metrics.flatMap((metric) => metric.labels.map(({ label }) => label)),
    );
    const forbidden = ['lease', 'job', 'uid', 'address', 'hash', 'tx', 'pod', 'node', 'channel'];
    expect(labels.filter((label) => forbidden.includes(label))).toEqual([]);
  });
});

test.each([
  ['gridlease_gas_balance_coins', "the chain's coin"],
  ['gridlease_spent_tokens_total', 'token units'],
  ['gridlease_committed_tokens_per_hour', 'token units per hour'],
  ['gridlease_stated_gpu_seconds_total', 'GPU-seconds'],
  ['gridlease_chain_head_timestamp_seconds', 'Unix time, seconds'],
  ['gridlease_jobs', 'count'],
])('%s is in %s', (name, unit) => {
  expect(unitOf({ name, help: 'Any.' })).toBe(unit);
});
