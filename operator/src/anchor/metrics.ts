import { changeResults } from '@gridlease/contracts/transactionChange';
import { Counter, Gauge, type Registry } from 'prom-client';

/** Metrics of the anchor stage. Labels are names of SettlementChains. */
export function anchorMetrics(registry: Registry) {
  const registers = [registry];
  const transactions = new Counter({
    name: 'gridlease_anchor_tx_total',
    help: 'Transactions that anchor placements, by what became of them.',
    labelNames: ['result'] as const,
    registers,
  });
  for (const result of ['sent', ...changeResults]) transactions.inc({ result }, 0);
  return {
    transactions,
    waiting: new Gauge({
      name: 'gridlease_placements_unanchored',
      help: 'Placement records whose digest is not anchored and not on its way.',
      labelNames: ['chain'] as const,
      registers,
    }),
  };
}

export type AnchorMetrics = ReturnType<typeof anchorMetrics>;
