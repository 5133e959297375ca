import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@gridlease/kube/clock';
import { silentLogger } from '@gridlease/kube/log';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parseExporterPage } from './exporterPage.ts';
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

  async function serve(answer: () => string | undefined): Promise<string> {
    const server = createServer((_request, response) => {
      const text = answer();
      // Without an answer it hangs, as a node that dies does.
      if (text !== undefined) response.end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  }

  function follow(urls: () => readonly string[]) {
    const stop = new AbortController();
    const waiting: (() => void)[] = [];
    const exporters = createExporters({
      urls,
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
    expect(exporters.view()?.heldBy('tenant', 'train-0', 'task')).toHaveLength(1);
    const next = changed();
    text = page('train-1', 79);
    await next;
    expect(exporters.view()?.heldBy('tenant', 'train-0', 'task')).toEqual([]);
    expect(exporters.view()?.device('GPU-a')).toMatchObject({ isUnhealthy: true });
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
    expect(exporters.view()?.device('GPU-a')).toBeDefined();
    expect(exporters.view()?.heldBy('tenant', 'another', 'task')).toHaveLength(1);
  });

  test('without any the meter has no view of them', async () => {
    const { exporters } = follow(() => []);
    expect(exporters.view()).toBeUndefined();
  });
});
