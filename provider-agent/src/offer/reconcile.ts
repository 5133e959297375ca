import type { EscrowDomain } from '@gridlease/contracts/domain';
import { hashOffer, signOffer } from '@gridlease/contracts/offer';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import { createOnce } from '@gridlease/kube/apply';
import type { Clock } from '@gridlease/kube/clock';
import { Controller } from '@gridlease/kube/controller';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import { type Hex, type LocalAccount, zeroHash } from 'viem';
import type { Ask } from './asks.ts';
import { decideOffers, type SignedOffer } from './decide.ts';
import { type Grant, offerObject, readOwnOffer } from './offerObject.ts';

export type OfferDeps = {
  readonly providerName: string;
  /** The provider's namespace in the hub. */
  readonly namespace: string;
  readonly hub: Hex;
  readonly owner: Hex;
  readonly agent: LocalAccount;
  readonly grant: Grant;
  readonly domain: EscrowDomain;
  readonly decimals: number;
  readonly asks: readonly Ask[];
  readonly client: ResourceClient<GPUOffer>;
  readonly informer: Informer<GPUOffer>;
  /** Normalised names of the cluster's products; undefined while unknown. */
  readonly products: () => readonly string[] | undefined;
  readonly onProductsChange: (callback: () => void) => void;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly log: Logger;
};

export type OfferStage = {
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
  /** What this agent signed under that hash; undefined when it knows of no such offer. */
  offer(hash: Hex): SignedOffer | undefined;
  /** Resolves once the offers stored at the hub have been read back. */
  readonly loaded: Promise<void>;
};

const fieldManager = 'gridlease-offer';
/** Pods start and end in bursts; one look at the cluster is enough for all of them, milliseconds. */
const burstMs = 250;

/**
 * Publishes the provider's signed asks, one for each product in the cluster. After a restart it takes
 * its offers from the hub, but only those that its own key signed; anything else there is removed.
 */
export function createOfferStage(deps: OfferDeps): OfferStage {
  const key = 'offers';
  const known = new Map<Hex, SignedOffer>();
  const objects = new Map<Hex, GPUOffer>();
  const loaded = Promise.withResolvers<void>();
  const unmatched = new Set<string>();

  const readBack = async (log: Logger): Promise<void> => {
    for (const object of deps.informer.list(deps.namespace)) {
      const expected = objects.get(object.spec.offerHash);
      if (expected !== undefined && expected.metadata.name === object.metadata.name) continue;
      const own = await readOwnOffer(object, { ...deps, agent: deps.agent.address });
      if (own === undefined || own.hash !== object.spec.offerHash || own.offer.hub !== deps.hub) {
        log.warn({ offer: object.metadata.name }, 'removing an offer that this agent did not sign');
        await deps.client.delete(object.metadata, { uid: object.metadata.uid ?? '' });
        continue;
      }
      if (!known.has(own.hash)) known.set(own.hash, own);
      objects.set(own.hash, object);
    }
  };

  const sign = async (wanted: ReturnType<typeof decideOffers>['sign'][number]): Promise<Hex> => {
    const hash = hashOffer(deps.domain, wanted.offer);
    const signed = { hash, product: wanted.product, offer: wanted.offer, withdrawn: false };
    const signature = await signOffer(deps.agent, deps.domain, wanted.offer);
    objects.set(hash, offerObject({ ...deps, signed, signature, agent: deps.agent.address }));
    // Known before it is published: a lease may arrive before the create has answered.
    known.set(hash, signed);
    return hash;
  };

  const controller = new Controller({
    name: 'offer',
    reconcile: async (_key, { log }) => {
      const products = deps.products();
      if (products === undefined || !deps.informer.hasSynced) return { requeueAfterMs: 500 };
      await readBack(log);
      loaded.resolve();
      const decision = decideOffers({
        asks: deps.asks,
        products,
        known: [...known.values()],
        provider: deps.owner,
        hub: deps.hub,
        policyHash: zeroHash,
        nowSeconds: BigInt(Math.floor(deps.clock.now().getTime() / 1000)),
      });
      for (const product of decision.unmatched) {
        if (!unmatched.has(product)) {
          log.warn({ ask: product, products }, 'an ask matches no GPU of this cluster');
        }
      }
      unmatched.clear();
      for (const product of decision.unmatched) unmatched.add(product);
      for (const hash of decision.withdraw)
        known.set(hash, { ...known.get(hash)!, withdrawn: true });
      for (const hash of decision.keep) known.set(hash, { ...known.get(hash)!, withdrawn: false });
      const publish = [...decision.keep];
      for (const wanted of decision.sign) publish.push(await sign(wanted));
      for (const hash of publish) await publishOne(objects.get(hash)!);
      for (const hash of decision.remove) await remove(hash);
      return decision.againInSeconds === undefined
        ? undefined
        : { requeueAfterMs: decision.againInSeconds * 1000 };
    },
    registry: deps.registry,
    log: deps.log,
    clock: deps.clock,
  });

  const publishOne = async (object: GPUOffer): Promise<void> => {
    if (deps.informer.get(`${deps.namespace}/${object.metadata.name}`) !== undefined) return;
    const { uid: _uid, resourceVersion: _version, ...metadata } = object.metadata;
    const stored = await createOnce(
      deps.client,
      { ...object, metadata },
      { accept: (existing) => existing.spec.offerHash === object.spec.offerHash, fieldManager },
    );
    objects.set(object.spec.offerHash, stored);
    deps.informer.observe(stored);
  };

  const remove = async (hash: Hex): Promise<void> => {
    const object = objects.get(hash);
    const stored = object && deps.informer.get(`${deps.namespace}/${object.metadata.name}`);
    if (stored !== undefined) {
      await deps.client.delete(stored.metadata, { uid: stored.metadata.uid ?? '' });
    }
    const nowSeconds = BigInt(Math.floor(deps.clock.now().getTime() / 1000));
    // A withdrawn offer is remembered until it expires, so that a lease for it is refused by name.
    if ((known.get(hash)?.offer.validUntil ?? 0n) > nowSeconds) return;
    known.delete(hash);
    objects.delete(hash);
  };

  controller.watch(deps.informer, () => [key]);
  deps.onProductsChange(() => controller.enqueue(key, burstMs));
  return {
    start(signal) {
      controller.start(signal);
      controller.enqueue(key);
    },
    get stopped() {
      return controller.stopped;
    },
    offer: (hash) => known.get(hash),
    loaded: loaded.promise,
  };
}
