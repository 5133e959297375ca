import type { GPUJob } from '@gridlease/crds/gpujob';
import { ApiError } from '@gridlease/kube/apiError';
import { updateStatus } from '@gridlease/kube/apply';
import { backoffMs } from '@gridlease/kube/backoff';
import type { Clock, Timers } from '@gridlease/kube/clock';
import { describeError } from '@gridlease/kube/errors';
import { EventBudget } from '@gridlease/kube/eventBudget';
import type { Failures } from '@gridlease/kube/failures';
import type { Informer } from '@gridlease/kube/informer';
import { sameJson } from '@gridlease/kube/json';
import type { Logger } from '@gridlease/kube/log';
import { objectKey } from '@gridlease/kube/object';
import type { ResourceClient } from '@gridlease/kube/resources';
import { createTurns } from '@gridlease/kube/turns';
import { createJobView } from './jobView.ts';
import { statusUrgency } from './statusUrgency.ts';

type Mutate = (current: GPUJob) => NonNullable<GPUJob['status']>;

/** Says what a stage has to say on a job; resolves with the job as all stages see it from now on. */
export type WriteJobStatus = (job: GPUJob, mutate: Mutate) => Promise<GPUJob>;

export type JobStatusWriter = {
  readonly write: WriteJobStatus;
  /** The jobs with what is said of them, also before it is stored. */
  readonly jobs: Informer<GPUJob>;
};

type Options = {
  readonly client: ResourceClient<GPUJob>;
  readonly informer: Informer<GPUJob>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Told of jobs whose status can't be stored. Default: nobody. */
  readonly failures?: Failures;
  /** Nothing is written after it aborts; whoever comes next finds out the same. */
  readonly signal: AbortSignal;
  /** Last word on every write: what must agree with the rest. */
  readonly follow: (before: GPUJob, after: GPUJob) => GPUJob;
};

/** What is said of one job and not stored yet. */
type Said = {
  readonly job: GPUJob;
  mutations: Mutate[];
  /** On their way to the API server. */
  sending: Mutate[];
  dueMs: number;
  cancel: () => void;
  isSpare: boolean;
  /** Somebody waits for it. */
  isUrgent: boolean;
  failures: number;
};

const retryPause = { baseMs: 200, maxMs: 10_000, jitter: 0.5 };
/** Of the connections to the hub most are left to placements and leases. */
const writesAtOnce = 5;
const urgentMs = 1_000;

/**
 * Three stages speak about one job, each on its own fields, often within milliseconds of each other.
 * What they say is seen by all of them at once and stored in one PUT, the sooner the more somebody
 * waits for it: a job that starts and ends as planned costs two. Nothing depends on what is not stored
 * yet: it follows from leases, offers and accounts, and is said again after a crash.
 */
export function jobStatusWriter(options: Options): JobStatusWriter {
  const { client, informer, clock, timers, log, signal, follow } = options;
  const said = new Map<string, Said>();
  const takeTurn = createTurns(writesAtOnce);
  const spare = {
    placements: new EventBudget({ perSecond: 0.5, burst: 30, clock }),
    steps: new EventBudget({ perSecond: 0.5, burst: 30, clock }),
  };
  const view = createJobView(informer, (stored) => {
    const about = said.get(stored.metadata.uid!);
    return about === undefined ? stored : applied(stored, [...about.sending, ...about.mutations]);
  });

  const applied = (current: GPUJob, mutations: readonly Mutate[]): GPUJob => {
    let job = current;
    for (const mutate of mutations) job = { ...job, status: mutate(job) };
    return inOrder(follow(current, job));
  };

  const forget = (about: Said): void => {
    about.cancel();
    options.failures?.over(objectKey(about.job));
    const uid = about.job.metadata.uid!;
    // Something new may have been said since, under a new entry.
    if (said.get(uid) === about) said.delete(uid);
  };

  const arm = (about: Said, dueMs: number): void => {
    if (dueMs >= about.dueMs) return;
    about.cancel();
    about.dueMs = dueMs;
    about.cancel = timers.after(dueMs - clock.monotonicMs(), () => void flush(about));
  };

  const flush = async (about: Said): Promise<void> => {
    about.dueMs = Number.POSITIVE_INFINITY;
    const done = await takeTurn(about.isUrgent);
    try {
      await send(about);
    } finally {
      done();
    }
  };

  const send = async (about: Said): Promise<void> => {
    const key = objectKey(about.job);
    // One at a time: what is said meanwhile goes with the next.
    if (about.sending.length > 0 || about.mutations.length === 0) return;
    about.isSpare = false;
    about.isUrgent = false;
    const stored = informer.get(key);
    if (signal.aborted || stored?.metadata.uid !== about.job.metadata.uid) return forget(about);
    about.sending = about.mutations.splice(0);
    const done = (): void => {
      about.sending = [];
      about.failures = 0;
      options.failures?.over(key);
      if (about.mutations.length === 0) forget(about);
    };
    try {
      const written = await updateStatus({
        client,
        informer: {
          get: (name) => informer.get(name),
          observe: (written) => {
            done();
            informer.observe(written);
          },
        },
        object: stored!,
        fieldManager: 'gridlease-operator',
        mutate: (current) => applied(current, about.sending).status,
        signal,
      });
      done();
      view.refresh(written);
    } catch (error) {
      if (signal.aborted || (error instanceof ApiError && error.isNotFound)) return forget(about);
      if (!(error instanceof ApiError && error.isConflict)) options.failures?.failed(key);
      about.mutations.unshift(...about.sending);
      about.sending = [];
      log.warn({ job: key, error: describeError(error) }, 'A status could not be written');
      arm(about, clock.monotonicMs() + backoffMs(about.failures++, retryPause));
      return;
    }
    if (about.mutations.length > 0) schedule(about, informer.get(key) ?? stored!);
  };

  const schedule = (about: Said, stored: GPUJob): void => {
    const urgency = statusUrgency(stored, view.get(stored));
    const nowMs = clock.monotonicMs();
    if (urgency.spare !== undefined) about.isSpare ||= spare[urgency.spare.of].take();
    const withinMs = about.isSpare ? urgency.spare?.withinMs : undefined;
    const waitMs = withinMs ?? urgency.withinMs;
    about.isUrgent ||= waitMs <= urgentMs;
    arm(about, nowMs + waitMs);
  };

  const write: WriteJobStatus = async (job, mutate) => {
    const uid = job.metadata.uid!;
    const known = informer.get(objectKey(job));
    const stored = known?.metadata.uid === uid ? known : job;
    const before = view.get(stored);
    let about = said.get(uid);
    const saidBefore = about === undefined ? [] : [...about.sending, ...about.mutations];
    // With the last word on it: what that takes back is nothing new, and must wake nobody.
    const wanted = applied(stored, [...saidBefore, mutate]);
    if (sameJson(wanted.status, before.status)) return before;
    if (about === undefined) {
      const none = { mutations: [], sending: [], failures: 0, isSpare: false, isUrgent: false };
      about = { job, ...none, dueMs: Number.POSITIVE_INFINITY, cancel: () => undefined };
      said.set(uid, about);
    }
    about.mutations.push(mutate);
    const after = view.changed(stored, before);
    if (about.sending.length === 0) schedule(about, stored);
    return after;
  };

  signal.addEventListener('abort', () => [...said.values()].forEach(forget), { once: true });
  return { write, jobs: view.jobs };
}

/** The conditions in the order in which they come true, whoever wrote first. */
function inOrder(job: GPUJob): GPUJob {
  const { status } = job;
  if (status?.conditions === undefined) return job;
  const order = ['Admitted', 'Placed', 'Succeeded'];
  const conditions = [...status.conditions].sort(
    (a, b) => order.indexOf(a.type) - order.indexOf(b.type),
  );
  return { ...job, status: { ...status, conditions } };
}
