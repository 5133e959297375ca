import { changeResults } from '@gridlease/contracts/transactionChange';
import { withValues } from '@gridlease/kube/closedValues';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type SettlementMetrics = {
  readonly transactions: Counter<'op' | 'result'>;
  readonly lagSeconds: Histogram;
  /** `free` and `reserved` are in escrow; `promised` is what vouchers say and nobody has claimed. */
  readonly balances: Gauge<'namespace' | 'account' | 'kind'>;
  readonly delegateCoins: Gauge<'namespace' | 'account'>;
  /** Absent while nothing costs anything. */
  readonly runwaySeconds: Gauge<'namespace' | 'account'>;
  readonly latestBlock: Gauge<'chain'>;
  readonly headTimestamp: Gauge<'chain'>;
  readonly reorganisations: Counter<'chain'>;
  readonly chainReady: Gauge<'chain'>;
  readonly requestErrors: Counter<'chain'>;
};

/** Metrics of the settlement stage. Labels are names of objects that admins and tenants create. */
export function settlementMetrics(registry: Registry): SettlementMetrics {
  const registers = [registry];
  const transactions = new Counter({
    name: 'gridlease_chain_tx_total',
    help: 'Transactions of delegates, by operation and what became of them.',
    labelNames: ['op', 'result'] as const,
    registers,
  });
  for (const result of ['sent', 'refused', ...changeResults]) {
    transactions.inc({ op: 'fund', result }, 0);
  }
  const balances = new Gauge({
    name: 'gridlease_escrow_balance_tokens',
    help: 'Money of a PaymentAccount in token units: free and reserved (in channels, not paid out) are in escrow; promised is what vouchers say and nobody has claimed, a part of reserved.',
    labelNames: ['namespace', 'account', 'kind'] as const,
    registers,
  });
  return {
    transactions,
    lagSeconds: new Histogram({
      name: 'gridlease_settlement_lag_seconds',
      help: 'From the end of a lease to its payment being final on the chain.',
      buckets: [1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3_600, 21_600, 86_400],
      registers,
    }),
    balances: withValues(balances, { kind: ['free', 'reserved', 'promised'] }),
    delegateCoins: new Gauge({
      name: 'gridlease_delegate_balance_coins',
      help: "The chain's own coin that a PaymentAccount's delegate has for gas.",
      labelNames: ['namespace', 'account'] as const,
      registers,
    }),
    runwaySeconds: new Gauge({
      name: 'gridlease_escrow_runway_seconds',
      help: 'Seconds until a PaymentAccount can not pay any more for its leases that are not over: each costs its price until it has cost what it may, and is paid from the escrow that no voucher promises and that the limit of the delegate reaches. 2592000 (30 days) where it lasts longer, or for all that they may cost. No series while there are none.',
      labelNames: ['namespace', 'account'] as const,
      registers,
    }),
    headTimestamp: new Gauge({
      name: 'gridlease_chain_head_timestamp_seconds',
      help: "Time of the newest block seen, by the chain's clock, Unix time; before the first, when this replica began to ask.",
      labelNames: ['chain'] as const,
      registers,
    }),
    reorganisations: new Counter({
      name: 'gridlease_chain_reorgs_total',
      help: 'Times that a block seen before was replaced by another one.',
      labelNames: ['chain'] as const,
      registers,
    }),
    latestBlock: new Gauge({
      name: 'gridlease_chain_latest_block',
      help: 'Number of the newest block seen.',
      labelNames: ['chain'] as const,
      registers,
    }),
    chainReady: new Gauge({
      name: 'gridlease_chain_ready',
      help: '1 while the chain answers and is the one stated.',
      labelNames: ['chain'] as const,
      registers,
    }),
    requestErrors: new Counter({
      name: 'gridlease_chain_request_errors_total',
      help: 'Requests to a chain that had no answer.',
      labelNames: ['chain'] as const,
      registers,
    }),
  };
}
