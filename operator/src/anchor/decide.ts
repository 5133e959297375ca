import { batchDigests } from '@gridlease/contracts/placementAnchor';
import type { Hex } from 'viem';

/** A placement whose digest is not anchored and not on its way. */
export type Placed = { readonly digest: Hex; readonly decidedMs: number };

export type BatchDecision =
  | { readonly do: 'Wait'; readonly ms: number }
  | {
      readonly do: 'Anchor';
      readonly digests: readonly Hex[];
      /** Of the earliest and the latest decision in it, unix seconds. */
      readonly firstTime: number;
      readonly lastTime: number;
    };

/**
 * Whether to anchor now: when the oldest digest has waited for `anchorMs`, or when a batch is full. It
 * follows from the placements alone, so that a restart neither delays a batch nor sends one early.
 */
export function decideBatch(input: {
  readonly waiting: readonly Placed[];
  readonly nowMs: number;
  readonly anchorMs: number;
  /** Most digests in one batch. */
  readonly maxBatch: number;
}): BatchDecision {
  const { waiting, nowMs, anchorMs, maxBatch } = input;
  const oldestFirst = waiting.toSorted((a, b) => a.decidedMs - b.decidedMs);
  const [oldest] = oldestFirst;
  if (oldest === undefined) return { do: 'Wait', ms: anchorMs };
  const dueMs = oldest.decidedMs + anchorMs - nowMs;
  if (dueMs > 0 && waiting.length < maxBatch) return { do: 'Wait', ms: dueMs };
  const chosen = oldestFirst.slice(0, maxBatch);
  return {
    do: 'Anchor',
    digests: batchDigests(chosen.map(({ digest }) => digest)),
    firstTime: Math.floor(oldest.decidedMs / 1_000),
    lastTime: Math.floor(chosen.at(-1)!.decidedMs / 1_000),
  };
}
