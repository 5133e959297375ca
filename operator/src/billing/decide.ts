import { merkleRoot } from '@gridlease/contracts/merkle';
import type { Hex } from 'viem';
import type { AcceptedRow, AcceptedStatement, Refusal, RowFacts, StatementFacts } from './facts.ts';
import { refuseRow } from './rowPolicies.ts';
import { statementPolicies } from './statementPolicies.ts';

export type RowRefusal = Refusal & { readonly leaseId: Hex; readonly leaseName: string };

/** A lease whose last row was accepted: what it cost, and the voucher that pays it. */
export type FinalRow = {
  readonly leaseId: Hex;
  readonly leaseName: string;
  readonly gpuMs: bigint;
  readonly amount: bigint;
  /** Cumulative of the first voucher that holds the amount; the lease is paid once this is claimed. */
  readonly cumulative: bigint;
};

/** What both signatures say; equal facts give an equal reply. */
export type Reply = {
  readonly kind: 'reply';
  readonly refusals: readonly RowRefusal[];
  readonly refusalsRoot: Hex;
  readonly cumulative: bigint;
  readonly accepted: AcceptedStatement;
  readonly finals: readonly FinalRow[];
};

export type BillingDecision =
  | Reply
  /** The stored reply answers this statement already. */
  | { readonly kind: 'answered' }
  /** Not now: nothing is refused and nothing is paid until it can be known. */
  | ({ readonly kind: 'wait' } & Refusal)
  /** The statement as a whole is not one that can be answered. */
  | ({ readonly kind: 'refuse' } & Refusal);

/**
 * What to answer to a usage statement. A statement that is not the agent's or doesn't add up is refused
 * whole; a row that can't be bounded is refused alone and counts with what was accepted of it before,
 * so that the cumulative never falls and the other rows are paid.
 */
export function decideReply(facts: StatementFacts): BillingDecision {
  if (facts.repliedHash === facts.hash) return Object.freeze({ kind: 'answered' });
  for (const policy of statementPolicies) {
    const refusal = policy(facts);
    if (refusal !== undefined) return Object.freeze({ kind: 'refuse', ...refusal });
  }
  const judged = facts.rows.map((rowFacts) => ({ rowFacts, refusal: refuseRow(facts, rowFacts) }));
  const unseen = waitForHeartbeat(facts, judged);
  if (unseen !== undefined) return Object.freeze({ kind: 'wait', ...unseen });

  const before = new Map(facts.accepted?.rows.map((row) => [row.leaseId, row]));
  const accepted = judged.flatMap(({ rowFacts, refusal }) => {
    const row = refusal === undefined ? acceptedRow(rowFacts) : before.get(rowFacts.row.leaseId);
    return row === undefined ? [] : [row];
  });
  const owed = accepted.reduce((sum, row) => sum + row.amount, facts.statement.foldedAmount);
  // A credit may lower what is owed below what was signed already; a voucher can't be taken back.
  const cumulative = atLeast(owed, facts.voucherCumulative);
  const finals = judged.flatMap(({ rowFacts, refusal }) =>
    refusal === undefined && isNewEnd(rowFacts, before.get(rowFacts.row.leaseId))
      ? [finalRow(rowFacts, cumulative)]
      : [],
  );
  if (facts.finalsCount + finals.length > facts.maxFinals) {
    return Object.freeze({
      kind: 'wait',
      reason: 'TooManyUnsettled',
      message: `${facts.finalsCount} ended leases wait for their money to be final on the chain, no more than ${facts.maxFinals} can: the provider must redeem its voucher`,
    });
  }
  const refusals = judged.flatMap(({ rowFacts, refusal }) =>
    refusal === undefined
      ? []
      : [{ leaseId: rowFacts.row.leaseId, leaseName: rowFacts.leaseName, ...refusal }],
  );
  return Object.freeze({
    kind: 'reply',
    refusals,
    refusalsRoot: merkleRoot(refusals.map(({ leaseId }) => leaseId)),
    cumulative,
    accepted: {
      generation: facts.channel.generation,
      seq: facts.statement.seq,
      foldedAmount: facts.statement.foldedAmount,
      foldedHead: facts.statement.foldedHead,
      rows: accepted,
    },
    finals,
  });
}

/** A lost lease was on its way to the chain before its provider came back with a last row. */
function isNewEnd({ row, lease }: RowFacts, before: AcceptedRow | undefined): boolean {
  return row.last && before?.last !== true && lease?.ended !== true;
}

/**
 * Rows that reach beyond the last heartbeat seen are neither paid nor refused: a heartbeat that is late
 * is no fault of the meter, and one that never comes pays nothing.
 */
function waitForHeartbeat(
  facts: StatementFacts,
  judged: readonly { readonly rowFacts: RowFacts; readonly refusal: Refusal | undefined }[],
): Refusal | undefined {
  const seen = facts.lastHeartbeatMs;
  const limit = seen === undefined ? undefined : seen + facts.heartbeatToleranceMs;
  for (const { rowFacts, refusal } of judged) {
    const { row, leaseName } = rowFacts;
    if (refusal !== undefined || row.gpuMs === 0n) continue;
    if (limit !== undefined && row.toMs <= limit) continue;
    return {
      reason: 'MoreThanObserved',
      message: `the row of lease ${leaseName} ends at ${row.toMs}, the agent's last heartbeat was seen at ${seen ?? 'no time'}: waiting for the next`,
    };
  }
  return undefined;
}

function atLeast(amount: bigint, floor: bigint): bigint {
  if (amount < floor) return floor;
  return amount;
}

function acceptedRow({ row, hash }: RowFacts): AcceptedRow {
  return {
    leaseId: row.leaseId,
    gpuMs: row.gpuMs,
    amount: row.amount - row.credit,
    last: row.last,
    ...(row.last ? { rowHash: hash } : {}),
  };
}

function finalRow({ row, leaseName }: RowFacts, cumulative: bigint): FinalRow {
  return {
    leaseId: row.leaseId,
    leaseName,
    gpuMs: row.gpuMs,
    amount: row.amount - row.credit,
    cumulative,
  };
}
