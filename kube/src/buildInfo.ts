import { Gauge, type Registry } from 'prom-client';

/** Says which build runs: the same metric for every program, so that one query finds all versions. */
export function buildInfo(registry: Registry, program: string, version: string): void {
  new Gauge({
    name: 'gridlease_build_info',
    help: 'Always 1; program and version are in the labels.',
    labelNames: ['program', 'version'] as const,
    registers: [registry],
  }).set({ program, version }, 1);
}
