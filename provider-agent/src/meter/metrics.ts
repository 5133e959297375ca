import { Counter, Gauge, type Registry } from 'prom-client';

export type MeterMetrics = ReturnType<typeof meterMetrics>;

/** Why the meter ends a lease or holds it up; see decide.ts. */
const causes = ['MeterRefused', 'PaymentOverdue', 'ChainNotReady', 'FundsExhausted'] as const;
const interventionReasons = {
  suspend: causes,
  stop: [
    ...causes,
    'DeadlineExceeded',
    'BudgetExhausted',
    'ChannelClosing',
    'StartDeadlineExceeded',
    'IdleTooLong',
  ],
};

/** The meter's metrics, registered once per registry and initialised to zero. */
export function meterMetrics(registry: Registry) {
  const gpuSeconds = new Counter({
    name: 'gridlease_gpu_seconds_total',
    help: 'GPU time metered for leases, in seconds.',
    registers: [registry],
  });
  const statements = new Counter({
    name: 'gridlease_statements_total',
    help: 'Usage statements by what became of them: signed and stored, or published to the hub.',
    labelNames: ['result'] as const,
    registers: [registry],
  });
  const replies = new Counter({
    name: 'gridlease_statement_replies_total',
    help: 'Replies of hubs to statements by whether they verified.',
    labelNames: ['result'] as const,
    registers: [registry],
  });
  const refusedRows = new Gauge({
    name: 'gridlease_refused_rows',
    help: 'Rows that hubs refuse to pay now; without those of leases that were lost before this replica began to lead, which nobody can do anything about.',
    registers: [registry],
  });
  const interventions = new Counter({
    name: 'gridlease_lease_interventions_total',
    help: 'Leases that the meter suspended or asked to stop, by reason.',
    labelNames: ['action', 'reason'] as const,
    registers: [registry],
  });
  for (const [action, reasons] of Object.entries(interventionReasons)) {
    for (const reason of reasons) interventions.inc({ action, reason }, 0);
  }
  for (const result of ['signed', 'published']) statements.inc({ result }, 0);
  for (const result of ['valid', 'invalid']) replies.inc({ result }, 0);
  return { gpuSeconds, statements, replies, refusedRows, interventions };
}
