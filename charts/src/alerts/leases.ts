import type { Alert, RuleGroup } from './alert.ts';
import { by } from './labels.ts';

const mismatch = (kind: string) =>
  `max ${by('operator', 'kind')} (gridlease_lease_mismatch{kind=~"${kind}"}) > 0`;

const operator = { program: 'operator' } as const;

const alerts: readonly Alert[] = [
  {
    ...operator,
    name: 'GridleaseLeasePaidNotRunning',
    severity: 'critical',
    expr: () => mismatch('paid_not_running'),
    forSeconds: 120,
    keepFiringSeconds: 300,
    summary: 'Leases are paid for while nothing runs',
    description:
      '{{ $value }} leases cost money and have no running task. Each costs its hourly price until it ends.',
    seenAfter: {
      seconds: 180,
      because:
        'nothing may run for an interval and the grace period, then comes the next statement',
    },
  },
  {
    ...operator,
    name: 'GridleaseLeaseRunningNotPaid',
    severity: 'warning',
    expr: () => mismatch('running_not_paid'),
    forSeconds: 180,
    keepFiringSeconds: 300,
    summary: 'Leases run and are not paid',
    description:
      '{{ $value }} leases run and their latest usage is not covered by a voucher. The providers suspend them after the grace period, and the jobs stand still.',
    seenAfter: {
      seconds: 150,
      because: 'a payment may be late by an interval, the grace period and 30 seconds',
    },
  },
  {
    ...operator,
    name: 'GridleaseLeaseNotStarting',
    severity: 'warning',
    expr: (scale) =>
      `max ${by('operator', 'provider')} (gridlease_lease_starting_oldest_seconds) > ${scale(600)}`,
    forSeconds: 0,
    keepFiringSeconds: 60,
    summary: 'A lease of {{ $labels.provider }} does not start',
    description:
      '{{ $labels.provider }} accepted a lease {{ $value | humanizeDuration }} ago and nothing of it has run. Its tenant waits and pays nothing; after the start deadline of its job it is tried elsewhere.',
    seenAfter: { seconds: 600, because: 'funds, image and pod may take so long' },
  },
  {
    ...operator,
    name: 'GridleaseLeaseLedgersDiffer',
    severity: 'warning',
    expr: () => mismatch('chain_only|cluster_only'),
    forSeconds: 300,
    summary: 'Cluster and chain do not know the same leases ({{ $labels.kind }})',
    description:
      '{{ $value }} payment channels are known on one side only: {{ $labels.kind }}. Escrow is bound to nobody, or work is done without escrow behind it.',
    seenAfter: { seconds: 120, because: 'the two are compared again and differ for a minute' },
  },
];

/** Integrity: what is paid runs, and what runs is paid. */
export const leaseRules: RuleGroup = {
  name: 'gridlease-leases',
  program: 'operator',
  recordings: [],
  alerts,
};
