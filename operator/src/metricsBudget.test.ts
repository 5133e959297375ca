import { fillRuntime } from '@gridlease/kube/testing/fillRuntime';
import { processorTime } from '@gridlease/kube/testing/processorTime';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Registry } from 'prom-client';
import { operatorMetrics } from './metricsCatalog.ts';
import { aLargeHub } from './testing/largeHub.ts';

/** 100 providers × 10,000 jobs: what a hub may show, and what it may cost to look. */
const jobs = 10_000;
const mostSeries = 10_000;
const mostScrapeMs = 100;

/** The controllers of the operator and the kinds it follows; each has series of its own. */
const controllers = 16;

let hub: ReturnType<typeof aLargeHub>;

beforeAll(() => {
  hub = aLargeHub(jobs);
  for (const seconds of [0, 60, 120]) {
    for (let index = 0; index < hub.providers; index += 1) {
      hub.informers.channels.put(hub.aStatedChannel(index, seconds, jobs));
    }
  }
}, 120_000);

const seriesIn = async (registry: Registry): Promise<number> =>
  (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    .length;

describe('with 100 providers and 10,000 jobs', () => {
  test(`a hub shows fewer than ${mostSeries} series, and counts what is there`, async () => {
    const { everyReplica, leader } = operatorMetrics();
    fillRuntime(everyReplica, { controllers, kinds: 13, targets: ['hub'] });
    // The signals are in both: those of the catalog have no series of providers.
    const [ofSignals, ofStages, ofProgram] = await Promise.all(
      [hub.registry, leader, everyReplica].map(seriesIn),
    );
    const total = ofSignals! + ofStages! + ofProgram!;
    process.stdout.write(
      `series: ${ofSignals} of signals, ${ofStages} of stages, ${ofProgram} of the runtime\n`,
    );
    expect(total).toBeLessThan(mostSeries);
    expect(await hub.value('gridlease_jobs', { namespace: 'team-0', state: 'running' })).toBe(500);
    expect(
      await hub.value('gridlease_leases', { provider: 'provider-007', state: 'running' }),
    ).toBe(17);
    const paid = { namespace: 'team-7', provider: 'provider-007' };
    expect(await hub.value('gridlease_paid_gpu_seconds_total', paid)).toBeGreaterThan(1_000);
  });

  test('ten times the jobs add no series', async () => {
    const before = await seriesIn(hub.registry);
    const small = aLargeHub(jobs / 10);
    expect(await seriesIn(small.registry)).toBeLessThanOrEqual(before);
    expect(before - (await seriesIn(small.registry))).toBeLessThan(hub.providers * 10);
  });

  test(`a scrape takes less than ${mostScrapeMs} ms of processor time`, async () => {
    await hub.registry.metrics();
    const tookMs: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const tookOf = processorTime();
      await hub.registry.metrics();
      tookMs.push(tookOf());
    }
    process.stdout.write(`scrapes: ${tookMs.map((ms) => ms.toFixed(0)).join(', ')} ms\n`);
    expect(Math.min(...tookMs)).toBeLessThan(mostScrapeMs);
  });

  test('a change of one object costs no look at the others', () => {
    const { leases } = hub.informers;
    const lease = leases.list()[0]!;
    const tookOf = processorTime();
    for (let round = 0; round < 1_000; round += 1) leases.put({ ...lease });
    expect(tookOf() / 1_000).toBeLessThan(1);
  });

  test('providers that go take their series with them', async () => {
    const small = aLargeHub(200);
    for (const lease of small.informers.leases.list()) {
      small.informers.leases.remove(`${lease.metadata.namespace}/${lease.metadata.name}`);
    }
    for (let index = 0; index < small.providers; index += 1) {
      small.informers.providers.remove(small.providerName(index));
    }
    expect(await small.registry.metrics()).not.toContain('provider="');
  });
});
