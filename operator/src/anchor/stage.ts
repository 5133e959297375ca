import { Controller } from '@gridlease/kube/controller';
import type { AnchorClient, AnchorDeps } from './deps.ts';
import { anchorMetrics } from './metrics.ts';
import { anchorReconcile } from './reconcile.ts';

export type AnchorStage = { start(signal: AbortSignal): void; readonly stopped: Promise<void> };

/**
 * Puts Merkle roots over the digests of placement records on the chain, where a SettlementChain names a
 * contract and a key for it. Nothing else waits for it: a placement counts from its record on.
 */
export function createAnchorStage<Client extends AnchorClient>(
  deps: AnchorDeps<Client>,
): AnchorStage {
  const { informers, log, registry, clock } = deps;
  const metrics = anchorMetrics(registry);
  const reconcile = anchorReconcile({ ...deps, metrics } as unknown as AnchorDeps & {
    readonly metrics: typeof metrics;
  });
  const chains = new Controller({
    name: 'anchor',
    reconcile,
    concurrency: 2,
    timeoutMs: 60_000,
    log,
    registry,
    clock,
  });
  chains.watch(informers.chains);
  return {
    start: (signal) => chains.start(signal),
    get stopped() {
      return chains.stopped;
    },
  };
}
