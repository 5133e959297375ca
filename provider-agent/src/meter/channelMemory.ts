import type { Hex } from 'viem';
import type { Reply } from './reply.ts';
import type { NamedRow } from './row.ts';

const remembered = 32;

export type Refusal = { readonly reason: string; readonly message: string };

/** What the agent keeps in mind about one channel between two looks; all of it can be lost. */
export type ChannelMemory = {
  /** Monotonic milliseconds of the last statement. */
  statedMs: number;
  /** Signed statements that no voucher covers yet, oldest first. */
  outstanding: readonly { readonly cumulative: bigint; readonly statedMs: number }[];
  /** Rows of the last statements by digest: an answer may come one statement late. */
  readonly recent: Map<Hex, readonly NamedRow[]>;
  /** Final rows that a verified reply accepted. */
  readonly accepted: Set<Hex>;
  refusals: ReadonlyMap<Hex, Refusal>;
  /** Signature of the last reply that was looked at. */
  replySignature: Hex | undefined;
};

export function emptyMemory(): ChannelMemory {
  return {
    statedMs: Number.NEGATIVE_INFINITY,
    outstanding: [],
    recent: new Map(),
    accepted: new Set(),
    refusals: new Map(),
    replySignature: undefined,
  };
}

/** Notes a statement that was stored. */
export function noteStatement(
  memory: ChannelMemory,
  statement: {
    readonly hash: Hex;
    readonly rows: readonly NamedRow[];
    readonly cumulative: bigint;
    readonly nowMs: number;
  },
): void {
  memory.statedMs = statement.nowMs;
  memory.outstanding = [
    ...memory.outstanding,
    { cumulative: statement.cumulative, statedMs: statement.nowMs },
  ];
  memory.recent.set(statement.hash, statement.rows);
  const oldest = memory.recent.size > remembered ? memory.recent.keys().next().value : undefined;
  if (oldest !== undefined) memory.recent.delete(oldest);
}

/** Takes in a verified reply: final rows that it doesn't refuse are accepted for good. */
export function noteReply(memory: ChannelMemory, reply: Reply): void {
  const rows = memory.recent.get(reply.statementHash) ?? [];
  const refused = new Map(reply.refusals.map((refusal) => [refusal.leaseId, refusal]));
  for (const row of rows) {
    if (row.last && !refused.has(row.leaseId)) memory.accepted.add(row.leaseId);
  }
  memory.refusals = refused;
}

/**
 * Monotonic milliseconds of the oldest statement that is still not paid for; undefined when all are.
 * What the payer refuses row by row is not waited for: those leases are suspended for themselves.
 */
export function oldestUnpaid(
  memory: ChannelMemory,
  voucherCumulative: bigint,
  rows: readonly NamedRow[],
): number | undefined {
  const refused = rows
    .filter(({ leaseId }) => memory.refusals.has(leaseId))
    .reduce((sum, { amount, credit }) => sum + amount - credit, 0n);
  memory.outstanding = memory.outstanding.filter(
    ({ cumulative }) => cumulative > voucherCumulative + refused,
  );
  return memory.outstanding[0]?.statedMs;
}
