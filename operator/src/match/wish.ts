import { isPartialGpu, productMatches } from '@gridlease/crds/product';
import type { Candidate, Query } from './query.ts';

/** True when the job names a product that this one is, or names none. */
export function asksFor({ job }: Query, product: string): boolean {
  return job.products.length === 0 || job.products.some((wish) => productMatches(wish, product));
}

/** Part of a GPU that the job didn't name: less than a whole one must not come as a surprise. */
export function isUnwantedPart({ product }: Candidate, query: Query): boolean {
  if (!isPartialGpu(product)) return false;
  return query.job.products.length === 0 || !asksFor(query, product);
}

export function isShared({ product }: Candidate): boolean {
  return /-SHARED$/i.test(product);
}

/** "A100-SXM4-40GB-MIG-1g.5gb" → "A100-SXM4-40GB". */
export function wholeGpu(product: string): string {
  return product.replace(/-(MIG-.*|SHARED)$/i, '');
}
