import { changeResults } from '@gridlease/contracts/transactionChange';
import { readGauge } from '@gridlease/kube/seriesGauge';
import { Counter, Gauge, type Registry } from 'prom-client';

export type RedeemMetrics = ReturnType<typeof redeemMetrics>;

/** What is read when somebody looks, so that it grows old also while nothing happens. */
export type RedeemReads = {
  readonly chainAgeSeconds: () => number;
  readonly oldestUnredeemedSeconds: () => number;
};

/** The metrics of vouchers and transactions, registered once per registry and initialised to zero. */
export function redeemMetrics(registry: Registry, read: RedeemReads) {
  const vouchers = new Counter({
    name: 'gridlease_vouchers_total',
    help: 'Vouchers seen by whether they verified: stored or invalid.',
    labelNames: ['result'] as const,
    registers: [registry],
  });
  const transactions = new Counter({
    name: 'gridlease_chain_tx_total',
    help: 'Transactions by operation and what became of them.',
    labelNames: ['op', 'result'] as const,
    registers: [registry],
  });
  const skippedRows = new Counter({
    name: 'gridlease_settle_rows_skipped_total',
    help: 'Rows of settlements that the contract did not pay.',
    registers: [registry],
  });
  const unsettled = new Gauge({
    name: 'gridlease_provider_unsettled_tokens',
    help: 'Promised by vouchers and not claimed on the chain, in tokens.',
    registers: [registry],
  });
  readGauge(registry, {
    name: 'gridlease_chain_head_age_seconds',
    help: 'Seconds since the RPC last answered what the newest block is, or since this replica began to ask.',
    read: read.chainAgeSeconds,
  });
  const headTimestamp = new Gauge({
    name: 'gridlease_chain_head_timestamp_seconds',
    help: "Time of the newest block seen, by the chain's clock, Unix time; before the first, when this replica began to ask.",
    labelNames: ['chain'] as const,
    registers: [registry],
  });
  const earned = new Counter({
    name: 'gridlease_provider_earned_tokens_total',
    help: "Paid to the provider's credit in final blocks of the chain while this replica led, in tokens. What was paid while no agent led is counted once one does.",
    registers: [registry],
  });
  const gasBalance = new Gauge({
    name: 'gridlease_gas_balance_coins',
    help: "The chain's own coin that the agent's gas key has. No sample before the first look.",
    registers: [registry],
  });
  gasBalance.remove();
  readGauge(registry, {
    name: 'gridlease_oldest_unredeemed_seconds',
    help: 'For how long the oldest promise of a voucher that is not claimed on the chain has waited, as far as this replica knows; 0 when there is none.',
    read: read.oldestUnredeemedSeconds,
  });
  for (const result of ['stored', 'invalid']) vouchers.inc({ result }, 0);
  for (const op of ['settle', 'withdraw']) {
    for (const result of ['sent', ...changeResults]) {
      transactions.inc({ op, result }, 0);
    }
  }
  return {
    vouchers,
    transactions,
    skippedRows,
    unsettled,
    headTimestamp,
    earned,
    gasBalance,
  };
}
