import { readFileSync } from 'node:fs';
import type { ProcessRecord } from '../cluster/processBook.ts';

/** What a process has used since its start. */
export type ProcessUsage = {
  readonly cpuSeconds: number;
  /** Resident memory now and at its highest, MiB. */
  readonly rssMiB: number;
  readonly peakRssMiB: number;
};

export type UsageByProcess = Readonly<Record<string, ProcessUsage>>;

/** Clock ticks a second; the value of every Linux that there is. */
const ticksPerSecond = 100;

/** Reads /proc; a process that has ended is left out. Linux only. */
export function usageOf(processes: readonly ProcessRecord[]): UsageByProcess {
  const found: Record<string, ProcessUsage> = {};
  for (const { name, pid } of processes) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      found[name] = parseUsage(stat, status);
    } catch {
      // Ended, or not Linux: there is nothing to tell.
    }
  }
  return found;
}

export function parseUsage(stat: string, status: string): ProcessUsage {
  // The name, field 2, may hold blanks; fields 14 and 15 are user and system time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const kilobytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    rssMiB: Math.round(kilobytes('VmRSS') / 1024),
    peakRssMiB: Math.round(kilobytes('VmHWM') / 1024),
  };
}

/** CPU between two looks, and memory at the second. */
export function usedBetween(before: UsageByProcess, after: UsageByProcess): UsageByProcess {
  return Object.fromEntries(
    Object.entries(after).map(([name, usage]) => [
      name,
      { ...usage, cpuSeconds: round(usage.cpuSeconds - (before[name]?.cpuSeconds ?? 0)) },
    ]),
  );
}

const round = (value: number): number => Math.round(value * 100) / 100;
