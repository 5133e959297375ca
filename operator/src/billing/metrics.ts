import { rowRefusalReasons } from '@gridlease/crds/reasons';
import { Counter, Histogram, type Registry } from 'prom-client';

export type BillingMetrics = {
  readonly statements: Counter<'result'>;
  readonly refusedRows: Counter<'reason'>;
  readonly replySeconds: Histogram;
};

const statementResults = ['accepted', 'partly_refused', 'refused', 'waiting'] as const;

/** Metrics of the billing stage. `reason` is from a closed list. */
export function billingMetrics(registry: Registry): BillingMetrics {
  const statements = new Counter({
    name: 'gridlease_statements_total',
    help: 'Usage statements looked at, by what became of them.',
    labelNames: ['result'] as const,
    registers: [registry],
  });
  for (const result of statementResults) statements.inc({ result }, 0);
  const refusedRows = new Counter({
    name: 'gridlease_statement_rows_refused_total',
    help: 'Rows of usage statements that are not paid, by reason; once for each answer.',
    labelNames: ['reason'] as const,
    registers: [registry],
  });
  for (const reason of Object.keys(rowRefusalReasons)) refusedRows.inc({ reason }, 0);
  return {
    statements,
    refusedRows,
    replySeconds: new Histogram({
      name: 'gridlease_statement_reply_seconds',
      help: 'From seeing a usage statement to its stored reply and voucher.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    }),
  };
}
