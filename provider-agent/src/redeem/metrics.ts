import { changeResults } from '@gridlease/contracts/transactionSender';
import { Counter, Gauge, type Registry } from 'prom-client';

export type RedeemMetrics = ReturnType<typeof redeemMetrics>;

/** The metrics of vouchers and transactions, registered once per registry and initialised to zero. */
export function redeemMetrics(registry: Registry) {
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
  const chainAge = new Gauge({
    name: 'gridlease_chain_head_age_seconds',
    help: 'Time since the chain was last seen.',
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
  const oldestUnredeemed = new Gauge({
    name: 'gridlease_oldest_unredeemed_seconds',
    help: 'For how long the oldest promise of a voucher that is not claimed on the chain has waited, as far as this replica knows; 0 when there is none.',
    registers: [registry],
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
    chainAge,
    earned,
    gasBalance,
    oldestUnredeemed,
  };
}
