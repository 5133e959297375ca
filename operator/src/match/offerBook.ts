import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { objectKey } from '@gridlease/kube/object';
import type { OfferVerdict } from './gather.ts';

/** How an offer's signatures are checked; injected, since federation asks the same question. */
export type CheckOffer = (
  offer: GPUOffer,
  context: {
    readonly provider: GPUProvider;
    readonly chains: readonly SettlementChain[];
    readonly nowSeconds: bigint;
  },
) => Promise<OfferVerdict>;

type Entry = { readonly version: string; readonly verdict: OfferVerdict; readonly atMs: number };

/** A "no" may be a matter of time (a grant that begins later); a "yes" is bounded by the filters. */
const refusalLifeMs = 10_000;

/**
 * Remembers what was found about each offer: recovering two signatures takes milliseconds, and a
 * thousand waiting jobs ask about the same twenty offers.
 */
export class OfferBook {
  readonly #check: CheckOffer;
  readonly #entries = new Map<string, Entry>();

  constructor(check: CheckOffer) {
    this.#check = check;
  }

  /** Checks what is new; afterwards `verdict` answers for each of them. */
  async update(
    offers: readonly { readonly offer: GPUOffer; readonly provider: GPUProvider }[],
    chains: readonly SettlementChain[],
    nowMs: number,
  ): Promise<void> {
    const chainsVersion = chains.map(({ metadata }) => `${metadata.uid}@${metadata.generation}`);
    const current = new Set<string>();
    for (const { offer, provider } of offers) {
      const key = objectKey(offer);
      current.add(key);
      const version = `${offer.metadata.uid}@${offer.metadata.resourceVersion}/${provider.spec.address}/${chainsVersion.join()}`;
      const known = this.#entries.get(key);
      const fresh = known?.verdict.valid === true || nowMs - (known?.atMs ?? 0) < refusalLifeMs;
      if (known?.version === version && fresh) continue;
      const nowSeconds = BigInt(Math.floor(nowMs / 1_000));
      const verdict = await this.#check(offer, { provider, chains, nowSeconds });
      this.#entries.set(key, { version, verdict, atMs: nowMs });
    }
    for (const key of this.#entries.keys()) if (!current.has(key)) this.#entries.delete(key);
  }

  verdict(offer: GPUOffer): OfferVerdict {
    return (
      this.#entries.get(objectKey(offer))?.verdict ?? {
        valid: false,
        reason: 'NotChecked',
        message: 'the signature has not been checked yet',
      }
    );
  }
}
