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
  outstanding: readonly {
    readonly cumulative: bigint;
    readonly statedMs: number;
    readonly rows: readonly NamedRow[];
  }[];
  /** Rows of the last statements by digest: an answer may come one statement late. */
  readonly recent: Map<Hex, readonly NamedRow[]>;
  /** Final rows that a verified reply accepted. */
  readonly accepted: Set<Hex>;
  refusals: ReadonlyMap<Hex, Refusal>;
  /** Last rows that the payer will never pay in full, and the most of each that it did agree to. */
  readonly conceded: Map<Hex, bigint>;
  /** Last rows of leases that the payer does not know, and never agreed to anything of. */
  readonly dropped: Set<Hex>;
  /** What verified replies or vouchers have agreed to of each row, token smallest units. */
  readonly agreed: Map<Hex, bigint>;
  /** Rows of before a restart that the payer has not agreed to since: what was agreed of them is forgotten. */
  readonly forgotten: Set<Hex>;
  /** What the last voucher before a restart left open, all rows together. */
  openBefore: bigint;
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
    conceded: new Map(),
    dropped: new Set(),
    agreed: new Map(),
    forgotten: new Set(),
    openBefore: 0n,
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
  const { cumulative, nowMs, rows } = statement;
  memory.statedMs = nowMs;
  // What was conceded since is not waited for in older statements either.
  const earlier = memory.outstanding.map((one) =>
    one.cumulative > cumulative ? { ...one, cumulative } : one,
  );
  memory.outstanding = [...earlier, { cumulative, statedMs: nowMs, rows }];
  memory.recent.set(statement.hash, statement.rows);
  const oldest = memory.recent.size > remembered ? memory.recent.keys().next().value : undefined;
  if (oldest !== undefined) memory.recent.delete(oldest);
}

/** Takes up a channel after a restart from what was stated and paid last. */
export function recallStatement(
  memory: ChannelMemory,
  statement: Parameters<typeof noteStatement>[1],
  voucherCumulative: bigint,
): void {
  noteStatement(memory, statement);
  // The statement may be unpaid still; the next one need not wait for that.
  memory.statedMs = Number.NEGATIVE_INFINITY;
  for (const { leaseId } of statement.rows) memory.forgotten.add(leaseId);
  const open = statement.cumulative - voucherCumulative;
  memory.openBefore = open > 0n ? open : 0n;
}

/**
 * Takes in a verified reply: final rows that it doesn't refuse are accepted for good. Of a lease that the
 * hub gave up it pays what it agreed to before and nothing more, ever; to insist would keep the row on
 * every statement. What was agreed is our own memory: a hub must not get money back by its word.
 */
export function noteReply(memory: ChannelMemory, reply: Reply): void {
  const rows = memory.recent.get(reply.statementHash) ?? [];
  const refused = new Map(reply.refusals.map((refusal) => [refusal.leaseId, refusal]));
  for (const row of rows) {
    const refusal = refused.get(row.leaseId);
    if (refusal !== undefined) {
      if (row.last && !memory.forgotten.has(row.leaseId)) concede(memory, row, refusal);
      continue;
    }
    if (row.last) memory.accepted.add(row.leaseId);
    noteAgreed(memory, row);
  }
  memory.refusals = refused;
}

function concede(memory: ChannelMemory, { leaseId }: NamedRow, { reason }: Refusal): void {
  const agreed = memory.agreed.get(leaseId) ?? 0n;
  if (reason === 'LeaseLost') memory.conceded.set(leaseId, agreed);
  // What it agreed to of a lease that is gone has to stay listed: it is in the sum that was signed.
  if (reason === 'LeaseUnknown' && agreed === 0n) memory.dropped.add(leaseId);
}

/**
 * Rows that are refused and that somebody may do something about. A lease that was lost before a restart is refused for
 * ever: what was agreed of it is forgotten, so it can't be conceded either.
 */
export function openRefusals({ refusals, forgotten }: ChannelMemory): number {
  const isOver = ([leaseId, { reason }]: readonly [Hex, Refusal]): boolean =>
    reason === 'LeaseLost' && forgotten.has(leaseId);
  return [...refusals].filter((one) => !isOver(one)).length;
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
  const refused = refusedAmount(memory, rows);
  const isPaid = ({ cumulative }: { readonly cumulative: bigint }): boolean =>
    cumulative <= voucherCumulative + refused;
  for (const row of memory.outstanding.filter(isPaid).flatMap((statement) => statement.rows)) {
    if (!memory.refusals.has(row.leaseId)) noteAgreed(memory, row);
  }
  memory.outstanding = memory.outstanding.filter((statement) => !isPaid(statement));
  return memory.outstanding[0]?.statedMs;
}

/** What was agreed once stays agreed: an answer to an older statement takes nothing back. */
function noteAgreed(memory: ChannelMemory, { leaseId, amount, credit }: NamedRow): void {
  const before = memory.agreed.get(leaseId) ?? 0n;
  if (amount - credit >= before) memory.agreed.set(leaseId, amount - credit);
  memory.forgotten.delete(leaseId);
}

/**
 * What the refused rows claim beyond what was agreed of them. Not the whole rows: refusing the last
 * minute of a lease that was paid for a day would leave a day of the other leases unpaid.
 */
function refusedAmount(memory: ChannelMemory, rows: readonly NamedRow[]): bigint {
  const refused = rows.filter(({ leaseId }) => memory.refusals.has(leaseId));
  const isKnown = ({ leaseId }: NamedRow): boolean => !memory.forgotten.has(leaseId);
  const known = refused.filter(isKnown).reduce((sum, { leaseId, amount, credit }) => {
    const disputed = amount - credit - (memory.agreed.get(leaseId) ?? 0n);
    return disputed > 0n ? sum + disputed : sum;
  }, 0n);
  return refused.every(isKnown) ? known : known + memory.openBefore;
}
