import type { ChannelRef } from '@gridlease/contracts/typedData';
import { hashUsageRow, usageRowsRoot } from '@gridlease/contracts/usageRow';
import type { UsageStatement } from '@gridlease/contracts/usageStatement';
import { concat, type Hex, keccak256, zeroHash } from 'viem';
import type { NamedRow } from './row.ts';

/** The most rows that one statement lists. */
export const maxRows = 256;

/** What the agent has said about a channel so far, in its own durable memory. */
export type StatementBook = {
  /** Of the last statement; undefined before the first in this generation. */
  readonly last: { readonly seq: bigint; readonly hash: Hex } | undefined;
  readonly rows: readonly NamedRow[];
  /** The accepted final rows that are no longer listed. */
  readonly folded: { readonly amount: bigint; readonly head: Hex };
};

/** A channel of which nothing has been said. */
export const emptyBook: StatementBook = {
  last: undefined,
  rows: [],
  folded: { amount: 0n, head: zeroHash },
};

export type PlannedStatement = {
  readonly statement: UsageStatement;
  readonly rows: readonly NamedRow[];
  readonly folded: StatementBook['folded'];
};

export type StatementInput = {
  readonly channel: ChannelRef;
  readonly book: StatementBook;
  /** The rows as metered now, of every lease that was not folded. */
  readonly metered: readonly NamedRow[];
  /** The leases whose final row the payer has accepted. */
  readonly accepted: ReadonlySet<Hex>;
  /** Leases of which it is not stored that they need no row any more: a crash would list them anew. */
  readonly unstored?: ReadonlySet<Hex>;
  /** Last rows of which no more is claimed than this, token smallest units. */
  readonly conceded?: ReadonlyMap<Hex, bigint>;
  /** Last rows that are not claimed at all. */
  readonly dropped?: ReadonlySet<Hex>;
  /** Unix milliseconds. */
  readonly nowMs: number;
};

/**
 * The next statement of a channel, or undefined when there is nothing new to say. No row and no
 * total ever falls: what was signed once stays the least that is claimed, but for last rows that were
 * conceded: those credit what the payer will not pay, and keep what was measured. A final row that the
 * payer accepted moves into the folded amount; every other listed row stays listed.
 */
export function planStatement(input: StatementInput): PlannedStatement | undefined {
  const { book, channel } = input;
  const isFolded = ({ last, leaseId }: NamedRow): boolean =>
    last && input.accepted.has(leaseId) && !(input.unstored?.has(leaseId) ?? false);
  const isDropped = ({ leaseId }: NamedRow): boolean => input.dropped?.has(leaseId) ?? false;
  const folded = book.rows.filter(isFolded).reduce(fold, book.folded);
  const metered = new Map(input.metered.map((row) => [row.leaseId, row]));
  const listed = book.rows
    .filter((row) => !isFolded(row) && !isDropped(row))
    .map((row) => atLeast(row, metered.get(row.leaseId)))
    .map((row) => credited(row, input.conceded?.get(row.leaseId)));
  const known = new Set(book.rows.map(({ leaseId }) => leaseId));
  const added = input.metered
    .filter((row) => !known.has(row.leaseId) && !input.accepted.has(row.leaseId) && !isDropped(row))
    .slice(0, maxRows - listed.length);
  const rows = [...listed, ...added];
  const isLess = book.rows.some(isDropped);
  if (added.length === 0 && !isLess && rows.every((row) => book.rows.includes(row))) {
    return undefined;
  }
  const earliest = (book.last?.seq ?? -1n) + 1n;
  const nowMs = BigInt(input.nowMs);
  const statement: UsageStatement = {
    tenant: channel.tenant,
    provider: channel.provider,
    signer: channel.signer,
    generation: channel.generation,
    seq: earliest > nowMs ? earliest : nowMs,
    atMs: nowMs,
    rowCount: rows.length,
    rowsRoot: usageRowsRoot(rows),
    foldedAmount: folded.amount,
    foldedHead: folded.head,
    cumulative: rows.reduce((sum, row) => sum + row.amount - row.credit, folded.amount),
    prev: book.last?.hash ?? zeroHash,
  };
  return { statement, rows, folded };
}

function fold(folded: StatementBook['folded'], row: NamedRow): StatementBook['folded'] {
  return {
    amount: folded.amount + row.amount - row.credit,
    head: keccak256(concat([folded.head, hashUsageRow(row)])),
  };
}

function credited(row: NamedRow, most: bigint | undefined): NamedRow {
  if (most === undefined || !row.last || row.amount - row.credit <= most) return row;
  return { ...row, credit: row.amount - most };
}

/** The same object when nothing changed, so that "is there news" is a comparison of references. */
function atLeast(signed: NamedRow, metered: NamedRow | undefined): NamedRow {
  if (metered === undefined || signed.last) return signed;
  const isLess = metered.gpuMs < signed.gpuMs || metered.amount < signed.amount;
  if (isLess) return metered.last ? { ...signed, last: true } : signed;
  const isSame =
    metered.gpuMs === signed.gpuMs &&
    metered.amount === signed.amount &&
    metered.credit === signed.credit &&
    metered.toMs === signed.toMs &&
    !metered.last;
  return isSame ? signed : metered;
}
