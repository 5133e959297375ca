import { productId } from '@gridlease/contracts/ids';
import type { Offer } from '@gridlease/contracts/offer';
import { productMatches } from '@gridlease/crds/product';
import { type Hex, keccak256, stringToHex } from 'viem';
import type { Ask } from './asks.ts';

/** An offer that carries this agent's own signature. */
export type SignedOffer = {
  readonly hash: Hex;
  readonly product: string;
  readonly offer: Offer;
  /** True once the provider asks something else for this product: no new lease may use it. */
  readonly withdrawn: boolean;
};

export type OfferInput = {
  readonly asks: readonly Ask[];
  /** Normalised product names of the GPUs in the cluster. */
  readonly products: readonly string[];
  readonly known: readonly SignedOffer[];
  readonly provider: Hex;
  readonly hub: Hex;
  readonly policyHash: Hex;
  readonly nowSeconds: bigint;
};

export type OfferDecision = {
  /** To sign and publish. */
  readonly sign: readonly { readonly product: string; readonly ask: Ask; readonly offer: Offer }[];
  /** To publish as they are: valid, current, and maybe absent from the hub. */
  readonly keep: readonly Hex[];
  /** To remove from the hub: expired, or no longer what is asked. */
  readonly remove: readonly Hex[];
  /** Known and valid, but no new lease may use them. */
  readonly withdraw: readonly Hex[];
  /** Asks that match no GPU of this cluster. */
  readonly unmatched: readonly string[];
  /** Seconds until there is something to do again; undefined when never. */
  readonly againInSeconds: number | undefined;
};

/**
 * Which offers stand. The first ask that matches a product sets its price. An offer is renewed when
 * half of its time is over; the older one stays until it expires, so that a lease signed against it in
 * that moment is still good. A changed price withdraws at once.
 */
export function decideOffers(input: OfferInput): OfferDecision {
  const products = [...new Set(input.products)].sort();
  // GPUs that are gone for a moment don't withdraw their offer: the inventory says there are none.
  const named = new Set([...products, ...input.known.map((known) => known.product)]);
  const wanted = [...named].sort().flatMap((product) => {
    const ask = input.asks.find((candidate) => productMatches(candidate.product, product));
    return ask === undefined ? [] : [{ product, ask }];
  });
  const sign: OfferDecision['sign'][number][] = [];
  const keep: Hex[] = [];
  const times: bigint[] = [];
  const current = new Set<Hex>();
  const unexpired = input.known.filter((known) => known.offer.validUntil > input.nowSeconds);
  for (const { product, ask } of wanted) {
    const same = unexpired.filter(
      (known) => known.product === product && asksTheSame(known.offer, ask, input.policyHash),
    );
    for (const known of same) current.add(known.hash);
    const half = BigInt(Math.floor(ask.validSeconds / 2));
    const fresh = same.filter((known) => known.offer.validUntil - input.nowSeconds > half);
    keep.push(...same.map((known) => known.hash));
    times.push(...same.map((known) => known.offer.validUntil));
    if (!products.includes(product)) continue;
    const validUntil = input.nowSeconds + BigInt(ask.validSeconds);
    if (fresh.length === 0) {
      sign.push({ product, ask, offer: offerOf(input, product, ask, validUntil) });
      times.push(validUntil - half);
    } else {
      const last = fresh.reduce((a, b) => (a.offer.validUntil > b.offer.validUntil ? a : b));
      times.push(last.offer.validUntil - half);
    }
  }
  const stale = input.known.filter((known) => !current.has(known.hash));
  const next = times.reduce<bigint | undefined>(
    (first, at) => (first === undefined || at < first ? at : first),
    undefined,
  );
  return {
    sign,
    keep,
    remove: stale.map((known) => known.hash),
    withdraw: stale
      .filter((known) => unexpired.includes(known) && !known.withdrawn)
      .map((known) => known.hash),
    unmatched: input.asks
      .filter((ask) => !products.some((product) => productMatches(ask.product, product)))
      .map((ask) => ask.product),
    againInSeconds: next === undefined ? undefined : Math.max(1, Number(next - input.nowSeconds)),
  };
}

function asksTheSame(offer: Offer, ask: Ask, policyHash: Hex): boolean {
  return (
    offer.pricePerGpuHour === ask.price &&
    offer.spotPricePerGpuHour === ask.spotPrice &&
    offer.minGpus === ask.minGPUs &&
    offer.maxGpus === ask.maxGPUs &&
    offer.maxSeconds === ask.maxSeconds &&
    offer.policyHash === policyHash
  );
}

function offerOf(input: OfferInput, product: string, ask: Ask, validUntil: bigint): Offer {
  const { provider, hub, policyHash } = input;
  return {
    provider,
    hub,
    product: productId(product),
    pricePerGpuHour: ask.price,
    spotPricePerGpuHour: ask.spotPrice,
    minGpus: ask.minGPUs,
    maxGpus: ask.maxGPUs,
    maxSeconds: ask.maxSeconds,
    policyHash,
    validUntil,
    // Derived, not random: signing the same offer again after a crash gives the same hash.
    salt: keccak256(stringToHex(`${provider.toLowerCase()}/${hub}/${product}/${validUntil}`)),
  };
}
