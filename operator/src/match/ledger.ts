/** What one lease, placed or about to be, takes from the provider and from the account. */
export type Holding = {
  readonly accountUid: string;
  readonly provider: string;
  readonly product: string;
  readonly gpus: number;
  /** Smallest units per hour for all of its GPUs. */
  readonly hourly: bigint;
  readonly maxAmount: bigint;
  /** False when only money ends it: of maxAmount, the next hour is what is promised. */
  readonly hasEnd: boolean;
  /** As far as the lease's own status says. */
  readonly billed: bigint;
};

/**
 * The GPUs and the money that are promised, from the moment of the decision: before the record is
 * written, while the watch still lags, and until the lease has ended. Keys are the lease's
 * `namespace/name`, so that the decision, the record and the lease are one entry. Sums are kept, not
 * computed: a thousand waiting jobs read them at every change.
 */
export class Ledger {
  readonly #holdings = new Map<string, Holding>();
  readonly #gpus = new Map<string, number>();
  readonly #byAccount = new Map<string, Map<string, Holding>>();
  #version = 0;

  /** Rises with every change, for callers that remember sums. */
  get version(): number {
    return this.#version;
  }

  has(key: string): boolean {
    return this.#holdings.has(key);
  }

  /** Adds or replaces. */
  hold(key: string, holding: Holding): void {
    if (isSame(this.#holdings.get(key), holding)) return;
    this.release(key);
    this.#version += 1;
    this.#holdings.set(key, holding);
    this.#addGpus(holding, holding.gpus);
    const known = this.#byAccount.get(holding.accountUid);
    if (known === undefined) this.#byAccount.set(holding.accountUid, new Map([[key, holding]]));
    else known.set(key, holding);
  }

  /** Does nothing when it is gone already. */
  release(key: string): void {
    const holding = this.#holdings.get(key);
    if (holding === undefined) return;
    this.#version += 1;
    this.#holdings.delete(key);
    this.#addGpus(holding, -holding.gpus);
    const known = this.#byAccount.get(holding.accountUid);
    known?.delete(key);
    if (known?.size === 0) this.#byAccount.delete(holding.accountUid);
  }

  gpusAt(provider: string, product: string): number {
    return this.#gpus.get(`${provider}/${product}`) ?? 0;
  }

  ofAccount(uid: string): ReadonlyMap<string, Holding> {
    return this.#byAccount.get(uid) ?? new Map();
  }

  #addGpus({ provider, product }: Holding, gpus: number): void {
    const pool = `${provider}/${product}`;
    const sum = (this.#gpus.get(pool) ?? 0) + gpus;
    if (sum === 0) this.#gpus.delete(pool);
    else this.#gpus.set(pool, sum);
  }
}

function isSame(known: Holding | undefined, other: Holding): boolean {
  return (
    known !== undefined &&
    known.accountUid === other.accountUid &&
    known.provider === other.provider &&
    known.product === other.product &&
    known.gpus === other.gpus &&
    known.hourly === other.hourly &&
    known.maxAmount === other.maxAmount &&
    known.hasEnd === other.hasEnd &&
    known.billed === other.billed
  );
}
