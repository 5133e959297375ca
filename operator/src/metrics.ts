import { buildInfo } from '@gridlease/kube/buildInfo';
import { methodLabel, rpcDuration, rpcMethods } from '@gridlease/kube/chainMetrics';
import { createRegistry } from '@gridlease/kube/metrics';
import { Histogram, type Registry } from 'prom-client';

/** The registry of the program: process metrics and what identifies the build; stages add theirs. */
export function operatorRegistry(version: string): Registry {
  const registry = createRegistry();
  buildInfo(registry, 'operator', version);
  return registry;
}

/** How long each chain's RPC takes to answer; its methods are shown from the first request of any. */
export function chainRequests(registry: Registry) {
  const seconds = new Histogram({
    ...rpcDuration,
    labelNames: ['chain', 'method'] as const,
    registers: [registry],
  });
  const begun = new Set<string>();
  return (chain: string, method: string, took: number): void => {
    if (!begun.has(chain)) for (const one of rpcMethods) seconds.zero({ chain, method: one });
    begun.add(chain);
    seconds.observe({ chain, method: methodLabel(method) }, took);
  };
}
