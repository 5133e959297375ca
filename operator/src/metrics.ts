import { createRegistry } from '@gridlease/kube/metrics';
import { Gauge, type Registry } from 'prom-client';

/** The registry of the program: process metrics and what identifies the build; stages add theirs. */
export function operatorRegistry(version: string): Registry {
  const registry = createRegistry();
  const info = new Gauge({
    name: 'gridlease_operator_build_info',
    help: 'Always 1; the version is in the label.',
    labelNames: ['version'],
    registers: [registry],
  });
  info.set({ version }, 1);
  return registry;
}
