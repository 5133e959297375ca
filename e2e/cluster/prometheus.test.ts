import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AlertReceiver, startAlertmanager, startAlertReceiver } from './alertmanager.ts';
import { Processes } from './processes.ts';
import { silentProgress } from './progress.ts';
import { type PrometheusServer, startPrometheus } from './prometheus.ts';
import { ensurePrometheus, isNewEnough, prometheusObstacle } from './prometheusAsset.ts';
import { waitFor } from './waitFor.ts';

test('a Prometheus that knows keep_firing_for is new enough, an older one is not', () => {
  expect(isNewEnough('prometheus, version 2.42.0+ds (branch: debian/sid)')).toBe(true);
  expect(isNewEnough('prometheus, version 3.5.0')).toBe(true);
  expect(isNewEnough('prometheus, version 2.41.0')).toBe(false);
  expect(isNewEnough('no such program')).toBe(false);
});

const obstacle = prometheusObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: ${obstacle}\n`);

(obstacle === undefined ? describe : describe.skip)('a real Prometheus with Alertmanager', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-prometheus-'));
  const processes = new Processes(dir);
  let value = 1;
  let page: Server;
  let receiver: AlertReceiver;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    page = createServer((_, response) =>
      response
        .setHeader('content-type', 'text/plain; version=0.0.4')
        .end(`# HELP glow Light.\n# TYPE glow gauge\nglow ${value}\n`),
    );
    await new Promise<void>((done) => page.listen(0, '127.0.0.1', done));
    receiver = await startAlertReceiver();
    const assets = await ensurePrometheus({ progress: silentProgress });
    const rules = join(dir, 'rules.json');
    const alert = {
      alert: 'Bright',
      expr: 'glow > 5',
      annotations: { summary: 'It is {{ $value }}' },
    };
    writeFileSync(rules, JSON.stringify({ groups: [{ name: 'light', rules: [alert] }] }));
    const common = { processes, assets };
    const alertmanager = await startAlertmanager({
      ...common,
      dir: join(dir, 'alertmanager'),
      webhookURL: receiver.url,
    });
    prometheus = await startPrometheus({
      ...common,
      dir: join(dir, 'prometheus'),
      targets: [
        {
          job: 'lamp',
          address: `127.0.0.1:${(page.address() as AddressInfo).port}`,
          labels: { room: 'hall' },
        },
      ],
      ruleFiles: [rules],
      alertmanager: alertmanager.url,
    });
  }, 120_000);

  afterAll(async () => {
    await processes.stop();
    await receiver?.[Symbol.asyncDispose]();
    page?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test('answers queries about what it scrapes, and says what is wrong with a bad one', async () => {
    const [series] = await waitFor(
      async () => {
        const found = await prometheus.query('glow');
        return found.length > 0 && found;
      },
      { what: 'a scraped series' },
    );
    expect(series?.metric).toMatchObject({ job: 'lamp', room: 'hall' });
    expect(await prometheus.query('scalar(glow)')).toHaveLength(1);
    await expect(prometheus.query('glow{')).rejects.toThrow(/parse error/);
  }, 60_000);

  test('tells a webhook when an alert fires and when it is over', async () => {
    expect(receiver.notifications).toEqual([]);
    value = 9;
    await waitFor(() => receiver.notifications.some(({ status }) => status === 'firing'), {
      what: 'the alert',
    });
    value = 1;
    await waitFor(() => receiver.notifications.some(({ status }) => status === 'resolved'), {
      what: 'the end of the alert',
      timeoutMilliseconds: 60_000,
    });
    expect(receiver.notifications[0]).toMatchObject({
      labels: { alertname: 'Bright', room: 'hall' },
      annotations: { summary: 'It is 9' },
    });
  }, 120_000);
});
