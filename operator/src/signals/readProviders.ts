import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { providerNamespace, providerOfNamespace } from '@gridlease/crds/labels';
import type { Clock } from '@gridlease/kube/clock';
import type { Series } from '@gridlease/kube/seriesGauge';
import { gpuStates, type ProviderReads } from './providerMetrics.ts';

type Lister<T extends { readonly metadata: object }> = { list(): readonly T[] };

export type ProviderSources = {
  readonly providers: Lister<GPUProvider>;
  readonly offers: Lister<GPUOffer>;
  readonly inventories: Lister<GPUInventory>;
  readonly heartbeats: {
    exists(namespace: string): boolean;
    silentMs(namespace: string): number;
    lastSeenMs(namespace: string): number | undefined;
  };
  readonly unreachableMs: number;
  readonly clock: Pick<Clock, 'now'>;
};

/** Whether the provider's agent is heard of. Silence that began before this program did is not known. */
export function isHeard(
  sources: Pick<ProviderSources, 'heartbeats' | 'unreachableMs'>,
  name: string,
) {
  const namespace = providerNamespace(name);
  const { heartbeats, unreachableMs } = sources;
  return heartbeats.exists(namespace) && heartbeats.silentMs(namespace) <= unreachableMs;
}

/** Reads of the providers' caches: one step for each object that a provider has, none for jobs or leases. */
export function providerReads(sources: ProviderSources): ProviderReads {
  const { providers, offers, inventories, heartbeats, clock } = sources;
  const known = () => new Set(providers.list().map(({ metadata }) => metadata.name));
  const came = new Set<string>();

  function hasCome(name: string): boolean {
    if (heartbeats.exists(providerNamespace(name))) came.add(name);
    return came.has(name);
  }

  return {
    up: () => {
      const names = known();
      for (const name of came) if (!names.has(name)) came.delete(name);
      // Whose agent is not installed yet is not down: nobody is to be called out of bed for it.
      return providers
        .list()
        .filter((provider) => isExpected(provider) && hasCome(provider.metadata.name))
        .map(({ metadata: { name } }) => [{ provider: name }, isHeard(sources, name) ? 1 : 0]);
    },
    heartbeats: () =>
      providers.list().flatMap(({ metadata: { name } }) => {
        const seenMs = heartbeats.lastSeenMs(providerNamespace(name));
        return seenMs === undefined ? [] : [[{ provider: name }, seenMs / 1_000] as const];
      }),
    info: () =>
      providers
        .list()
        .map(({ metadata, spec }) => [{ provider: metadata.name, region: spec.region ?? '' }, 1]),
    gpus: () => {
      const names = known();
      return inventories.list().flatMap((inventory) => {
        const provider = inventory.metadata.name;
        return names.has(provider) && isHeard(sources, provider) ? gpusOf(inventory) : [];
      });
    },
    prices: () => lowestPrices(offers.list(), known(), clock.now().getTime()),
  };
}

/** Let in, so that its silence is a fault. */
function isExpected({ spec }: GPUProvider): boolean {
  return spec.hubAccepted && !spec.suspended && spec.abandoned === undefined;
}

/** Several pools may be of one product: they differ in their NVLink domain or driver. */
export function gpusOf({
  metadata,
  spec,
}: GPUInventory): readonly Series<'provider' | 'product' | 'state'>[] {
  const products = new Map<string, Record<(typeof gpuStates)[number], number>>();
  for (const { product, free, leased, used, capacity, healthy } of spec.pools) {
    const sum = products.get(product) ?? { free: 0, leased: 0, unhealthy: 0, other: 0 };
    products.set(product, {
      free: sum.free + free,
      leased: sum.leased + leased,
      unhealthy: sum.unhealthy + Math.max(0, capacity - healthy),
      other: sum.other + used,
    });
  }
  return [...products].flatMap(([product, sum]) =>
    gpuStates.map((state) => {
      const labels = { provider: metadata.name, product, state };
      return [labels, sum[state]] as const;
    }),
  );
}

/** The lowest price that each provider asks for a product; offers of strangers don't count. */
function lowestPrices(
  offers: readonly GPUOffer[],
  providers: ReadonlySet<string>,
  nowMs: number,
): readonly Series<'provider' | 'product'>[] {
  const lowest = new Map<string, Series<'provider' | 'product'>>();
  for (const { metadata, spec } of offers) {
    const provider = providerOfNamespace(metadata.namespace ?? '');
    if (provider === undefined || !providers.has(provider)) continue;
    if (Date.parse(spec.validUntilTime) <= nowMs) continue;
    const id = `${provider}\0${spec.product}`;
    const price = Number(spec.pricePerGPUHour);
    if (price >= (lowest.get(id)?.[1] ?? Number.POSITIVE_INFINITY)) continue;
    lowest.set(id, [{ provider, product: spec.product }, price]);
  }
  return [...lowest.values()];
}
