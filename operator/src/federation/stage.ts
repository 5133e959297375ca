import { hubId } from '@gridlease/contracts/ids';
import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { providerNamespace, providerOfNamespace } from '@gridlease/crds/labels';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { updateStatus } from '@gridlease/kube/apply';
import { getCondition, isTrue } from '@gridlease/kube/conditions';
import {
  Controller,
  type ReconcileContext,
  type ReconcileResult,
} from '@gridlease/kube/controller';
import type { EventRecorder } from '@gridlease/kube/events';
import type { Informer } from '@gridlease/kube/informer';
import { sameJson } from '@gridlease/kube/json';
import type { Logger } from '@gridlease/kube/log';
import type { KubeObject } from '@gridlease/kube/object';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import { decideStatus, mayConnect } from './decide.ts';
import { type EnsureDeps, providerObjects } from './ensure.ts';
import { federationMetrics } from './metrics.ts';
import { AGENT_ROLE, providerOf, type RoleBinding } from './objects.ts';
import { type OfferCheckFunction, offerVerifier } from './offers.ts';

export type FederationDeps = EnsureDeps & {
  /** UID of the hub's kube-system namespace. */
  readonly hubUid: string;
  readonly clients: EnsureDeps['clients'] & { readonly providers: ResourceClient<GPUProvider> };
  readonly informers: {
    readonly providers: Informer<GPUProvider>;
    readonly offers: Informer<GPUOffer>;
    readonly inventories: Informer<GPUInventory>;
    readonly chains: Informer<SettlementChain>;
    /** Those with the managed-by label of this operator. */
    readonly roleBindings: Informer<RoleBinding>;
  };
  readonly heartbeats: {
    exists(namespace: string): boolean;
    ageMs(namespace: string): number | undefined;
    lastSeenMs(namespace: string): number | undefined;
    onBeat(callback: (namespace: string) => void): () => void;
  };
  readonly checkOffer: OfferCheckFunction;
  /** From so long a silence a provider counts as unreachable, in milliseconds. Default: 40,000. */
  readonly unreachableMs?: number;
  readonly recorder: EventRecorder;
  readonly log: Logger;
  readonly registry: Registry;
};

export type FederationStage = { start(signal: AbortSignal): void; readonly stopped: Promise<void> };

/** How many GPUs are free is copied for people, who read inventories where each second counts. */
const figuresMs = 15_000;

/** Of "free/healthy": a GPU that fails is told at once. */
const healthyIn = (gpus: string | undefined) => gpus?.split('/')[1];

/** Lets providers in and out, and says how each of them does. Its keys are names of providers. */
export function createFederationStage(deps: FederationDeps): FederationStage {
  const { informers, heartbeats, clock, log, registry, unreachableMs = 40_000 } = deps;
  const objects = providerObjects(deps);
  const verify = offerVerifier({ ...deps, hub: hubId(deps.hubUid) });
  const startedAtMs = clock.monotonicMs();
  /** Monotonic, by provider. */
  const writtenMs = new Map<string, number>();
  federationMetrics(registry, informers.providers);

  async function reconcile(name: string, context: ReconcileContext): Promise<ReconcileResult> {
    const { signal } = context;
    const provider = informers.providers.get(name);
    // First, so that taking rights away waits for nothing.
    if (!mayConnect(provider)) await objects.expel(name, signal);
    if (provider === undefined || provider.metadata.deletionTimestamp !== undefined) {
      objects.forget(name);
      writtenMs.delete(name);
      return;
    }
    const problem = await objects.make(name, signal);
    const namespace = providerNamespace(name);
    if (mayConnect(provider) && problem === undefined) {
      const existing = informers.roleBindings.get(`${namespace}/${AGENT_ROLE}`);
      await objects.admit(name, existing, signal);
    }
    const chains = [...informers.chains.list()].sort(byName);
    const offers = await Promise.all(
      [...informers.offers.list(namespace)]
        .sort(byName)
        .map((offer) => verify(offer, provider.spec.address, chains)),
    );
    const heartbeatAgeMs = heartbeats.ageMs(namespace);
    const silentIn = unreachableMs - (heartbeatAgeMs ?? clock.monotonicMs() - startedAtMs);
    // Offers and grants expire without anything being written.
    const lookIn = silentIn > 0 ? Math.min(silentIn + 50, 30_000) : 30_000;
    const figuresIn = figuresMs - (clock.monotonicMs() - (writtenMs.get(name) ?? -figuresMs));
    let isHeldBack = false;
    const written = await updateStatus({
      client: deps.clients.providers,
      informer: informers.providers,
      object: provider,
      fieldManager: 'gridlease-federation',
      signal,
      mutate: (current) => {
        const next = decideStatus(
          {
            provider: current,
            problem,
            heardOf: heartbeats.exists(namespace),
            heartbeatAgeMs,
            watchingMs: clock.monotonicMs() - startedAtMs,
            unreachableMs,
            lastSeenMs: heartbeats.lastSeenMs(namespace),
            offers,
            inventory: informers.inventories.get(`${namespace}/${name}`),
          },
          clock.now(),
        );
        const isGpus = sameJson({ ...current.status, gpus: next.gpus }, next);
        const isFree = isGpus && healthyIn(current.status?.gpus) === healthyIn(next.gpus);
        isHeldBack = isFree && figuresIn > 0;
        return isHeldBack ? current.status : next;
      },
    });
    announce(provider, written);
    if (written.metadata.resourceVersion !== provider.metadata.resourceVersion) {
      writtenMs.set(name, clock.monotonicMs());
    }
    return { requeueAfterMs: isHeldBack ? Math.min(lookIn, figuresIn) : lookIn };
  }

  function announce(before: GPUProvider, after: GPUProvider): void {
    const now = getCondition(after.status?.conditions, 'Ready');
    const then = getCondition(before.status?.conditions, 'Ready');
    if (now === undefined || (now.status === then?.status && now.reason === then.reason)) return;
    const type = now.status === 'True' ? 'Normal' : 'Warning';
    const { reason, message } = now;
    deps.recorder.event(after, { type, reason, note: message, action: 'Observe' });
    log.info({ provider: after.metadata.name, reason }, 'A provider changed state');
  }

  const controller = new Controller({
    name: 'federation',
    reconcile,
    concurrency: 4,
    log,
    registry,
    clock,
  });
  const inNamespace = (object: KubeObject) => {
    const name = providerOfNamespace(object.metadata.namespace ?? '');
    return name === undefined ? [] : [name];
  };
  controller.watch(informers.providers);
  controller.watch(informers.offers, inNamespace);
  controller.watch(informers.inventories, inNamespace);
  controller.watch(informers.roleBindings, (binding) => [providerOf(binding) ?? []].flat());
  controller.watch(informers.chains, () =>
    informers.providers.list().map(({ metadata }) => metadata.name),
  );
  heartbeats.onBeat((namespace) => {
    const name = providerOfNamespace(namespace);
    const provider = name === undefined ? undefined : informers.providers.get(name);
    // A beat of a provider that is Ready changes nothing.
    if (provider !== undefined && !isTrue(provider.status?.conditions, 'Ready')) {
      controller.enqueue(provider.metadata.name);
    }
  });
  return {
    start: (signal) => controller.start(signal),
    get stopped() {
      return controller.stopped;
    },
  };
}

function byName(a: KubeObject, b: KubeObject): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
