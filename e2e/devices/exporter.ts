import type { Device } from './device.ts';
import type { Holder } from './podResources.ts';
import type { Reading } from './readings.ts';

/** What one device shows on the page. */
export type DeviceSample = {
  readonly device: Device;
  readonly reading: Reading;
  readonly energyMillijoules: number;
  /** The container that has it; undefined when none does. */
  readonly holder: Holder | undefined;
};

/** What all devices of the page share. */
export type NodeFacts = {
  readonly hostname: string;
  readonly modelName: string;
  readonly driverVersion: string;
};

type Metric = {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly value: (sample: DeviceSample) => number;
};

const percent = (share: number) => Math.round(share * 100);
const never = () => 0;

/** Those that NVIDIA's exporter has on by default. Names and types are its, in DCGM's units; the help says what they are here. */
const METRICS: readonly Metric[] = [
  gauge('DCGM_FI_DEV_SM_CLOCK', 'clock of the multiprocessors, MHz', (s) => s.reading.smClockMHz),
  gauge('DCGM_FI_DEV_MEM_CLOCK', 'clock of the memory, MHz', (s) => s.reading.memoryClockMHz),
  gauge('DCGM_FI_DEV_MEMORY_TEMP', 'memory, °C', (s) => s.reading.temperatureCelsius + 8),
  gauge('DCGM_FI_DEV_GPU_TEMP', 'chip, °C', (s) => s.reading.temperatureCelsius),
  gauge('DCGM_FI_DEV_POWER_USAGE', 'power drawn, W', (s) => s.reading.powerWatts),
  counter('DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 'energy drawn, mJ', (s) => s.energyMillijoules),
  counter('DCGM_FI_DEV_PCIE_REPLAY_COUNTER', 'PCIe packets sent again', never),
  gauge('DCGM_FI_DEV_GPU_UTIL', 'time with a kernel running, %', (s) => percent(s.reading.load)),
  gauge('DCGM_FI_DEV_MEM_COPY_UTIL', 'memory in use, %', (s) => percent(s.reading.load / 2)),
  gauge('DCGM_FI_DEV_ENC_UTIL', 'video encoder in use, %', never),
  gauge('DCGM_FI_DEV_DEC_UTIL', 'video decoder in use, %', never),
  gauge('DCGM_FI_DEV_XID_ERRORS', 'last XID error, 0 for none', (s) => s.reading.xid),
  gauge('DCGM_FI_DEV_FB_FREE', 'free memory, MiB', (s) => s.reading.memoryFreeMiB),
  gauge('DCGM_FI_DEV_FB_USED', 'used memory, MiB', (s) => s.reading.memoryUsedMiB),
  gauge('DCGM_FI_DEV_FB_RESERVED', 'reserved memory, MiB', (s) => s.reading.memoryReservedMiB),
  counter('DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS', 'rows remapped, uncorrectable', never),
  counter('DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS', 'rows remapped, correctable', never),
  gauge('DCGM_FI_DEV_ROW_REMAP_FAILURE', 'whether a row could not be remapped', never),
  gauge('DCGM_FI_PROF_GR_ENGINE_ACTIVE', 'share of time with work', (s) => s.reading.load),
  gauge('DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', 'tensor cores active', (s) => s.reading.load * 0.6),
  gauge('DCGM_FI_PROF_DRAM_ACTIVE', 'memory interface active', (s) => s.reading.load * 0.4),
  gauge('DCGM_FI_PROF_PCIE_TX_BYTES', 'sent, bytes/s', (s) => s.reading.pcieBytesPerSecond),
  gauge('DCGM_FI_PROF_PCIE_RX_BYTES', 'received, bytes/s', (s) => s.reading.pcieBytesPerSecond),
];

/** The page that a scraper of NVIDIA's exporter would find, in Prometheus' text format. Pure. */
export function metricsPage(node: NodeFacts, samples: readonly DeviceSample[]): string {
  const lines = METRICS.flatMap(({ name, type, help, value }) => [
    `# HELP ${name} Simulated: ${help}.`,
    `# TYPE ${name} ${type}`,
    ...samples.map((sample) => `${name}{${labels(node, sample)}} ${value(sample)}`),
  ]);
  return `${lines.join('\n')}\n`;
}

/** In the exporter's order; the last three only where a container has the device. */
function labels(node: NodeFacts, { device, holder }: DeviceSample): string {
  const pairs: Readonly<Record<string, string>> = {
    gpu: String(device.index),
    UUID: device.uuid,
    pci_bus_id: `00000000:${(16 + device.index).toString(16).toUpperCase().padStart(2, '0')}:00.0`,
    device: `nvidia${device.index}`,
    modelName: node.modelName,
    Hostname: node.hostname,
    DCGM_FI_DRIVER_VERSION: node.driverVersion,
    ...(holder && { container: holder.container, namespace: holder.namespace, pod: holder.pod }),
  };
  return Object.entries(pairs)
    .map(([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`)
    .join(',');
}

function gauge(name: string, help: string, value: Metric['value']): Metric {
  return { name, type: 'gauge', help, value };
}

function counter(name: string, help: string, value: Metric['value']): Metric {
  return { name, type: 'counter', help, value };
}
