import { Controller } from '@gridlease/kube/controller';
import type { Logger } from '@gridlease/kube/log';
import { objectKey } from '@gridlease/kube/object';
import type { Registry } from 'prom-client';
import type { Hex } from 'viem';
import type { BillingDeps } from './deps.ts';
import { billingMetrics } from './metrics.ts';
import { billingReconcile } from './reconcile.ts';

export type BillingStage = { start(signal: AbortSignal): void; readonly stopped: Promise<void> };

/** Answers usage statements with signed replies and vouchers, one channel at a time each. */
export function createBillingStage(
  deps: BillingDeps & { readonly log: Logger; readonly registry: Registry },
): BillingStage {
  const { informers, clock, log, registry } = deps;
  const seen = new Map<string, { readonly hash: Hex; readonly atMs: number }>();
  // When a statement was first seen, so that waiting with the answer doesn't make a future row past.
  const receivedMs = (key: string, hash: Hex): number => {
    const known = seen.get(key);
    if (known?.hash === hash) return known.atMs;
    const atMs = clock.now().getTime();
    seen.set(key, { hash, atMs });
    return atMs;
  };
  informers.channels.onChange((channel, _old, change) => {
    const hash = channel.status?.statement?.hash;
    if (change.type === 'deleted') seen.delete(objectKey(channel));
    else if (hash !== undefined) receivedMs(objectKey(channel), hash);
  });
  const controller = new Controller({
    name: 'billing',
    reconcile: billingReconcile(deps, billingMetrics(registry), { receivedMs }),
    concurrency: 4,
    timeoutMs: 30_000,
    log,
    registry,
    clock,
  });
  controller.watch(informers.channels);
  controller.watch(informers.leases, ({ metadata, spec }, old) =>
    spec.lost !== undefined && old?.spec.lost === undefined
      ? [`${metadata.namespace}/${spec.channelName}`]
      : [],
  );
  return {
    start: (signal) => controller.start(signal),
    get stopped() {
      return controller.stopped;
    },
  };
}
