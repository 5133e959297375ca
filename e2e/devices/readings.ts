import type { Device } from './device.ts';

/** What DCGM would measure at one moment. Made up from two facts: whether a container holds the device, and its health. */
export type Reading = {
  /** Between 0 and 1. */
  readonly load: number;
  readonly powerWatts: number;
  readonly temperatureCelsius: number;
  readonly memoryUsedMiB: number;
  readonly memoryReservedMiB: number;
  readonly memoryFreeMiB: number;
  readonly smClockMHz: number;
  readonly memoryClockMHz: number;
  readonly pcieBytesPerSecond: number;
  /** The last XID error; 0 for none. */
  readonly xid: number;
};

/** The XID of a GPU that has fallen off the bus, which NVIDIA's device plugin calls unhealthy. */
const XID_OFF_THE_BUS = 79;

/** A held device is busy, a free one idles, an unhealthy one does nothing and shows why. Pure. */
export function readDevice(device: Device, held: boolean, memoryMiB: number): Reading {
  const lost = device.health === 'Unhealthy';
  const busy = held && !lost;
  const memoryReservedMiB = Math.round(memoryMiB / 128);
  const memoryUsedMiB = busy ? Math.round(memoryMiB * 0.6) : 0;
  return {
    load: busy ? 0.95 : 0,
    powerWatts: busy ? 400 : 60,
    temperatureCelsius: busy ? 64 : 31,
    memoryUsedMiB,
    memoryReservedMiB,
    memoryFreeMiB: memoryMiB - memoryUsedMiB - memoryReservedMiB,
    smClockMHz: busy ? 1_980 : 345,
    memoryClockMHz: busy ? 2_619 : 1_593,
    pcieBytesPerSecond: busy ? 2_000_000_000 : 0,
    xid: lost ? XID_OFF_THE_BUS : 0,
  };
}

/** Energy drawn so far, in millijoules by device. Counts on from one scrape to the next and never falls. */
export class EnergyMeter {
  readonly #drawn = new Map<string, { readonly millijoules: number; readonly atMs: number }>();
  readonly #sinceMs: number;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** `powerWatts` is taken to have held since the last call. Watts times milliseconds are millijoules. */
  advance(uuid: string, powerWatts: number, nowMs: number): number {
    const before = this.#drawn.get(uuid) ?? { millijoules: 0, atMs: this.#sinceMs };
    const elapsed = Math.max(0, nowMs - before.atMs);
    const millijoules = Math.round(before.millijoules + powerWatts * elapsed);
    this.#drawn.set(uuid, { millijoules, atMs: before.atMs + elapsed });
    return millijoules;
  }
}
