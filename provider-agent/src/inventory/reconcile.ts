import { type GPUInventory, gpuInventory } from '@gridlease/crds/gpuinventory';
import { API_VERSION } from '@gridlease/crds/labels';
import type { Clock } from '@gridlease/kube/clock';
import { getCondition, setCondition, toKubeTime } from '@gridlease/kube/conditions';
import { Controller } from '@gridlease/kube/controller';
import type { Informer } from '@gridlease/kube/informer';
import { sameJson } from '@gridlease/kube/json';
import type { Logger } from '@gridlease/kube/log';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import { decideInventory, type InventoryInput } from './decide.ts';
import type { NetworkPolicyCondition } from './networkPolicy.ts';

export type InventoryDeps = {
  readonly providerName: string;
  /** The provider's namespace in the hub. */
  readonly namespace: string;
  readonly client: ResourceClient<GPUInventory>;
  /** Of the provider's namespace in the hub. */
  readonly informer: Informer<GPUInventory>;
  /** The present facts; undefined while the cluster's caches are not filled. */
  readonly facts: () => InventoryInput | undefined;
  /** Calls back whenever the facts may have changed. */
  readonly onFactsChange: (callback: () => void) => void;
  /** Least time between two writes, seconds. */
  readonly minSeconds: number;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly log: Logger;
};

/** Pods start and end in bursts; one look at the cluster is enough for all of them, milliseconds. */
const burstMs = 250;

/**
 * Keeps the GPUInventory at the hub equal to the cluster: written when a figure changes, at most once
 * in `minSeconds`, and again when somebody else changed or deleted it. An unchanged cluster costs the
 * hub nothing; the heartbeat says that the figures still hold.
 */
export function createInventoryStage(deps: InventoryDeps): {
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
} {
  const key = `${deps.namespace}/${deps.providerName}`;
  let lastWriteMs = Number.NEGATIVE_INFINITY;

  const controller = new Controller({
    name: 'inventory',
    reconcile: async (_key, { log }) => {
      const waitMs = lastWriteMs + deps.minSeconds * 1000 - deps.clock.monotonicMs();
      if (waitMs > 0) return { requeueAfterMs: waitMs };
      const input = deps.facts();
      if (input === undefined) return;
      const { networkPolicy, ...rest } = decideInventory(input);
      const stored = deps.informer.get(key);
      const now = deps.clock.now();
      const facts = {
        ...rest,
        conditions: setCondition(stored?.spec.conditions, networkPolicy, now),
      };
      if (stored !== undefined) {
        const { observedTime: _, ...known } = stored.spec;
        if (sameJson(known, facts)) return;
      }
      const spec = { observedTime: toKubeTime(now), ...facts };
      const metadata = { namespace: deps.namespace, name: deps.providerName };
      const object = { apiVersion: API_VERSION, kind: gpuInventory.resource.kind, metadata, spec };
      const fieldManager = 'gridlease-inventory';
      const written =
        stored === undefined
          ? await deps.client.create(object, { fieldManager })
          : await deps.client.replace(
              { ...object, metadata: { ...metadata, ...versionOf(stored) } },
              { fieldManager },
            );
      if (networkPolicy.status === 'False' && !isKnown(stored, networkPolicy)) {
        log.warn({ reason: networkPolicy.reason }, networkPolicy.message);
      }
      lastWriteMs = deps.clock.monotonicMs();
      deps.informer.observe(written);
      log.info({ pools: spec.pools.length, free: freeOf(facts) }, 'inventory written');
    },
    registry: deps.registry,
    log: deps.log,
    clock: deps.clock,
  });
  controller.watch(deps.informer, (object) =>
    object.metadata.name === deps.providerName ? [key] : [],
  );
  deps.onFactsChange(() => controller.enqueue(key, burstMs));
  return {
    start(signal) {
      controller.start(signal);
      controller.enqueue(key);
    },
    get stopped() {
      return controller.stopped;
    },
  };
}

/** Whether the hub has this condition already: a warning is for news. */
function isKnown(stored: GPUInventory | undefined, { type, status }: NetworkPolicyCondition) {
  return getCondition(stored?.spec.conditions, type)?.status === status;
}

function versionOf(object: GPUInventory): { readonly resourceVersion?: string } {
  const { resourceVersion } = object.metadata;
  return resourceVersion === undefined ? {} : { resourceVersion };
}

function freeOf(facts: { readonly pools: readonly { readonly free: number }[] }): number {
  return facts.pools.reduce((sum, pool) => sum + pool.free, 0);
}
