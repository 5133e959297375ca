import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@gridlease/kube/clock';
import { silentLogger } from '@gridlease/kube/log';
import { processorTime } from '@gridlease/kube/testing/processorTime';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parseExporterPage } from './exporterPage.ts';
import type { ExporterSource } from './exporterPods.ts';
import { createExporters } from './exporters.ts';

const page = (pod: string, xid = 0) => `# HELP DCGM_FI_DEV_GPU_UTIL GPU utilization (in %).
# TYPE DCGM_FI_DEV_GPU_UTIL gauge
DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a",pci_bus_id="00000000:10:00.0",device="nvidia0",modelName="NVIDIA H100 80GB HBM3",Hostname="gpu-1",container="task",namespace="tenant",pod="${pod}"} 95
DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="GPU-a",device="nvidia0",modelName="NVIDIA H100 80GB HBM3",Hostname="gpu-1",container="task",namespace="tenant",pod="${pod}"} ${xid}
DCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-b",device="nvidia1",modelName="NVIDIA H100 80GB HBM3",Hostname="gpu-1"} 0
process_cpu_seconds_total 12
`;

describe('the page of a DCGM exporter', () => {
  test('names devices, their models, who holds them and whether they failed', () => {
    const model = 'NVIDIA H100 80GB HBM3';
    expect(parseExporterPage(page('train-0', 79))).toEqual([
      {
        id: 'GPU-a',
        model,
        isUnhealthy: true,
        holder: { namespace: 'tenant', pod: 'train-0', container: 'task' },
      },
      { id: 'GPU-b', model, isUnhealthy: false, holder: undefined },
    ]);
  });

  test.each([
    ['a slice with its own id', 'X{UUID="GPU-a",GPU_I_ID="7",GPU_I_PROFILE="1g.5gb"} 1', 'GPU-a:7'],
    ['a value with quotes', 'X{UUID="GPU-\\"a\\\\",modelName="x\\ny"} 1', 'GPU-"a\\'],
    ['a comma and spaces', 'X{ gpu="0", UUID="GPU-a", } 1', 'GPU-a'],
    ['a brace in a value', 'X{modelName="{x}",UUID="GPU-a"} 1', 'GPU-a'],
    ['a time stamp', 'X{UUID="GPU-a"} 1.5e3 1700000000000', 'GPU-a'],
  ])('is read with %s', (_name, line, id) => {
    expect(parseExporterPage(line).map((device) => device.id)).toEqual([id]);
  });

  test.each(['hello', '', 'X{} 1', 'X{UUID=""} 1', 'X{UUID="GPU-a" 1', `${'{'.repeat(10_000)}`])(
    'gives nothing for what is none: %j',
    (text) => {
      expect(parseExporterPage(text)).toEqual([]);
    },
  );

  test.each([
    ['letters', `X{UUID="GPU-a",${'a'.repeat(200_000)}} 1`],
    ['labels', `X{${'a="b",'.repeat(40_000)}UUID="GPU-a"} 1`],
    ['braces', `X{UUID="GPU-a"${'} '.repeat(100_000)}`],
    ['many lines of letters', `X{${'a'.repeat(4_000)}} 1\n`.repeat(500)],
    ['many lines of spaces', `X{UUID="GPU-a"${' '.repeat(4_000)}x\n`.repeat(500)],
  ])('that is made of %s takes no longer than it is long', (_name, text) => {
    const tookMs = processorTime();
    expect(parseExporterPage(text)).toEqual([]);
    expect(tookMs()).toBeLessThan(500);
  });

  test('says the health that DCGM found', () => {
    const health = (value: number) =>
      parseExporterPage(`DCGM_EXP_GPU_HEALTH_STATUS{UUID="GPU-a"} ${value}`)[0]?.isUnhealthy;
    expect([0, 10, 20].map(health)).toEqual([false, false, true]);
  });
});

describe('exporters', () => {
  const stops: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  });

  async function serve(
    answer: () => string | undefined | ((response: ServerResponse) => void),
  ): Promise<string> {
    const server = createServer((_request, response) => {
      const text = answer();
      // Without an answer it hangs, as a node that dies does.
      if (typeof text === 'function') text(response);
      else if (text !== undefined) response.end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  }

  function follow(urls: () => readonly (string | ExporterSource)[]) {
    const stop = new AbortController();
    const waiting: (() => void)[] = [];
    const exporters = createExporters({
      sources: () =>
        urls().map((url) => (typeof url === 'string' ? { url, nodeName: undefined } : url)),
      intervalMs: 20,
      onChange: () => {
        for (const resolve of waiting.splice(0)) resolve();
      },
      clock: systemClock,
      log: silentLogger,
    });
    exporters.start(stop.signal);
    stops.unshift(async () => {
      stop.abort();
      await exporters.stopped;
    });
    const changed = () => new Promise<void>((resolve) => waiting.push(resolve));
    return { exporters, changed };
  }

  test('are read again, and a change of holder or health is told', async () => {
    let text = page('train-0');
    const url = await serve(() => text);
    const { exporters, changed } = follow(() => [url]);
    await changed();
    expect(exporters.view('gpu-1')?.heldBy('tenant', 'train-0', 'task')).toHaveLength(1);
    const next = changed();
    text = page('train-1', 79);
    await next;
    expect(exporters.view('gpu-1')?.heldBy('tenant', 'train-0', 'task')).toEqual([]);
    expect(exporters.view('gpu-1')?.device('GPU-a')).toMatchObject({ isUnhealthy: true });
  });

  test('that hang keep the others from nothing, and what was said last still counts', async () => {
    let hangs = false;
    const one = await serve(() => (hangs ? undefined : page('train-0')));
    let text = page('other').replaceAll('GPU-', 'GPU-2');
    const other = await serve(() => text);
    const { exporters, changed } = follow(() => [one, other]);
    await changed();
    hangs = true;
    const next = changed();
    text = page('another').replaceAll('GPU-', 'GPU-2');
    await next;
    expect(exporters.view('gpu-1')?.device('GPU-a')).toBeDefined();
    expect(exporters.view('gpu-1')?.heldBy('tenant', 'another', 'task')).toHaveLength(1);
  });

  test('that answer without an end are read as far as a page is long', async () => {
    const line = `# ${'x'.repeat(65_536)}\n`;
    const endless = await serve(() => (response) => {
      response.write(page('train-0'));
      const more = (): void => {
        while (!response.destroyed && response.write(line));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const { exporters, changed } = follow(() => [endless]);
    await changed();
    expect(exporters.view('gpu-1')?.device('GPU-a')).toBeDefined();
  });

  test('can’t send the agent to another address', async () => {
    let asked = false;
    const elsewhere = await serve(() => {
      asked = true;
      return page('train-0');
    });
    let times = 0;
    const moved = await serve(() => (response) => {
      times += 1;
      response.writeHead(302, { location: elsewhere }).end();
    });
    let text = page('other');
    const honest = await serve(() => text);
    const { exporters, changed } = follow(() => [moved, honest]);
    await changed();
    const next = changed();
    text = page('another');
    await next;
    expect([asked, times > 0]).toEqual([false, true]);
    expect(exporters.view('gpu-1')?.heldBy('tenant', 'train-0', 'task')).toEqual([]);
  });

  test('that run as pods are believed about their own node only', async () => {
    const url = await serve(() => page('train-0', 79));
    const { exporters, changed } = follow(() => [{ url, nodeName: 'gpu-2' }]);
    await changed();
    expect(exporters.view('gpu-1')?.device('GPU-a')).toBeUndefined();
    expect(exporters.view('gpu-1')?.heldBy('tenant', 'train-0', 'task')).toEqual([]);
    expect(exporters.view('gpu-2')?.device('GPU-a')).toMatchObject({ isUnhealthy: true });
  });

  test('without any the meter has no view of them', async () => {
    const { exporters } = follow(() => []);
    expect(exporters.view('gpu-1')).toBeUndefined();
  });
});
