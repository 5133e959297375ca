import { columns } from '../demo/table.ts';
import type { RequestCounts } from './apiRequests.ts';
import type { DispatchReport } from './dispatch.ts';
import type { LatencyReport } from './latency.ts';
import type { LeasesReport } from './leases.ts';
import type { UsageByProcess } from './processUsage.ts';

/** The report for people. */
export function dispatchTables(report: DispatchReport): string {
  const { settings, plain, gridlease, machine, ratio } = report;
  const { jobs } = settings;
  const rate = (seconds: number) => [`${seconds} s`, `${(jobs / seconds).toFixed(1)} jobs/s`];
  const parts = [
    `${jobs} one-GPU jobs, ${settings.concurrency} creators, tasks of ${settings.seconds} s, ${settings.gpus} simulated GPUs; ${machine.cores} cores (${machine.cpuModel}), load ${machine.load}`,
    columns([
      ['FROM THE FIRST CREATE TO THE LAST', 'SECONDS', 'RATE'],
      ['plain Job created', ...rate(plain.createdSeconds)],
      ['plain pod Running', ...rate(plain.runningSeconds)],
      ['plain pod Succeeded', ...rate(plain.completedSeconds)],
      ['GPUJob created', ...rate(gridlease.createdSeconds)],
      ['lease present at a provider', ...rate(gridlease.presentSeconds)],
      ['pod Running', ...rate(gridlease.runningSeconds)],
      ['lease Settled', ...rate(gridlease.settledSeconds)],
    ]),
    `ratio to plain Jobs, at Running: ${ratio}`,
    columns([
      ['A JOB', 'OWN WRITES', 'ALL WRITES', 'REQUESTS WITHOUT LIST AND WATCH'],
      ...(['hub', 'providers'] as const).map((at) => {
        const { ownWritesPerJob, writesPerJob, requestsPerJob } = gridlease[at];
        return [at, ...[ownWritesPerJob, writesPerJob, requestsPerJob].map(String)];
      }),
    ]),
    `requests at the hub, a job: ${largest(gridlease.hub.requests, jobs)}`,
    `requests at the providers, a job: ${largest(gridlease.providers.requests, jobs)}`,
    `CPU a job: ${gridlease.cpuSecondsPerJob} s`,
    usageTable(gridlease.processes),
    columns([
      ['API SERVER CPU, ms', 'BYTES', 'CREATE', 'UPDATE', 'MERGE PATCH', 'APPLY'],
      ...report.apiWrites.map(({ kind, bytes, create, update, mergePatch, apply }) => [
        kind,
        ...[bytes, create, update, mergePatch, apply].map(String),
      ]),
    ]),
  ];
  if (report.auditedWrites !== undefined) {
    for (const [cluster, writes] of Object.entries(report.auditedWrites)) {
      const rows = Object.entries(writes).map(([name, count]) => [name, String(count)]);
      parts.push(columns([[`WRITES A JOB AT ${cluster}`, ''], ...rows]));
    }
  }
  return parts.join('\n\n');
}

export function latencyTable({ machine, settings, presentMs, runningMs }: LatencyReport): string {
  const row = (name: string, ms: LatencyReport['presentMs']) => [
    name,
    ...[ms.p50, ms.p95, ms.p99, ms.max].map((value) => `${value} ms`),
  ];
  return [
    `${settings.jobs} jobs, one at a time; ${machine.cores} cores (${machine.cpuModel}), load ${machine.load}`,
    columns([
      ['FROM THE CREATE TO', 'P50', 'P95', 'P99', 'MAX'],
      row('lease present at a provider', presentMs),
      row('pod Running', runningMs),
    ]),
  ].join('\n\n');
}

export function leasesTable({ machine, leases, runningSeconds, programs }: LeasesReport): string {
  return [
    `${leases} leases in the hub after ${runningSeconds} s, those of the last minute running; ${machine.cores} cores (${machine.cpuModel}), load ${machine.load}`,
    usageTable(programs),
  ].join('\n\n');
}

function largest(requests: RequestCounts, jobs: number): string {
  return Object.entries(requests)
    .filter(([, count]) => count / jobs >= 0.05)
    .map(([name, count]) => `${name} ${(count / jobs).toFixed(2)}`)
    .join(', ');
}

function usageTable(processes: UsageByProcess): string {
  const rows = Object.entries(processes)
    .sort(([, a], [, b]) => b.cpuSeconds - a.cpuSeconds)
    .map(([name, { cpuSeconds, rssMiB, peakRssMiB }]) => [
      name,
      String(cpuSeconds),
      String(rssMiB),
      String(peakRssMiB),
    ]);
  return columns([['PROCESS', 'CPU s', 'RSS MiB', 'PEAK MiB'], ...rows]);
}
