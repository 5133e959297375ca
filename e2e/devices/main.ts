import { parseArgs } from 'node:util';
import { interruptSignal } from '../cluster/interrupt.ts';
import { gpuFeatureLabels } from '../cluster/nodes.ts';
import { DeviceSet } from './device.ts';
import { metricsPage } from './exporter.ts';
import { productOfModel } from './modelNames.ts';
import { readHolders } from './podResources.ts';
import { EnergyMeter, readDevice } from './readings.ts';
import { keepRegistered } from './registration.ts';
import { serveHTTP } from './server.ts';

/**
 * Test equipment: simulated GPUs for one real kubelet. Stands where NVIDIA's device plugin and DCGM exporter stand,
 * and speaks as they do. Its first line on standard output is {"url":"http://127.0.0.1:N"}; it runs until SIGTERM.
 */
const signal = interruptSignal();
const { values } = parseArgs({
  options: {
    'plugin-dir': { type: 'string' },
    'pod-resources': { type: 'string' },
    resource: { type: 'string', default: 'nvidia.com/gpu' },
    devices: { type: 'string' },
    product: { type: 'string' },
    node: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
  },
});

const given = (name: 'plugin-dir' | 'pod-resources' | 'devices' | 'product' | 'node'): string => {
  const value = values[name];
  if (value) return value;
  throw new Error(`--${name} is required; e2e/devices/README.md says what each option is`);
};

const devices = new DeviceSet(given('devices').split(','));
const product = productOfModel(given('product'));
const features = gpuFeatureLabels(product, devices.list().length);
const node = {
  hostname: given('node'),
  modelName: given('product'),
  driverVersion: features['nvidia.com/cuda.driver-version.full'] ?? '',
};
const podResources = given('pod-resources');
const energy = new EnergyMeter(Date.now());

const metrics = async () => {
  const holders = await readHolders(podResources, values.resource);
  const samples = devices.list().map((device) => {
    const holder = holders.get(device.uuid);
    const reading = readDevice(device, holder !== undefined, product.memoryMiB);
    const energyMillijoules = energy.advance(device.uuid, reading.powerWatts, Date.now());
    return { device, reading, energyMillijoules, holder };
  });
  return metricsPage(node, samples);
};

await using plugin = keepRegistered({
  devices,
  pluginDir: given('plugin-dir'),
  resourceName: values.resource,
  log: (line) => process.stderr.write(`${new Date().toISOString()} ${line}\n`),
});
const missing = () => plugin.missing();
await using server = await serveHTTP({
  ...{ devices, missing, metrics },
  host: values.host,
  port: Number(values.port),
});
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
if (!signal.aborted) {
  await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
}
