import { amountFor } from '@gridlease/contracts/amount';
import type { ChannelRecordSpec } from '@gridlease/crds/channelrecord';
import { count } from '@gridlease/crds/indexes';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type {
  StatementReplyOnObject,
  UsageRowOnObject,
  UsageStatementOnObject,
} from '@gridlease/crds/statement';
import type { Address, Hex } from 'viem';
import type { Reply } from './reply.ts';
import type { MeteredLease, NamedRow } from './row.ts';
import { emptyBook, type PlannedStatement, type StatementBook } from './statement.ts';

/** Between the decimal strings of Kubernetes objects and the numbers that are reckoned with. */

export function rowToObject(row: NamedRow): UsageRowOnObject {
  return {
    leaseId: row.leaseId,
    leaseName: row.leaseName,
    fromMs: row.fromMs.toString(),
    toMs: row.toMs.toString(),
    gpuMs: row.gpuMs.toString(),
    amount: row.amount.toString(),
    credit: row.credit.toString(),
    segmentsRoot: row.segmentsRoot,
    last: row.last,
  };
}

export function rowFromObject(row: UsageRowOnObject): NamedRow {
  return {
    ...row,
    fromMs: BigInt(row.fromMs),
    toMs: BigInt(row.toMs),
    gpuMs: BigInt(row.gpuMs),
    amount: BigInt(row.amount),
    credit: BigInt(row.credit),
  };
}

/** The statement as both objects carry it: everything signed, its digest, and by whom. */
export function statementToObject(
  statement: PlannedStatement['statement'],
  signed: { readonly hash: Hex; readonly agent: Address; readonly signature: Hex },
): UsageStatementOnObject {
  return {
    seq: statement.seq.toString(),
    atMs: statement.atMs.toString(),
    rowCount: statement.rowCount,
    rowsRoot: statement.rowsRoot,
    foldedAmount: statement.foldedAmount.toString(),
    foldedHead: statement.foldedHead,
    cumulative: statement.cumulative.toString(),
    prev: statement.prev,
    ...signed,
  };
}

/** What the agent has said so far, from its record. */
export function bookOf(record: ChannelRecordSpec | undefined): StatementBook {
  if (record === undefined) return emptyBook;
  const { statement, rows, folded } = record;
  return {
    last: statement && { seq: BigInt(statement.seq), hash: statement.hash },
    rows: rows.map(rowFromObject),
    folded: { amount: BigInt(folded.amount), head: folded.head },
  };
}

/** Cumulative of the best voucher of the running generation; 0n when there is none. */
export function voucherOf({ channel, voucher }: ChannelRecordSpec): bigint {
  return voucher?.generation === channel.generation ? BigInt(voucher.cumulative) : 0n;
}

export function replyFromObject(reply: StatementReplyOnObject): Reply {
  return { ...reply, cumulative: BigInt(reply.cumulative) };
}

/** What of an accepted lease decides its row. */
export function leaseFromRecord(record: LeaseRecord): MeteredLease {
  const { leaseRef, leaseId, terms, acceptance } = record.spec;
  return {
    leaseUid: leaseRef.uid,
    leaseName: leaseRef.name,
    leaseId,
    gpuCount: terms.gpuCount,
    pricePerGpuHour: BigInt(terms.pricePerGpuHour),
    maxAmount: BigInt(terms.maxAmount),
    acceptedMs: BigInt(acceptance.acceptedMs),
  };
}

/**
 * Whether a lease ended without the hub ever having stored its acceptance: nobody expects a row for
 * it, and none would be believed. Pods exist only after that, so it has cost nothing.
 */
export function isVoid({ spec }: Pick<LeaseRecord, 'spec'>, gpuMs: bigint): boolean {
  const reason = spec.state === 'Ended' ? spec.finished?.reason : undefined;
  return gpuMs === 0n && (reason === 'Withdrawn' || reason === 'Cancelled');
}

/** Whether a lease's maximum amount pays for all its tasks running for as long as they may. */
export function coversFullDuration({ spec }: Pick<LeaseRecord, 'spec'>): boolean {
  const seconds = secondsIn(spec.workloadDocument, 'maxDurationSeconds');
  if (seconds === undefined) return false;
  const { indexes, gpusPerTask } = spec.tasks;
  const gpuMs = BigInt(count(indexes)) * BigInt(gpusPerTask) * BigInt(seconds) * 1000n;
  return amountFor(BigInt(spec.terms.pricePerGpuHour), gpuMs) <= BigInt(spec.terms.maxAmount);
}

/** The start deadline in a canonical workload document; undefined when it can't be read. */
export function startDeadlineOf(workloadDocument: string): number | undefined {
  return secondsIn(workloadDocument, 'startDeadlineSeconds');
}

function secondsIn(
  workloadDocument: string,
  field: 'startDeadlineSeconds' | 'maxDurationSeconds',
): number | undefined {
  try {
    const document = JSON.parse(workloadDocument) as Readonly<Record<string, unknown>>;
    const seconds = document[field];
    return typeof seconds === 'number' ? seconds : undefined;
  } catch {
    // The accept stage refused anything that isn't the document; what is left is not worth a stop.
    return undefined;
  }
}
