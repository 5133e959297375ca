import type { GPUJob } from '@gridlease/crds/gpujob';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import { jobSpan } from '@gridlease/crds/traces';
import type { Clock } from '@gridlease/kube/clock';
import { getCondition, setCondition } from '@gridlease/kube/conditions';
import { Controller } from '@gridlease/kube/controller';
import type { EventRecorder } from '@gridlease/kube/events';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import { type Condition, objectKey } from '@gridlease/kube/object';
import { childOf, withSpan } from '@gridlease/kube/tracing';
import type { Registry } from 'prom-client';
import type { Hex } from 'viem';
import { type Admission, decide } from './decide.ts';

/** Index of the job informer: "namespace/accountName". */
const accountIndex = 'account';

export type QueueDeps = {
  readonly informers: {
    /** With index `account`. */
    readonly jobs: Informer<GPUJob>;
    readonly accounts: Informer<PaymentAccount>;
  };
  readonly writeJobStatus: (
    job: GPUJob,
    mutate: (current: GPUJob) => NonNullable<GPUJob['status']>,
  ) => Promise<GPUJob>;
  readonly recorder: Pick<EventRecorder, 'event'>;
  /** The hub's id, as signed terms have it. */
  readonly hub: Hex;
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
};

/** The queue stage: says on every job whether it may be placed. */
export function createQueueStage(deps: QueueDeps): {
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
} {
  const { jobs, accounts } = deps.informers;
  const controller = new Controller({
    name: 'queue',
    concurrency: 8,
    reconcile: (key) => reconcile(key, deps),
    registry: deps.registry,
    log: deps.log,
  });
  controller.watch(jobs, (job, old) =>
    old === undefined || old.metadata.generation !== job.metadata.generation
      ? [objectKey(job)]
      : [],
  );
  controller.watch(accounts, (account, old) =>
    isNews(account, old) ? jobs.byIndex(accountIndex, objectKey(account)).map(objectKey) : [],
  );
  // Deleted, it is the same as it was: only the kind of the change tells.
  accounts.onChange((account, _old, { type }) => {
    if (type !== 'deleted') return;
    for (const job of jobs.byIndex(accountIndex, objectKey(account))) {
      controller.enqueue(objectKey(job));
    }
  });
  return {
    start: (signal) => controller.start(signal),
    get stopped() {
      return controller.stopped;
    },
  };
}

async function reconcile(key: string, deps: QueueDeps): Promise<void> {
  const job = deps.informers.jobs.get(key);
  if (job === undefined || job.metadata.deletionTimestamp !== undefined || isOver(job)) return;
  const account = deps.informers.accounts.get(
    `${job.metadata.namespace}/${job.spec.budget.accountName}`,
  );
  const admission = decide({ job, account });
  announce(job, admission, deps);
  const condition = {
    type: 'Admitted',
    ...admission,
    observedGeneration: job.metadata.generation ?? 0,
  };
  const known = getCondition(job.status?.conditions, 'Admitted');
  const isSame =
    known?.status === condition.status &&
    known.reason === condition.reason &&
    known.message === condition.message &&
    known.observedGeneration === condition.observedGeneration;
  if (isSame) return;
  const write = () =>
    deps.writeJobStatus(job, (current) => ({
      ...current.status,
      observedGeneration: job.metadata.generation ?? 0,
      conditions: setCondition(current.status?.conditions, condition, deps.clock.now()),
    }));
  await withSpan(() => admissionSpan(job, admission, known, deps), write);
}

/** From when the job was there, or was last said something else of, to this answer: what it waited for is in it. */
function admissionSpan(
  job: GPUJob,
  { status, reason }: Admission,
  known: Condition | undefined,
  { hub }: QueueDeps,
) {
  const { uid, namespace, name, creationTimestamp } = job.metadata;
  const whole = jobSpan(hub, uid!);
  return {
    name: 'queue admit',
    context: childOf(whole),
    parentSpanId: whole.spanId,
    startMs: Date.parse(known?.lastTransitionTime ?? creationTimestamp ?? ''),
    attributes: {
      'gridlease.job.namespace': namespace,
      'gridlease.job.name': name,
      'gridlease.job.uid': uid,
      'gridlease.admitted': status,
      'gridlease.reason': reason,
      'gridlease.reason.before': known?.reason,
    },
  };
}

/** A refusal is worth an Event, and so is its end; a first yes is followed by where the job went. */
function announce(job: GPUJob, admission: Admission, { recorder }: QueueDeps): void {
  const known = getCondition(job.status?.conditions, 'Admitted');
  if (known?.reason === admission.reason) return;
  if (admission.status === 'True' && known === undefined) return;
  recorder.event(job, {
    type: admission.status === 'True' || admission.reason === 'Suspended' ? 'Normal' : 'Warning',
    reason: admission.reason,
    action: 'Admit',
    note: admission.message,
  });
}

function isOver(job: GPUJob): boolean {
  const end = getCondition(job.status?.conditions, 'Succeeded')?.status;
  return end === 'True' || end === 'False';
}

/** Amounts on an account change with every statement; only its readiness decides here. */
function isNews(account: PaymentAccount, old: PaymentAccount | undefined): boolean {
  const now = getCondition(account.status?.conditions, 'Ready');
  const before = getCondition(old?.status?.conditions, 'Ready');
  return (
    old === undefined ||
    old.metadata.uid !== account.metadata.uid ||
    account.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    now?.status !== before?.status ||
    now?.reason !== before?.reason
  );
}
