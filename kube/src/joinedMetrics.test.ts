import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { startHttpServer } from './http.ts';
import { joinedMetrics } from './joinedMetrics.ts';
import { createRegistry } from './metrics.ts';
import { readGauge } from './seriesGauge.ts';

test('a metric that can not be read is left off the page, counted and told; all others are there', async () => {
  const base = createRegistry({ processMetrics: false });
  const stages = new Registry();
  let breaks = true;
  const gauge = (registry: Registry, name: string, read: () => number) =>
    readGauge(registry, { name, help: name, read });
  gauge(base, 'before', () => 1);
  gauge(stages, 'broken', () => {
    if (breaks) throw new Error('no such field');
    return 2;
  });
  gauge(stages, 'after', () => 3);
  const told: string[] = [];
  const page = joinedMetrics(
    base,
    () => [stages, undefined],
    (metric, error) => told.push(`${metric}: ${String(error)}`),
  );
  await using server = await startHttpServer({ port: 0, registry: page });
  const look = async () => {
    const response = await fetch(`${server.url}/metrics`);
    return { status: response.status, lines: (await response.text()).split('\n') };
  };

  const blind = await look();
  expect(blind.status).toBe(200);
  expect(blind.lines).toEqual(
    expect.arrayContaining(['before 1', 'after 3', 'gridlease_unreadable_metrics 1']),
  );
  expect(blind.lines.filter((line) => line.startsWith('broken'))).toEqual([]);
  expect(told).toEqual(['broken: Error: no such field']);

  breaks = false;
  expect((await look()).lines).toEqual(
    expect.arrayContaining(['broken 2', 'gridlease_unreadable_metrics 0', '']),
  );
});
