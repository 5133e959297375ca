import { beforeAll, describe, expect, test } from '@jest/globals';
import { lintMetrics } from '../gates/metricsLint.ts';
import { type Scene, theScene } from './verbs.ts';

let scene: Scene;
beforeAll(() => {
  scene = theScene();
});

const kinds = [
  ...['gpujobs', 'gpuleases', 'paymentchannels', 'gpuproviders', 'gpuinventories', 'gpuoffers'],
  ...['paymentaccounts', 'settlementchains', 'placementrecords', 'leaseworkloads'],
];

describe('what people and machines look at', () => {
  test('/metrics of operator and agents pass the linter', async () => {
    const { operator, agents } = scene.environment.metrics;
    for (const url of [operator!, ...agents]) {
      const page = await (await fetch(url)).text();
      expect(page).toMatch(/controller_runtime_reconcile_total/);
      expect(await lintMetrics(page)).toEqual([]);
    }
  }, 300_000);

  test('/healthz and /readyz answer 200 while all is well', async () => {
    const { operator, agents } = scene.environment.metrics;
    for (const url of [operator!, ...agents]) {
      for (const path of ['/healthz', '/readyz']) {
        // What earlier scenarios put the machine under may still be settling.
        await scene.waitUntil(`200 from ${path} of ${url}`, async () => {
          const answer = await fetch(new URL(path, url));
          if (answer.status !== 200) throw new Error(await answer.text());
          return true;
        });
      }
    }
  }, 120_000);

  test.each(kinds)('kubectl explain %s has text for every field', async (kind) => {
    const text = await scene.hub('explain', kind, '--recursive');
    expect(text).not.toContain('<empty>');
    const fields = text
      .slice(text.indexOf('FIELDS:'))
      .split('\n')
      .filter((line) => /^\s+\w+\s/.test(line));
    expect(fields.length).toBeGreaterThan(5);
  });

  test('every provider is Ready and says where it is and what it has', async () => {
    const table = async () => (await scene.hub('get', 'gp')).trim().split('\n');
    const ready = (rows: readonly string[]) => rows.filter((row) => /\sReady\s/.test(row)).length;
    const providers = scene.environment.providers.length;
    await scene.waitUntil('all are Ready', async () => ready(await table()) === providers);
    const [heading, ...rows] = await table();
    for (const column of ['STATE', 'REGION', 'GPUS', 'PRODUCTS']) {
      expect(heading).toContain(column);
    }
    expect(rows).toHaveLength(providers);
  });
});
