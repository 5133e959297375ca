import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import { waitFor } from '../cluster/waitFor.ts';
import { type DeviceControl, deviceControl, pageOf } from './control.ts';
import { TestKubelet } from './testKubelet.ts';

/** The program as a process of its own, over real sockets. */
jest.setTimeout(60_000);

const ids = [
  'GPU-11111111-0000-4000-8000-000000000000',
  'GPU-22222222-0000-4000-8000-000000000000',
];
const [first, second] = ids as [string, string];
const dir = mkdtempSync(join(tmpdir(), 'gridlease-devices-'));
const socket = join(dir, 'nvidia.com-gpu.sock');
let program: ChildProcess;
let control: DeviceControl;
let kubelet: TestKubelet;
let kubeletSince = 0;
let errors = '';

const readyz = async () => {
  const response = await fetch(`${control.url}/readyz`, { signal: AbortSignal.timeout(20_000) });
  return { status: response.status, text: (await response.text()).trim() };
};
const becomes = (what: string, check: () => boolean | Promise<boolean>) =>
  waitFor(async () => check(), {
    what: `${what}; the program said: ${errors}`,
    timeoutMilliseconds: 20_000,
  });
const started = async () => {
  kubeletSince = performance.now();
  kubelet = await TestKubelet.start(dir);
  await becomes('a list for the new kubelet', () => kubelet.lists.length > 0);
};
/** Once, and once more for each 5 s in which a kubelet that stood still took no registration or watched no list. */
const expectRegistered = (request: object) => {
  const most = 1 + Math.floor((performance.now() - kubeletSince) / 5_000);
  expect(kubelet.registered.length).toBeGreaterThanOrEqual(1);
  expect(kubelet.registered.length).toBeLessThanOrEqual(most);
  expect(kubelet.registered).toEqual(kubelet.registered.map(() => request));
};
const healthOf = (devices: readonly { readonly health: string }[] | undefined) =>
  devices?.map(({ health }) => health).join();

beforeAll(async () => {
  program = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'main.ts'),
      ...['--plugin-dir', dir, '--pod-resources', join(dir, 'pods.sock')],
      ...['--devices', ids.join(','), '--product', 'NVIDIA H100 80GB HBM3', '--node', 'gpu-0'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  program.stderr!.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [line] = (await once(createInterface({ input: program.stdout! }), 'line')) as [string];
  control = deviceControl((JSON.parse(line) as { url: string }).url);
});

afterAll(async () => {
  const ended = once(program, 'exit');
  program.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  // What it served is gone with it.
  expect(existsSync(socket)).toBe(false);
  rmSync(dir, { recursive: true, force: true });
}, 30_000);

test('without a kubelet it runs, and says that it is not ready and why', async () => {
  expect(await readyz()).toEqual({ status: 503, text: `there is no ${join(dir, 'kubelet.sock')}` });
  expect(await control.list()).toHaveLength(2);
});

describe('with a kubelet', () => {
  beforeEach(async () => {
    await started();
  });
  afterEach(async () => {
    for (const uuid of ids) await control.setHealth(uuid, 'Healthy');
    kubelet[Symbol.dispose]();
  });

  test('registers the resource once, and lists its devices', async () => {
    await becomes('readiness', async () => (await readyz()).status === 200);
    expectRegistered({
      version: 'v1beta1',
      endpoint: 'nvidia.com-gpu.sock',
      resource_name: 'nvidia.com/gpu',
      options: { pre_start_required: false, get_preferred_allocation_available: true },
    });
    expect(kubelet.lists[0]).toMatchObject(ids.map((ID) => ({ ID, health: 'Healthy' })));
    expect(await kubelet.ask('GetDevicePluginOptions', {})).toEqual(kubelet.registered[0]?.options);
  });

  test('tells the kubelet of a device that fails, and of one that recovers', async () => {
    const health = () => healthOf(kubelet.lists.at(-1));
    await control.setHealth(second, 'Unhealthy');
    await becomes('the failure', () => health() === 'Healthy,Unhealthy');
    expect(healthOf(await control.list())).toBe('Healthy,Unhealthy');
    await control.setHealth(second, 'Healthy');
    await becomes('the recovery', () => health() === 'Healthy,Healthy');
  });

  test('gives containers their devices, and refuses one that it does not have', async () => {
    const container_requests = [{ devices_ids: [second] }, { devices_ids: ids }];
    const answer = await kubelet.ask('Allocate', { container_requests });
    expect(answer).toMatchObject({
      container_responses: [
        { envs: { NVIDIA_VISIBLE_DEVICES: second } },
        { envs: { NVIDIA_VISIBLE_DEVICES: ids.join(',') } },
      ],
    });
    const foreign = kubelet.ask('Allocate', { container_requests: [{ devices_ids: ['GPU-x'] }] });
    await expect(foreign).rejects.toThrow(/INVALID_ARGUMENT: this node has no device GPU-x/);
  });

  test('advises which devices to take', async () => {
    const request = {
      available_deviceIDs: [second, first],
      must_include_deviceIDs: [],
      allocation_size: 1,
    };
    const answer = kubelet.ask('GetPreferredAllocation', { container_requests: [request] });
    expect(await answer).toEqual({ container_responses: [{ deviceIDs: [first] }] });
  });

  test('survives restarts of the kubelet: its socket is back, and health is remembered', async () => {
    await control.setHealth(first, 'Unhealthy');
    for (let restart = 1; restart <= 3; restart++) {
      kubelet[Symbol.dispose]();
      await started();
      expect(existsSync(socket)).toBe(true);
      expectRegistered(kubelet.registered[0]!);
      expect(kubelet.lists[0]?.map((device) => device.health)).toEqual(['Unhealthy', 'Healthy']);
      await kubelet.ask('Allocate', { container_requests: [{ devices_ids: [second] }] });
    }
  }, 120_000);

  test('labels a device with the container that holds it, as the kubelet says', async () => {
    const devices = [{ resource_name: 'nvidia.com/gpu', device_ids: [second] }];
    const containers = [{ name: 'task', devices }];
    kubelet.pods = { pod_resources: [{ name: 'train-0', namespace: 'team-a', containers }] };
    const page = await pageOf(control);
    const holders = page.split('\n').filter((line) => line.includes('pod="train-0"'));
    expect(holders.length).toBeGreaterThan(0);
    expect(holders.filter((line) => !line.includes(`UUID="${second}"`))).toEqual([]);
  });

  test('has no page when the kubelet does not say who holds what', async () => {
    kubelet[Symbol.dispose]();
    expect((await fetch(`${control.url}/metrics`)).status).toBe(503);
  });

  test('says what is wrong with a command', async () => {
    await expect(control.setHealth('GPU-x', 'Healthy')).rejects.toThrow(
      `404 there is no device GPU-x; there are ${ids.join(', ')}`,
    );
    const put = (body: string) => fetch(`${control.url}/devices/${first}`, { method: 'PUT', body });
    expect((await put('{"health":"Fine"}')).status).toBe(400);
    expect((await put('nonsense')).status).toBe(400);
    expect((await fetch(`${control.url}/nothing`)).status).toBe(404);
  });
});
