import { normaliseProduct } from '@gridlease/crds/product';
import { parseExporterPage } from '@gridlease/provider-agent/meter/exporterPage';
import { describe, expect, test } from '@jest/globals';
import { GPU_PRODUCTS, type GpuProductName } from '../cluster/gpuProducts.ts';
import { lintMetrics } from '../gates/metricsLint.ts';
import type { Device, Health } from './device.ts';
import { type DeviceSample, metricsPage } from './exporter.ts';
import { MODEL_NAMES, productOfModel } from './modelNames.ts';
import { type Holder, holdersOf } from './podResources.ts';
import { EnergyMeter, readDevice } from './readings.ts';

const node = { hostname: 'gpu-0', modelName: 'NVIDIA H100 80GB HBM3', driverVersion: '580.95.05' };
const memoryMiB = GPU_PRODUCTS.H100.memoryMiB;
const aSample = (index: number, holder?: Holder, health: Health = 'Healthy'): DeviceSample => {
  const device: Device = { uuid: `GPU-${index}`, index, health };
  const reading = readDevice(device, holder !== undefined, memoryMiB);
  return { device, reading, energyMillijoules: 12, holder };
};
const trainer: Holder = { namespace: 'team-a', pod: 'train-0', container: 'task' };
const lineOf = (page: string, metric: string, uuid: string) =>
  page.split('\n').find((line) => line.startsWith(`${metric}{`) && line.includes(`"${uuid}"`));

describe('the metrics page', () => {
  const page = metricsPage(node, [
    aSample(0, trainer),
    aSample(1),
    aSample(2, trainer, 'Unhealthy'),
  ]);

  test('names a device as NVIDIA’s exporter does, and the container that has it', () => {
    expect(lineOf(page, 'DCGM_FI_DEV_GPU_UTIL', 'GPU-0')).toBe(
      'DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-0",pci_bus_id="00000000:10:00.0",device="nvidia0",' +
        'modelName="NVIDIA H100 80GB HBM3",Hostname="gpu-0",DCGM_FI_DRIVER_VERSION="580.95.05",' +
        'container="task",namespace="team-a",pod="train-0"} 95',
    );
  });

  test('has no container on a device that nobody holds', () => {
    const line = lineOf(page, 'DCGM_FI_DEV_GPU_UTIL', 'GPU-1');
    expect(line).toMatch(/DCGM_FI_DRIVER_VERSION="580.95.05"\} 0$/);
  });

  test('shows the error of an unhealthy device, which then does no work', () => {
    expect(lineOf(page, 'DCGM_FI_DEV_XID_ERRORS', 'GPU-2')).toMatch(/ 79$/);
    expect(lineOf(page, 'DCGM_FI_DEV_GPU_UTIL', 'GPU-2')).toMatch(/ 0$/);
    expect(lineOf(page, 'DCGM_FI_DEV_XID_ERRORS', 'GPU-0')).toMatch(/ 0$/);
  });

  test('splits all of the memory into used, reserved and free', () => {
    const value = (metric: string) => Number(lineOf(page, metric, 'GPU-0')?.split(' ').at(-1));
    const parts = ['FB_USED', 'FB_RESERVED', 'FB_FREE'].map((part) => value(`DCGM_FI_DEV_${part}`));
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(memoryMiB);
    expect(Math.min(...parts)).toBeGreaterThan(0);
  });

  test('tells the agent, which knows NVIDIA’s exporter only, what it needs', () => {
    const { container, namespace, pod } = trainer;
    const holder = { container, namespace, pod };
    const model = node.modelName;
    expect(parseExporterPage(page)).toEqual([
      { id: 'GPU-0', model, isUnhealthy: false, holder },
      { id: 'GPU-1', model, isUnhealthy: false, holder: undefined },
      { id: 'GPU-2', model, isUnhealthy: true, holder },
    ]);
    expect(normaliseProduct(model)).toBe(normaliseProduct(GPU_PRODUCTS.H100.product));
  });

  test('escapes what a label may not hold as it is', () => {
    const odd = metricsPage({ ...node, hostname: 'a"b\\c\nd' }, [aSample(0)]);
    expect(odd).toContain('Hostname="a\\"b\\\\c\\nd"');
  });

  test('is what Prometheus reads; its linter objects only to the names that NVIDIA chose', async () => {
    // A page that doesn't parse would give one finding of another kind, and none about modelName.
    const ofNames = [
      'counter metrics should have "_total" suffix',
      "metric name should not include type 'counter'",
      "label names should be written in 'snake_case' not 'camelCase'",
    ];
    const findings = await lintMetrics(page);
    expect(findings.filter((finding) => !ofNames.some((text) => finding.endsWith(text)))).toEqual(
      [],
    );
    expect(findings.length).toBeGreaterThan(0);
  }, 300_000);
});

describe('the energy counter', () => {
  test('counts watts over time, and neither falls nor jumps with the clock', () => {
    const energy = new EnergyMeter(1_000);
    expect(energy.advance('GPU-0', 400, 3_000)).toBe(800_000);
    expect(energy.advance('GPU-0', 60, 2_000)).toBe(800_000);
    expect(energy.advance('GPU-0', 60, 4_000)).toBe(860_000);
    expect(energy.advance('GPU-1', 60, 4_000)).toBe(180_000);
  });
});

describe('the holders of devices', () => {
  test('are those of this resource, whatever else a pod holds', () => {
    const task = {
      name: 'task',
      devices: [
        { resource_name: 'nvidia.com/gpu', device_ids: ['GPU-0', 'GPU-1'] },
        { resource_name: 'example.com/nic', device_ids: ['GPU-2'] },
      ],
    };
    const bare = { name: 'uploader', devices: [] };
    const list = {
      pod_resources: [{ name: 'train-0', namespace: 'team-a', containers: [task, bare] }],
    };
    expect([...holdersOf(list, 'nvidia.com/gpu')]).toEqual([
      ['GPU-0', trainer],
      ['GPU-1', trainer],
    ]);
  });
});

describe('the driver’s name of a product', () => {
  test.each(Object.keys(GPU_PRODUCTS) as GpuProductName[])(
    'leads to %s and, with dashes for spaces, to its label',
    (product) => {
      const name = MODEL_NAMES[product];
      expect(productOfModel(name)).toBe(GPU_PRODUCTS[product]);
      expect(name.replaceAll(' ', '-')).toBe(GPU_PRODUCTS[product].product);
    },
  );

  test('is refused with those that are known', () => {
    expect(() => productOfModel('Voodoo 2')).toThrow(/"Voodoo 2"; there are NVIDIA H100/);
  });
});
