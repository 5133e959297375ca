import { providerNamespace } from '@gridlease/crds/labels';
import { Controller } from '@gridlease/kube/controller';
import type { Logger } from '@gridlease/kube/log';
import type { Registry } from 'prom-client';
import { isLetIn } from './decide.ts';
import { recoveryMetrics } from './metrics.ts';
import { followOutage, type Outage, type OutageGuard, outageOf } from './outage.ts';
import { type RecoveryDeps, recoveryReconcile } from './reconcile.ts';

export type RecoveryStage = { start(signal: AbortSignal): void; readonly stopped: Promise<void> };

/** Gives up leases whose provider is lost, so that their tasks are placed elsewhere. Keys: providers. */
export function createRecoveryStage(
  deps: RecoveryDeps & { readonly log: Logger; readonly registry: Registry },
): RecoveryStage {
  const { informers, heartbeats, limits, clock, log, registry } = deps;
  const silent = new Set<string>();
  let guard: OutageGuard | undefined;

  /** From the heartbeats as they are now; the last ones to come back get a moment more. */
  function outage(): Outage | undefined {
    const nowMs = clock.now().getTime();
    const heard = informers.providers
      .list()
      .filter((provider) => isLetIn(provider))
      .map(({ metadata }) => ({ name: metadata.name, namespace: providerNamespace(metadata.name) }))
      .filter(({ namespace }) => heartbeats.exists(namespace))
      .map(({ name, namespace }) => ({
        name,
        silentMs: heartbeats.silentMs(namespace),
        heardAgoMs: nowMs - (heartbeats.lastSeenMs(namespace) ?? 0),
      }));
    guard = followOutage(guard, outageOf(heard, limits), clock.monotonicMs(), limits);
    return guard?.outage;
  }

  const controller = new Controller({
    name: 'recovery',
    reconcile: recoveryReconcile(deps, {
      metrics: recoveryMetrics(registry, () => outage() !== undefined),
      outage,
      noteSilence: (name, isSilent) => {
        if (isSilent) silent.add(name);
        else silent.delete(name);
      },
    }),
    concurrency: 4,
    log,
    registry,
    clock,
    ...(deps.timers === undefined ? {} : { timers: deps.timers }),
  });
  controller.watch(informers.providers);
  // From the first lease on a provider is watched; what happens to leases later, time finds.
  controller.watch(informers.leases, (lease, old) =>
    old === undefined ? [lease.spec.providerName] : [],
  );
  controller.watch(informers.jobs, () => []);
  heartbeats.onBeat(() => {
    // One that is back takes its condition off, and may end the outage of the others.
    for (const name of silent) controller.enqueue(name);
  });
  return {
    start: (signal) => controller.start(signal),
    get stopped() {
      return controller.stopped;
    },
  };
}
