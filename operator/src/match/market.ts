import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { providerOfNamespace } from '@gridlease/crds/labels';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import type { CandidateFacts } from './facts.ts';
import { candidateFacts } from './gather.ts';
import type { Ledger } from './ledger.ts';
import type { OfferBook } from './offerBook.ts';

/** The part of an informer that match reads. */
export type Cache<T> = {
  get(key: string): T | undefined;
  list(namespace?: string): readonly T[];
};

type MarketSources = {
  readonly offers: Cache<GPUOffer>;
  readonly providers: Cache<GPUProvider>;
  readonly inventories: Cache<GPUInventory>;
  readonly chains: Cache<SettlementChain>;
  readonly book: OfferBook;
  readonly ledger: Ledger;
};

type Snapshot = { readonly version: string; readonly candidates: readonly CandidateFacts[] };

/** The candidates of one chain, computed once per change instead of once per waiting job. */
export class Market {
  readonly #sources: MarketSources;
  readonly #snapshots = new Map<string, Snapshot>();
  #supplyVersion = 0;
  #checkedVersion = -1;
  #checkedMs = 0;

  constructor(sources: MarketSources) {
    this.#sources = sources;
  }

  /** An offer, inventory, provider or chain changed. */
  supplyChanged(): void {
    this.#supplyVersion += 1;
  }

  /** Checks new offers' signatures; to be awaited before a decision, which itself never waits. */
  async refresh(nowMs: number): Promise<void> {
    if (this.#checkedVersion === this.#supplyVersion && nowMs - this.#checkedMs < 10_000) return;
    const version = this.#supplyVersion;
    await this.#sources.book.update(this.#pairs(), this.#sources.chains.list(), nowMs);
    this.#checkedVersion = version;
    this.#checkedMs = nowMs;
    this.#snapshots.clear();
  }

  candidates(chain: SettlementChain): readonly CandidateFacts[] {
    const { ledger, book, inventories } = this.#sources;
    const version = `${this.#supplyVersion}/${ledger.version}`;
    const known = this.#snapshots.get(chain.metadata.name);
    if (known?.version === version) return known.candidates;
    const candidates = this.#pairs().map(({ offer, provider }) =>
      candidateFacts({
        provider,
        offer,
        chain,
        verdict: book.verdict(offer),
        inventory: inventories.get(`${offer.metadata.namespace}/${provider.metadata.name}`),
        heldGpus: ledger.gpusAt(provider.metadata.name, offer.spec.product),
      }),
    );
    candidates.sort((a, b) => (identity(a) < identity(b) ? -1 : 1));
    this.#snapshots.set(chain.metadata.name, { version, candidates });
    return candidates;
  }

  #pairs(): readonly { readonly offer: GPUOffer; readonly provider: GPUProvider }[] {
    const pairs: { offer: GPUOffer; provider: GPUProvider }[] = [];
    for (const offer of this.#sources.offers.list()) {
      const name = providerOfNamespace(offer.metadata.namespace ?? '');
      const provider = name === undefined ? undefined : this.#sources.providers.get(name);
      if (provider !== undefined) pairs.push({ offer, provider });
    }
    return pairs;
  }
}

function identity({ namespace, offerName }: CandidateFacts): string {
  return `${namespace}/${offerName}`;
}
