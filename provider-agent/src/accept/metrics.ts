import { refusalReasons } from '@gridlease/crds/reasons';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What the accept stage counts. Reasons come from a closed list, so the series are bounded. */
export function acceptMetrics(registry: Registry) {
  const decisions = new Counter({
    name: 'gridlease_lease_decisions_total',
    help: 'Leases accepted, or refused with a reason.',
    labelNames: ['outcome', 'reason'] as const,
    registers: [registry],
  });
  decisions.inc({ outcome: 'accepted', reason: 'Accepted' }, 0);
  for (const reason of Object.keys(refusalReasons))
    decisions.inc({ outcome: 'refused', reason }, 0);
  const waiting = new Gauge({
    name: 'gridlease_leases_waiting_for_funds',
    help: 'Accepted leases that the channel does not cover yet.',
    registers: [registry],
  });
  return { decisions, waiting };
}
