import { formatTokenAmount } from '@gridlease/contracts/amount';
import type { GPUJob, GPUJobLeaseSummary } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { formatIndexes } from '@gridlease/crds/indexes';
import { completionsOf, MAX_REPLICAS } from '@gridlease/crds/jobDefaults';
import { LABEL_JOB_UID } from '@gridlease/crds/labels';
import { leaseIsActive, leaseOutcome } from '@gridlease/crds/leaseState';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { isReady, replicaLeases } from './serving.ts';
import type { Progress } from './succeeded.ts';
import { usageOf } from './usage.ts';

const mostSummaries = 256;

export type SummaryInput = {
  readonly job: GPUJob;
  readonly leases: readonly GPULease[];
  readonly progress: Progress;
  readonly channelOf: (lease: GPULease) => PaymentChannel | undefined;
  /** Failed attempts before this lease. */
  readonly attemptOf: (lease: GPULease) => number;
  readonly decimals: number;
};

/** Everything on a job's status that follows from its leases, less conditions and completionTime. */
export type Summary = Omit<
  NonNullable<GPUJob['status']>,
  'conditions' | 'observedGeneration' | 'completionTime'
>;

export function summaryOf(input: SummaryInput): Summary {
  const { job, decimals } = input;
  const leases = [...input.leases].sort((a, b) => a.spec.epoch - b.spec.epoch);
  let gpuMs = 0n;
  let amount = 0n;
  let active = 0;
  for (const lease of leases) {
    const usage = usageOf(lease, input.channelOf(lease));
    gpuMs += usage.gpuMs;
    amount += usage.amount;
    if (leaseIsActive(lease)) active += lease.status?.active ?? 0;
  }
  const taken = leases.filter((lease) => lease.status?.acceptance !== undefined);
  const shown = taken.length > 0 ? taken : leases;
  const starts = leases.map(({ status }) => status?.startTime).filter((time) => time !== undefined);
  const startTime = job.status?.startTime ?? starts.sort()[0];
  return {
    epoch: Math.max(job.status?.epoch ?? 0, ...leases.map(({ spec }) => spec.epoch)),
    provider: joined(shown.map(({ spec }) => spec.providerName)),
    product: joined(shown.map(({ spec }) => spec.product)),
    ...(job.spec.service === undefined ? taskCounts(input) : replicaCounts(job, leases)),
    active,
    gpuMilliseconds: gpuMs.toString(),
    amount: formatTokenAmount(amount, decimals),
    ...(startTime === undefined ? {} : { startTime }),
    leases: mostTelling(leases).map((lease) => leaseSummary(lease, input)),
  };
}

function taskCounts({ job, progress }: SummaryInput) {
  return {
    tasks: `${progress.completed.length}/${completionsOf(job.spec)}`,
    succeeded: progress.completed.length,
    failed: progress.failedForGood.size,
    completedIndexes: formatIndexes(progress.completed),
    failedIndexes: formatIndexes(progress.failedForGood.keys()),
  };
}

/** A replica counts from its containers on, and as ready while it passes its check. */
function replicaCounts(job: GPUJob, leases: readonly GPULease[]) {
  const wanted = replicaLeases(job, leases);
  const running = leases.filter(
    (lease) => leaseIsActive(lease) && leaseOutcome(lease).state === 'Running',
  );
  const readyReplicas = wanted.filter(isReady).length;
  return {
    tasks: `${readyReplicas}/${job.spec.service?.replicas ?? 0}`,
    replicas: Math.min(running.length, MAX_REPLICAS),
    readyReplicas,
    selector: `${LABEL_JOB_UID}=${job.metadata.uid}`,
  };
}

/** As many as the status holds: all that are on, and of those that ended the newest. Oldest first. */
function mostTelling(leases: readonly GPULease[]): readonly GPULease[] {
  if (leases.length <= mostSummaries) return leases;
  const active = leases.filter(leaseIsActive).slice(-mostSummaries);
  const room = mostSummaries - active.length;
  const ended = leases.filter((lease) => !leaseIsActive(lease));
  const shown = new Set([...active, ...(room === 0 ? [] : ended.slice(-room))]);
  return leases.filter((lease) => shown.has(lease));
}

function leaseSummary(lease: GPULease, input: SummaryInput): GPUJobLeaseSummary {
  const { metadata, spec } = lease;
  const usage = usageOf(lease, input.channelOf(lease));
  return {
    name: metadata.name,
    namespace: metadata.namespace!,
    providerName: spec.providerName,
    product: spec.product,
    epoch: spec.epoch,
    attempt: input.attemptOf(lease),
    indexes: spec.tasks.indexes,
    state: stateOf(lease),
    gpuCount: spec.terms.gpuCount,
    pricePerGPUHour: spec.pricePerGPUHour,
    gpuMilliseconds: usage.gpuMs.toString(),
    amount: formatTokenAmount(usage.amount, input.decimals),
  };
}

/** While it is on: Pending, Accepted, Running. Afterwards why it ended. */
function stateOf(lease: GPULease): string {
  const { state, reason } = leaseOutcome(lease);
  return state === 'Failed' || state === 'Refused' || state === 'Succeeded' ? reason : state;
}

function joined(names: readonly string[]): string {
  const text = [...new Set(names)].sort().join(',');
  return text.length <= 1024 ? text : `${text.slice(0, 1023)}…`;
}
