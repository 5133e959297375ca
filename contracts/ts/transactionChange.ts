import type { TransactionRecord, TransactionState } from './transaction.ts';
import type { TransactionStep } from './transactionDecide.ts';

/** A step that one look took; `state` is where the transaction stands after it. */
export type TransactionChange = {
  readonly record: TransactionRecord;
  readonly before: TransactionState;
  readonly state: TransactionState;
  readonly did: TransactionStep['do'];
};

/** What a change means for a metric. */
export const changeResults = [
  'mined',
  'reverted',
  'resent',
  'raised',
  'replaced',
  'dropped',
] as const;

/** Undefined where nothing happened that is counted: a transaction is counted as mined once. */
export function changeResult({
  record,
  before,
  state,
  did,
}: TransactionChange): (typeof changeResults)[number] | undefined {
  if (state === 'Replaced') return 'replaced';
  if (state === 'Dropped') return 'dropped';
  if (did === 'Resend') return 'resent';
  if (did === 'Replace' || did === 'Cancel') return 'raised';
  const wasMined = before === 'Mined' || before === 'Safe';
  const isMined = state === 'Mined' || state === 'Safe' || state === 'Final';
  if (!isMined || wasMined) return undefined;
  return record.status.receipt?.success === true ? 'mined' : 'reverted';
}
