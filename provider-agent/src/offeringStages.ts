import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import * as resources from '@gridlease/crds/resources';
import { resourceClient } from '@gridlease/kube/resources';
import { createInventoryStage } from './inventory/reconcile.ts';
import { createOfferStage, type OfferStage } from './offer/reconcile.ts';
import { type StageContext, sharedDeps } from './stageContext.ts';

/** Signs what the provider asks for its GPUs. */
export function offerStage(context: StageContext): OfferStage {
  const { config, hub, view } = context;
  return createOfferStage({
    ...sharedDeps(context),
    providerName: config.providerName,
    namespace: config.hub.namespace,
    hub: context.hubId,
    owner: config.owner,
    agent: context.agent,
    grant: config.grant,
    domain: context.domain,
    decimals: config.chain.token.decimals,
    asks: context.asks,
    client: resourceClient<GPUOffer>(hub, resources.gpuOffers),
    informer: context.informers.hub.offers,
    products: view.products,
    onProductsChange: view.onChange,
  });
}

/** Says which GPUs there are, and what else a hub must know before it chooses this provider. */
export function inventoryStage(context: StageContext) {
  const { config, hub, view } = context;
  return createInventoryStage({
    ...sharedDeps(context),
    providerName: config.providerName,
    namespace: config.hub.namespace,
    client: resourceClient<GPUInventory>(hub, resources.gpuInventories),
    informer: context.informers.hub.inventories,
    facts: () => {
      const capacity = view.capacity();
      return (
        capacity && {
          ...capacity,
          runtimeClasses: view.runtimeClasses(),
          images: view.images(),
          networkPolicy: { setting: config.networkPolicy, nodes: view.networkEnforcers() },
        }
      );
    },
    onFactsChange: view.onChange,
    minSeconds: config.inventoryMinSeconds,
  });
}
