import { parseTokenAmount, TokenAmountError } from '@gridlease/contracts/amount';
import { escrowDomain } from '@gridlease/contracts/domain';
import { productId } from '@gridlease/contracts/ids';
import { hashOffer, type Offer, recoverOffer } from '@gridlease/contracts/offer';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { OfferReason } from '@gridlease/crds/reasons';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { type Address, type Hex, isAddressEqual } from 'viem';
import { checkGrant } from './grantCheck.ts';

/** Whether an offer binds its provider, and on which chain; or why not. */
export type OfferCheck =
  | {
      readonly valid: true;
      readonly chainName: string;
      readonly offer: Offer;
      readonly offerHash: Hex;
    }
  | { readonly valid: false; readonly reason: OfferReason; readonly message: string };

export type OfferContext = {
  /** GPUProvider.spec.address. */
  readonly provider: Address;
  /** `hubId` of this hub. */
  readonly hub: Hex;
  readonly chains: readonly SettlementChain[];
  readonly nowSeconds: bigint;
};

function refuse(reason: OfferReason, message: string): OfferCheck {
  return { valid: false, reason, message };
}

/**
 * Verifies offer → agent → grant → the provider's owner, for this hub and at this time. An offer doesn't
 * name its chain: it belongs to the one under whose domain its hash is right.
 */
export async function checkOffer(object: GPUOffer, context: OfferContext): Promise<OfferCheck> {
  const { spec } = object;
  if (!isAddressEqual(spec.provider, context.provider)) {
    return refuse(
      'OfferForOtherProvider',
      `it is by ${spec.provider}, the provider's address is ${context.provider}`,
    );
  }
  if (spec.hub !== context.hub) {
    return refuse('OfferForOtherHub', `it is for hub ${spec.hub}, this one is ${context.hub}`);
  }
  if (context.chains.length === 0) {
    return refuse('NoSettlementChain', 'the hub has no SettlementChain: an admin must create one');
  }
  const found = context.chains.flatMap((chain) => matching(object, chain) ?? [])[0];
  if (found === undefined) return mismatch(object, context.chains);
  const { chain, offer } = found;
  const domain = escrowDomain(chain.spec);
  const signer = await recoverOffer(domain, offer, spec.signature).catch(() => undefined);
  if (signer === undefined || !isAddressEqual(signer, spec.agent)) {
    return refuse(
      'OfferSignatureInvalid',
      `it names agent ${spec.agent} and is signed by ${signer ?? 'nobody (malformed signature)'}`,
    );
  }
  const { provider, nowSeconds } = context;
  const refusal = await checkGrant(spec.grant, { domain, provider, agent: signer, nowSeconds });
  if (refusal !== undefined) return { valid: false, ...refusal };
  if (offer.validUntil < nowSeconds) {
    return refuse('OfferExpired', `it was valid until ${spec.validUntilTime}`);
  }
  return { valid: true, chainName: chain.metadata.name, offer, offerHash: spec.offerHash };
}

/** The EIP-712 message that a GPUOffer stands for; throws TokenAmountError when a price is not exact. */
export function offerOf(object: GPUOffer, decimals: number): Offer {
  const { spec } = object;
  return {
    provider: spec.provider,
    hub: spec.hub,
    product: productId(spec.product),
    pricePerGpuHour: parseTokenAmount(spec.pricePerGPUHour, decimals),
    spotPricePerGpuHour:
      spec.spotPricePerGPUHour === undefined
        ? 0n
        : parseTokenAmount(spec.spotPricePerGPUHour, decimals),
    minGpus: spec.minGPUs,
    maxGpus: spec.maxGPUs,
    maxSeconds: spec.maxDurationSeconds,
    policyHash: spec.policyHash,
    validUntil: BigInt(Math.floor(Date.parse(spec.validUntilTime) / 1_000)),
    salt: spec.salt,
  };
}

function matching(object: GPUOffer, chain: SettlementChain) {
  const domain = escrowDomain(chain.spec);
  try {
    const offer = offerOf(object, chain.spec.token.decimals);
    return hashOffer(domain, offer) === object.spec.offerHash ? { chain, offer } : undefined;
  } catch {
    // A price or a time that can't be read on this chain; `mismatch` says so if no other chain fits.
    return undefined;
  }
}

function mismatch(object: GPUOffer, chains: readonly SettlementChain[]): OfferCheck {
  for (const chain of chains) {
    try {
      offerOf(object, chain.spec.token.decimals);
    } catch (error) {
      if (error instanceof TokenAmountError) return refuse('PriceInexact', error.message);
    }
  }
  const names = chains.map(({ metadata }) => metadata.name).join(', ');
  return refuse(
    'OfferHashMismatch',
    `offerHash is not the digest of its fields on any chain of this hub (${names}): the agent is configured for another chain or escrow`,
  );
}
