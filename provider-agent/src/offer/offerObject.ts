import { formatTokenAmount, parseTokenAmount } from '@gridlease/contracts/amount';
import type { EscrowDomain } from '@gridlease/contracts/domain';
import { productId } from '@gridlease/contracts/ids';
import { hashOffer, type Offer, recoverOffer } from '@gridlease/contracts/offer';
import { type GPUOffer, gpuOffer } from '@gridlease/crds/gpuoffer';
import { API_VERSION, LABEL_PROVIDER } from '@gridlease/crds/labels';
import { toKubeTime } from '@gridlease/kube/conditions';
import { type Hex, isAddressEqual } from 'viem';
import type { SignedOffer } from './decide.ts';

/** The owner's written permission for the agent key to sign. */
export type Grant = GPUOffer['spec']['grant'];

/** `<product>-<first 8 digits of the hash>`: the same offer always gets the same name. */
export function offerName(product: string, hash: Hex): string {
  const readable = product
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 200);
  return `${readable}-${hash.slice(2, 10)}`;
}

/** The object that shows a signed offer to the hub. */
export function offerObject(input: {
  readonly namespace: string;
  readonly providerName: string;
  readonly signed: Pick<SignedOffer, 'hash' | 'product' | 'offer'>;
  readonly signature: Hex;
  readonly agent: Hex;
  readonly grant: Grant;
  readonly decimals: number;
}): GPUOffer {
  const { offer, product, hash } = input.signed;
  const spot = offer.spotPricePerGpuHour;
  return {
    apiVersion: API_VERSION,
    kind: gpuOffer.resource.kind,
    metadata: {
      namespace: input.namespace,
      name: offerName(product, hash),
      labels: { [LABEL_PROVIDER]: input.providerName },
    },
    spec: {
      product,
      pricePerGPUHour: formatTokenAmount(offer.pricePerGpuHour, input.decimals),
      ...(spot === 0n ? {} : { spotPricePerGPUHour: formatTokenAmount(spot, input.decimals) }),
      minGPUs: offer.minGpus,
      maxGPUs: offer.maxGpus,
      maxDurationSeconds: offer.maxSeconds,
      validUntilTime: toKubeTime(new Date(Number(offer.validUntil) * 1000)),
      provider: offer.provider,
      hub: offer.hub,
      policyHash: offer.policyHash,
      salt: offer.salt,
      offerHash: hash,
      agent: input.agent,
      signature: input.signature,
      grant: input.grant,
    },
  };
}

/**
 * Reads an offer back from the hub. Undefined unless this agent's own key signed exactly these
 * fields: the hub's copy is a reminder, never a source of truth.
 */
export async function readOwnOffer(
  object: GPUOffer,
  context: { readonly domain: EscrowDomain; readonly agent: Hex; readonly decimals: number },
): Promise<SignedOffer | undefined> {
  const { spec } = object;
  try {
    const offer: Offer = {
      provider: spec.provider,
      hub: spec.hub,
      product: productId(spec.product),
      pricePerGpuHour: parseTokenAmount(spec.pricePerGPUHour, context.decimals),
      spotPricePerGpuHour: parseTokenAmount(spec.spotPricePerGPUHour ?? '0', context.decimals),
      minGpus: spec.minGPUs,
      maxGpus: spec.maxGPUs,
      maxSeconds: spec.maxDurationSeconds,
      policyHash: spec.policyHash,
      validUntil: BigInt(Math.floor(Date.parse(spec.validUntilTime) / 1000)),
      salt: spec.salt,
    };
    const signer = await recoverOffer(context.domain, offer, spec.signature);
    if (!isAddressEqual(signer, context.agent)) return undefined;
    const hash = hashOffer(context.domain, offer);
    return { hash, product: spec.product, offer, withdrawn: false };
  } catch {
    // Malformed amounts or signatures: nothing that this agent signed.
    return undefined;
  }
}
