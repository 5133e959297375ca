import type { RefusalFacts } from './facts.ts';
import type { Candidate, Query } from './query.ts';

const firstPauseMs = 5_000;
const longestPauseMs = 600_000;

/**
 * The refusal that still stands for a candidate. A provider that said no is asked again once its
 * inventory is newer than the no, but never sooner than a pause that doubles with each refusal in a
 * row: a provider that refuses for another cause would otherwise be asked at every inventory.
 */
export function refusalOf(
  candidate: Candidate,
  { job, nowMs }: Query,
): { readonly message: string; readonly untilMs: number } | undefined {
  const refusal = job.refusals.find(({ provider }) => provider === candidate.provider);
  if (refusal === undefined) return undefined;
  const newsSince = (candidate.inventoryMs ?? 0) > refusal.atMs;
  const untilMs = refusal.atMs + (newsSince ? pauseMs(refusal) : longestPauseMs);
  if (untilMs <= nowMs) return undefined;
  return { message: `${refusal.provider} said ${refusal.reason}: ${refusal.message}`, untilMs };
}

function pauseMs({ count }: RefusalFacts): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(count - 1, 20));
}
