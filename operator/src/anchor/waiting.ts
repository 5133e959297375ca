import { hasWorked, isEnded, type TransactionRecord } from '@gridlease/contracts/transaction';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import type { Hex } from 'viem';
import type { Placed } from './decide.ts';

/** Whether a batch is anchored or on its way; one that was given up or reverted is neither. */
export function carries(record: TransactionRecord): boolean {
  if (record.spec.operation !== 'AnchorPlacements') return false;
  const isReverted = record.status.receipt?.success === false;
  return hasWorked(record) || (!isEnded(record) && !isReverted);
}

/** The placements that no batch has, in the order in which they are listed. */
export function waitingPlacements(
  placements: readonly PlacementRecord[],
  taken: ReadonlySet<Hex>,
): readonly Placed[] {
  return placements
    .filter(({ spec }) => !taken.has(spec.digest))
    .map(({ spec }) => ({ digest: spec.digest, decidedMs: Date.parse(spec.decidedTime) }));
}
