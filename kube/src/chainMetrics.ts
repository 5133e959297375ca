import { Counter, Histogram, type Registry } from 'prom-client';
import { readGauge, type Series, seriesGauge } from './seriesGauge.ts';

/** What is under way of one program's transactions, read when somebody looks. */
export type PendingTransactions = {
  /** How many by operation; every operation of the program, also at 0. */
  readonly counts: () => Iterable<Series<'op'>>;
  /** Age of the oldest in seconds; 0 when there is none. */
  readonly oldestSeconds: () => number;
};

const confirmationBuckets = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600];

/** What both programs show of the transactions they send; `operations` is the closed list of `op`. */
export function transactionMetrics(
  registry: Registry,
  operations: readonly string[],
  pending: PendingTransactions,
) {
  const registers = [registry];
  seriesGauge(registry, {
    name: 'gridlease_chain_tx_pending',
    help: 'Transactions that were stored to be sent and are in no block yet, by operation.',
    labelNames: ['op'] as const,
    values: { op: operations },
    read: pending.counts,
  });
  readGauge(registry, {
    name: 'gridlease_chain_tx_oldest_pending_seconds',
    help: 'Seconds since the oldest transaction that is in no block yet was first signed; 0 when there is none.',
    read: pending.oldestSeconds,
  });
  const confirmation = new Histogram({
    name: 'gridlease_chain_tx_confirmation_seconds',
    help: 'From the first signature of a transaction to its end being final, by operation.',
    labelNames: ['op'] as const,
    buckets: confirmationBuckets,
    registers,
  });
  const gasCoins = new Counter({
    name: 'gridlease_chain_gas_coins_total',
    help: "The chain's own coin paid as gas for transactions that are final, also for those that were reverted, by operation.",
    labelNames: ['op'] as const,
    registers,
  });
  for (const op of operations) {
    confirmation.zero({ op });
    gasCoins.inc({ op }, 0);
  }
  return { confirmation, gasCoins };
}

/** What the programs ask of an RPC: each method that either of them may send. */
export const rpcMethods = [
  'eth_blockNumber',
  'eth_call',
  'eth_chainId',
  'eth_estimateGas',
  'eth_gasPrice',
  'eth_getBalance',
  'eth_getBlockByNumber',
  'eth_getCode',
  'eth_getLogs',
  'eth_getTransactionByHash',
  'eth_getTransactionCount',
  'eth_getTransactionReceipt',
  'eth_maxPriorityFeePerGas',
  'eth_sendRawTransaction',
] as const;

/** The method as a label: one that is not on the list is `other`, so that the list stays closed. */
export function methodLabel(method: string): string {
  return (rpcMethods as readonly string[]).includes(method) ? method : 'other';
}

/** How long an RPC takes to answer, or to fail. */
export const rpcDuration = {
  name: 'gridlease_chain_rpc_duration_seconds',
  help: 'Time from a request to a chain to its answer or failure, by method.',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
};
