import type { Alert, Recording, RuleGroup } from './alert.ts';
import { by } from './labels.ts';

const operator = { program: 'operator' } as const;
const UP = 'gridlease:provider_up:max';

const recordings: readonly Recording[] = [
  { ...operator, name: UP, expr: `max ${by('operator', 'provider')} (gridlease_provider_up)` },
];

const alerts: readonly Alert[] = [
  {
    ...operator,
    name: 'GridleaseProviderDown',
    severity: 'critical',
    expr: () => `${UP} == 0`,
    forSeconds: 60,
    summary: 'Provider {{ $labels.provider }} is not heard',
    description:
      'The hub has not heard {{ $labels.provider }} for more than 40 seconds, and then for a minute more. It gets no new leases; 100 seconds after its last heartbeat its tasks with a fence run again elsewhere, and the work since their last checkpoint is lost.',
    seenAfter: { seconds: 40, because: 'silence is noticed (`unreachableSeconds`)' },
  },
  {
    ...operator,
    name: 'GridleaseProviderFlapping',
    severity: 'warning',
    expr: () => `changes(${UP}[1h]) >= 6`,
    forSeconds: 0,
    keepFiringSeconds: 900,
    summary: 'Provider {{ $labels.provider }} comes and goes',
    description:
      '{{ $labels.provider }} was lost or came back {{ $value }} times within an hour. Each loss longer than 60 seconds kills its tasks: tenants pay for work that is repeated.',
    seenAfter: { seconds: 3_600, because: 'six changes within an hour make a pattern' },
  },
  {
    ...operator,
    name: 'GridleaseReplacementFrozen',
    severity: 'critical',
    expr: () => `max ${by('operator')} (gridlease_replacement_frozen) == 1`,
    forSeconds: 60,
    keepFiringSeconds: 60,
    summary: 'Most providers are silent together; nothing is replaced',
    description:
      'More than half of the providers fell silent together: more likely the hub’s network than all of them. Their tasks are not placed again until they are back or it is plain that only some are lost; jobs stand still meanwhile.',
    seenAfter: { seconds: 100, because: 'a provider counts as lost (`replaceSeconds`)' },
  },
  {
    ...operator,
    name: 'GridleaseJobsStuckWaiting',
    severity: 'warning',
    // One job's wait, not a queue that is never empty. Tasks behind their own job's parallelism wait on purpose.
    expr: (scale) =>
      `max ${by('operator', 'reason')} (gridlease_jobs_waiting_oldest_seconds{reason!="PartlyPlaced"}) > ${scale(1_800)}`,
    forSeconds: 0,
    // A reason may change for a moment; the wait goes on.
    keepFiringSeconds: 120,
    summary: 'A job has been waiting for half an hour: {{ $labels.reason }}',
    description:
      'No task of the job that has waited longest for {{ $labels.reason }} has found a place for {{ $value | humanizeDuration }}. Its tenant gets no GPUs; nothing is paid meanwhile.',
    seenAfter: { seconds: 1_800, because: 'a job may wait so long' },
  },
];

/** Who is there, and whether work finds a place. */
export const providerRules: RuleGroup = {
  name: 'gridlease-providers',
  program: 'operator',
  recordings,
  alerts,
};
