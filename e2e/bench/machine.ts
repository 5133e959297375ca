import { cpus, loadavg, totalmem } from 'node:os';

/** Where a measurement was made: without it the figures say nothing. */
export type Machine = {
  readonly cores: number;
  readonly cpuModel: string;
  readonly memoryGiB: number;
  readonly node: string;
  /** One-minute load when the report was written; above the cores, something else ran beside it. */
  readonly load: number;
};

export function machine(): Machine {
  return {
    cores: cpus().length,
    cpuModel: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}
