import type { GPUJob } from '@gridlease/crds/gpujob';
import type { MatchMetrics } from './metrics.ts';

type Entry = { readonly createdMs: number; readonly reason: string; readonly account: string };

/** Which jobs wait, and for what: they are asked again, oldest first, when something changes. */
export class WaitingJobs {
  readonly #entries = new Map<string, Entry>();
  readonly #metrics: MatchMetrics;

  constructor(metrics: MatchMetrics) {
    this.#metrics = metrics;
  }

  get size(): number {
    return this.#entries.size;
  }

  add(key: string, job: GPUJob, reason: string): void {
    this.remove(key);
    this.#metrics.waiting.inc({ reason });
    this.#entries.set(key, {
      createdMs: Date.parse(job.metadata.creationTimestamp ?? '') || 0,
      reason,
      account: `${job.metadata.namespace}/${job.spec.budget.accountName}`,
    });
  }

  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#metrics.waiting.dec({ reason: entry.reason });
    this.#entries.delete(key);
  }

  /** Oldest job first; of one account ("namespace/name") when it is given. */
  keys(account?: string): readonly string[] {
    return [...this.#entries]
      .filter(([, entry]) => account === undefined || entry.account === account)
      .sort(([a, x], [b, y]) => x.createdMs - y.createdMs || (a < b ? -1 : 1))
      .map(([key]) => key);
  }
}
