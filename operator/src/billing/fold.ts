import { concat, type Hex, keccak256, zeroHash } from 'viem';
import type { AcceptedRow, AcceptedStatement } from './facts.ts';

/** The sum and the hash chain over the rows that are final and no longer listed. */
export type Folded = { readonly amount: bigint; readonly head: Hex };

/** Where a generation begins. */
export const emptyFold: Folded = { amount: 0n, head: zeroHash };

/**
 * Adds rows in the order in which the statement listed them: `head = keccak256(head ‖ rowHash)`. The
 * order is part of the chain, so both sides must fold in the order of the statement's rows.
 */
export function fold(start: Folded, rows: readonly { amount: bigint; rowHash: Hex }[]): Folded {
  return rows.reduce(
    ({ amount, head }, row) => ({
      amount: amount + row.amount,
      head: keccak256(concat([head, row.rowHash])),
    }),
    start,
  );
}

/** What the next statement must say it has folded when it no longer lists some accepted rows. */
export function expectedFold(
  accepted: AcceptedStatement | undefined,
  listed: ReadonlySet<Hex>,
): { readonly folded: Folded; readonly missing: readonly AcceptedRow[] } {
  if (accepted === undefined) return { folded: emptyFold, missing: [] };
  const dropped = accepted.rows.filter((row) => !listed.has(row.leaseId));
  const final = dropped.flatMap(({ amount, last, rowHash }) =>
    last && rowHash !== undefined ? [{ amount, rowHash }] : [],
  );
  const start = { amount: accepted.foldedAmount, head: accepted.foldedHead };
  return { folded: fold(start, final), missing: dropped.filter((row) => !row.last) };
}
