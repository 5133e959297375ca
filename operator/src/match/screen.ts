import type { PlacementReason } from '@gridlease/crds/reasons';
import type { CandidateFacts } from './facts.ts';
import { type Filter, filters } from './filters.ts';
import type { Candidate, Query } from './query.ts';
import { listed, shortened } from './text.ts';

/** A candidate that a filter sent away. */
export type Fallen = {
  readonly candidate: Candidate;
  /** Position of the filter: the higher, the closer it was. */
  readonly stage: number;
  readonly filter: Filter;
  /** What the candidate has. */
  readonly has: string;
};

export type Screened = {
  readonly eligible: readonly Candidate[];
  readonly fallen: readonly Fallen[];
};

/** Asks every candidate every question until one says no. */
export function screen(candidates: readonly CandidateFacts[], query: Query): Screened {
  const eligible: Candidate[] = [];
  const fallen: Fallen[] = [];
  for (const facts of candidates) {
    const candidate: Candidate = { ...facts, price: BigInt(facts.pricePerGpuHour) };
    const fall = firstRefusal(candidate, query);
    if (fall === undefined) eligible.push(candidate);
    else fallen.push(fall);
  }
  return { eligible, fallen };
}

function firstRefusal(candidate: Candidate, query: Query): Fallen | undefined {
  for (const [stage, filter] of filters.entries()) {
    const has = filter.refuses(candidate, query);
    if (has !== undefined) return { candidate, stage, filter, has };
  }
  return undefined;
}

/**
 * Why nothing fits: the question that the most suitable candidates failed, and what those have. A
 * provider in the wrong region doesn't matter to a person whose region is merely full.
 */
export function waitingReason(
  fallen: readonly Fallen[],
  query: Query,
): { readonly reason: PlacementReason; readonly message: string } {
  const furthest = Math.max(...fallen.map(({ stage }) => stage));
  const last = fallen.filter(({ stage }) => stage === furthest);
  const filter = last[0]?.filter;
  if (filter === undefined) {
    return { reason: 'NoOffers', message: 'no provider offers a GPU to this cluster yet' };
  }
  const candidates = last.map(({ candidate }) => candidate);
  const has = filter.summary?.(candidates, query) ?? listed(last.map((one) => one.has));
  return { reason: filter.reason, message: shortened(`${filter.needs(query)}: ${has}`) };
}

/** How many candidates each filter sent away, the most frequent first. */
export function countReasons(
  reasons: readonly string[],
): readonly { readonly reason: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}
