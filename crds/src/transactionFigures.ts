import { transactionMetrics } from '@gridlease/kube/chainMetrics';
import type { Clock } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import { objectKey } from '@gridlease/kube/object';
import { sentTransaction } from './chainTransactionStore.ts';
import type { ChainTransaction, ChainTransactionSpec } from './chaintransaction.ts';

type Operation = ChainTransactionSpec['operation'];

/** The label `op` of each operation. */
const labels: Readonly<Record<Operation, string>> = {
  FundChannel: 'fund',
  SettleVouchers: 'settle',
  WithdrawCredit: 'withdraw',
  AnchorPlacements: 'anchor',
  ReleaseNonce: 'release',
};

/** When a transaction was first signed, while it is in no block; unix milliseconds. */
export function pendingSinceMs(transaction: ChainTransaction): number | undefined {
  const { state } = sentTransaction(transaction).status;
  if (state !== 'Built' && state !== 'Sent' && state !== 'Unknown') return undefined;
  const signedMs = Date.parse(transaction.spec.signed.signedTime);
  return Number.isNaN(signedMs) ? undefined : signedMs;
}

/** What a transaction whose end is final took and cost; undefined before, or when it is in no block. */
export function finalFigures(
  transaction: ChainTransaction,
): { readonly seconds: number; readonly gasCoins: number } | undefined {
  const { status, spec } = transaction;
  if (sentTransaction(transaction).status.state !== 'Final') return undefined;
  const ms = Date.parse(status?.finishedTime ?? '') - Date.parse(spec.signed.signedTime);
  if (Number.isNaN(ms)) return undefined;
  const { gasUsed = '0', effectiveGasPrice = '0' } = status?.receipt ?? {};
  // For a counter only; 18 decimals are what every EVM chain's coin has.
  const gasCoins = Number(BigInt(gasUsed) * BigInt(effectiveGasPrice)) / 1e18;
  return { seconds: Math.max(0, ms) / 1_000, gasCoins };
}

/** Shows the transactions of one program from their objects; ends are counted from now on. */
export function followTransactions(
  registry: Parameters<typeof transactionMetrics>[0],
  transactions: Pick<Informer<ChainTransaction>, 'onChange'>,
  operations: readonly Operation[],
  clock: Pick<Clock, 'now'>,
): void {
  const pending = new Map<string, { readonly op: string; readonly sinceMs: number }>();
  // Any sender may have to use up a nonce that no intent holds.
  const ops = [...operations, 'ReleaseNonce' as const].map((operation) => labels[operation]);
  const metrics = transactionMetrics(registry, ops, {
    counts: () => {
      const counts = new Map(ops.map((op) => [op, 0]));
      for (const { op } of pending.values()) counts.set(op, (counts.get(op) ?? 0) + 1);
      return [...counts].map(([op, count]) => [{ op }, count] as const);
    },
    oldestSeconds: () => {
      const oldestMs = Math.min(...[...pending.values()].map(({ sinceMs }) => sinceMs));
      return pending.size === 0 ? 0 : Math.max(0, clock.now().getTime() - oldestMs) / 1_000;
    },
  });
  transactions.onChange((transaction, old, { type, initial }) => {
    const key = objectKey(transaction);
    const op = labels[transaction.spec.operation];
    const sinceMs = type === 'deleted' ? undefined : pendingSinceMs(transaction);
    if (sinceMs === undefined) pending.delete(key);
    else pending.set(key, { op, sinceMs });
    const final = finalFigures(transaction);
    const wasFinal = old !== undefined && finalFigures(old) !== undefined;
    if (type === 'deleted' || initial || wasFinal || final === undefined) return;
    metrics.confirmation.observe({ op }, final.seconds);
    metrics.gasCoins.inc({ op }, final.gasCoins);
  });
}
