import { hasWorked, isEnded, type TransactionRecord } from '@gridlease/contracts/transaction';

/** How the newest settlement of a channel went, as the stored transactions tell it. */
export type Outcome = {
  /** Hash of the form that was mined, or of the first that was sent. */
  readonly hash: `0x${string}`;
  readonly generation: number;
  /** Of the voucher that was sent. */
  readonly cumulative: bigint;
  /** Not final yet: what it pays may still be taken back. */
  readonly isOpen: boolean;
  readonly blockNumber: bigint | undefined;
  /** The contract's reason for not paying the row; undefined when it paid, or nothing is known. */
  readonly skipped: string | undefined;
  /** The whole transaction was reverted; when that was final, in unix milliseconds. */
  readonly revertedMs: number | undefined;
};

/** Channel → its newest settlement. Nothing of this is remembered elsewhere: a restart finds it again. */
export function settlementOutcomes(
  records: readonly TransactionRecord[],
): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const record of records) {
    if (record.spec.operation !== 'SettleVouchers') continue;
    const { status, spec } = record;
    const isOpen = !isEnded(record);
    // One that was given up or replaced says nothing about its rows.
    if (status.state === 'Dropped' || status.state === 'Replaced') continue;
    const reverted = status.receipt?.success === false;
    for (const { name, generation = 1, cumulative = '0' } of spec.refs ?? []) {
      outcomes.set(name, {
        hash: status.receipt?.transactionHash ?? spec.signed.hash,
        generation,
        cumulative: BigInt(cumulative),
        isOpen,
        blockNumber: status.receipt && BigInt(status.receipt.blockNumber),
        skipped: status.skipped?.find((row) => row.name === name)?.reason,
        revertedMs: reverted ? Date.parse(status.finishedTime ?? '') || Infinity : undefined,
      });
    }
  }
  return outcomes;
}

/** A row that was claimed already is paid, if not by this transaction. */
export function isRefused({ skipped }: Pick<Outcome, 'skipped'>): boolean {
  return skipped !== undefined && skipped !== 'AlreadyClaimed';
}

/** A settlement that refused rows is kept until each of their channels has a newer one. */
export function isNeeded(record: TransactionRecord, all: readonly TransactionRecord[]): boolean {
  const newest = settlementOutcomes(all);
  return (record.status.skipped ?? []).some(({ name }) => {
    const outcome = newest.get(name);
    const isNewest = outcome?.hash === record.status.receipt?.transactionHash;
    return outcome !== undefined && isNewest && isRefused(outcome);
  });
}

/** The settlement that brought a channel to exactly this cumulative; undefined when it was not one of ours. */
export function settlementOf(
  records: readonly TransactionRecord[],
  channel: { readonly name: string; readonly generation: number },
  claimed: bigint,
): { readonly transactionHash: `0x${string}`; readonly blockNumber: bigint } | undefined {
  const found = records.findLast(
    (record) =>
      record.spec.operation === 'SettleVouchers' &&
      record.status.state === 'Final' &&
      hasWorked(record) &&
      record.spec.refs?.some(
        ({ name, generation, cumulative }) =>
          name === channel.name &&
          generation === channel.generation &&
          cumulative === claimed.toString(),
      ),
  );
  const receipt = found?.status.receipt;
  return (
    receipt && {
      transactionHash: receipt.transactionHash,
      blockNumber: BigInt(receipt.blockNumber),
    }
  );
}
