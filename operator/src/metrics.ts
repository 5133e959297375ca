import { buildInfo } from '@gridlease/kube/buildInfo';
import { createRegistry } from '@gridlease/kube/metrics';
import type { Registry } from 'prom-client';

/** The registry of the program: process metrics and what identifies the build; stages add theirs. */
export function operatorRegistry(version: string): Registry {
  const registry = createRegistry();
  buildInfo(registry, 'operator', version);
  return registry;
}
