import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import type { Clock } from '@gridlease/kube/clock';
import type { Address, Hex } from 'viem';
import type { OfferFacts } from './decide.ts';

export type OfferCheckFunction = (
  offer: GPUOffer,
  context: {
    readonly provider: Address;
    readonly hub: Hex;
    readonly chains: readonly SettlementChain[];
    readonly nowSeconds: bigint;
  },
) => Promise<
  | { readonly valid: true }
  | { readonly valid: false; readonly reason: string; readonly message: string }
>;

/** Longest that a verdict is believed without verifying again, in milliseconds. */
const trustMs = 30_000;

/** Verifies offers, remembering verdicts: two recoveries cost milliseconds and offers change rarely. */
export function offerVerifier(options: {
  readonly checkOffer: OfferCheckFunction;
  readonly hub: Hex;
  readonly clock: Clock;
}) {
  const { checkOffer, hub, clock } = options;
  const known = new Map<string, { readonly atMs: number; readonly facts: OfferFacts }>();

  return async (
    offer: GPUOffer,
    provider: Address,
    chains: readonly SettlementChain[],
  ): Promise<OfferFacts> => {
    const versions = chains.map(({ metadata }) => metadata.uid).join(',');
    const key = `${offer.metadata.uid}/${offer.metadata.generation}/${provider}/${versions}`;
    const before = known.get(key);
    const nowMs = clock.monotonicMs();
    if (before !== undefined && nowMs - before.atMs < trustMs) return before.facts;
    const nowSeconds = BigInt(Math.floor(clock.now().getTime() / 1_000));
    const check = await checkOffer(offer, { provider, hub, chains, nowSeconds });
    const { product, agent } = offer.spec;
    const refusal = check.valid ? undefined : { reason: check.reason, message: check.message };
    const facts = { name: offer.metadata.name, product, agent, refusal };
    if (known.size > 10_000) known.clear();
    known.set(key, { atMs: nowMs, facts });
    return facts;
  };
}
