import { type FailureReason, failureReasons } from '@gridlease/crds/reasons';
import { Counter, type Registry } from 'prom-client';

export type LeaseMetrics = {
  readonly finished: Counter<'result' | 'reason'>;
  readonly ended: Counter<'reason'>;
};

/** Why the hub ends a lease; see desired.ts. */
export const hubEnds = [
  'Cancelled',
  'Suspended',
  'Stopped',
  'ScaledDown',
  'BudgetExhausted',
  'AccountCapReached',
  'ProviderSuspended',
  'RowRefused',
  'NotAccepted',
  'NotFunded',
] as const satisfies readonly FailureReason[];

/** Metrics of the lease stage; every reason starts at zero, so that its first time is a step. */
export function leaseMetrics(registry: Registry): LeaseMetrics {
  const finished = new Counter({
    name: 'gridlease_jobs_finished_total',
    help: 'Jobs that ended while this replica led, by result (succeeded or failed) and the reason of their condition Succeeded.',
    labelNames: ['result', 'reason'] as const,
    registers: [registry],
  });
  finished.inc({ result: 'succeeded', reason: 'Completed' }, 0);
  for (const reason of Object.keys(failureReasons)) finished.inc({ result: 'failed', reason }, 0);
  const ended = new Counter({
    name: 'gridlease_leases_ended_by_hub_total',
    help: 'Leases that the hub stopped, or withdrew before they were accepted, by reason.',
    labelNames: ['reason'] as const,
    registers: [registry],
  });
  for (const reason of hubEnds) ended.inc({ reason }, 0);
  return { finished, ended };
}
