import { terminationSecondsOf } from '@gridlease/crds/workloadDocument';
import { delay, linkedAbort } from '@gridlease/kube/abort';
import { ApiError } from '@gridlease/kube/apiError';
import type { Clock } from '@gridlease/kube/clock';
import type { Cluster } from '@gridlease/kube/cluster';
import { describeError } from '@gridlease/kube/errors';
import type { Logger } from '@gridlease/kube/log';
import type { ResourceClient } from '@gridlease/kube/resources';
import { createTurns } from '@gridlease/kube/turns';
import type { Registry } from 'prom-client';
import { logMetrics } from './metrics.ts';
import type { TaskPod } from './objects.ts';
import { indexOf } from './observe.ts';
import { followPodLog, LogGoneError, readPodLog } from './podLog.ts';
import { lastLog, restartsOf } from './podState.ts';
import type { RunningLease } from './runningLease.ts';
import type { Tail } from './tail.ts';
import { type TaskLog, taskLogOf } from './taskLog.ts';

const fieldManager = 'gridlease-run';
/** A node that has just restarted its kubelet answers again soon. */
const pausesMs = [1_000, 4_000] as const;
/** A node that didn't answer isn't asked so patiently for the next task's log. */
const unheardMs = 60_000;
const readMs = 30_000;
/** How long the end of tasks may wait for their logs to be opened. */
const attachMs = 1_000;
const mostReads = 8;
const mostFollowed = 64;

export type LogDeps = {
  readonly cluster: Pick<Cluster, 'stream'>;
  readonly client: Pick<ResourceClient<TaskLog>, 'apply'>;
  /** False of a node that says itself that nobody can ask its kubelet: none of its logs is kept. */
  readonly servesLogs: (nodeName: string) => boolean;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly log: Logger;
};

/** Keeps the end of each task's log at the provider, for as long as the lease's record. */
export type LogKeeper = {
  /** Everything that is under way ends with the signal. */
  start(signal: AbortSignal): void;
  /** Reads what has ended since the last call, and what is about to. Returns at once. */
  keep(lease: RunningLease, pods: readonly TaskPod[]): void;
  /** The same for pods that the caller takes away next: returns when their logs are open, or won't be. */
  attach(lease: RunningLease, pods: readonly TaskPod[]): Promise<void>;
  /** Whether the logs of all these pods are stored, or never will be. */
  isDone(leaseUid: string, pods: readonly TaskPod[]): boolean;
  forget(leaseUid: string): void;
  readonly stopped: Promise<void>;
};

/**
 * Nothing waits for logs but the removal of finished pods. A log that can't be read three times is given
 * up: its node is gone, or has no kubelet that would know it.
 */
export function createLogKeeper(deps: LogDeps): LogKeeper {
  const { cluster, clock, log } = deps;
  const metrics = logMetrics(deps.registry);
  /** Of each lease the pods whose logs are stored, or never will be: up to which start of their container. */
  const done = new Map<string, Map<string, number>>();
  const isSettled = (leaseUid: string, pod: TaskPod) =>
    (done.get(leaseUid)?.get(uidOf(pod)) ?? -1) >= restartsOf(pod);
  const settle = ({ uid }: RunningLease, pod: TaskPod): void => {
    done.set(uid, (done.get(uid) ?? new Map()).set(uidOf(pod), restartsOf(pod)));
  };
  const running = new Map<string, Promise<void>>();
  /** Of those that are followed: resolves when the stream is open or can't be opened. */
  const opening = new Map<string, Promise<void>>();
  const unheard = new Map<string, number>();
  const takeTurn = createTurns(mostReads);
  let life: AbortSignal | undefined;

  const store = async (lease: RunningLease, pod: TaskPod, tail: Tail, signal: AbortSignal) => {
    const { record, identity } = lease;
    const object = taskLogOf(record, identity, indexOf(pod), pod, tail);
    await deps.client.apply(object, { fieldManager, force: true, signal });
    metrics.kept.inc({ result: 'kept' });
  };

  const read = async (lease: RunningLease, pod: TaskPod, signal: AbortSignal): Promise<void> => {
    const giveOn = await takeTurn(false);
    try {
      const node = pod.spec?.nodeName ?? '';
      const isUnheard = clock.monotonicMs() - (unheard.get(node) ?? -unheardMs) < unheardMs;
      const pauses = isUnheard ? [] : pausesMs;
      for (let attempt = 0; ; attempt += 1) {
        try {
          using limit = linkedAbort([signal], readMs, 'reading a log');
          const tail = await readPodLog({ cluster, pod: pod.metadata, signal: limit.signal });
          await store(lease, pod, tail, limit.signal);
          return;
        } catch (error) {
          const pauseMs = pauses[attempt];
          const isGone =
            error instanceof LogGoneError || (error instanceof ApiError && error.status === 404);
          if (signal.aborted) throw error;
          if (isGone || pauseMs === undefined) {
            if (!isGone) unheard.set(node, clock.monotonicMs());
            throw error;
          }
          await delay(pauseMs, signal);
        }
      }
    } finally {
      giveOn();
    }
  };

  const follow = async (lease: RunningLease, pod: TaskPod, signal: AbortSignal): Promise<void> => {
    const graceMs = (terminationSecondsOf(lease.document) + 60) * 1_000;
    using limit = linkedAbort([signal], graceMs, 'following a log');
    const opened = followPodLog({ cluster, pod: pod.metadata, signal: limit.signal });
    const uid = uidOf(pod);
    opening.set(
      uid,
      opened.then(
        () => undefined,
        () => undefined, // told by whoever waits for the log itself
      ),
    );
    try {
      const { end } = await opened;
      await store(lease, pod, await end, limit.signal);
    } finally {
      opening.delete(uid);
    }
  };

  const begin = (lease: RunningLease, pod: TaskPod, isEnding: boolean): void => {
    const uid = uidOf(pod);
    const kind = lastLog(pod);
    if (life === undefined || life.aborted || isSettled(lease.uid, pod) || running.has(uid)) return;
    if (kind === undefined || (kind === 'growing' && !isEnding)) return;
    if (kind === 'growing' && opening.size >= mostFollowed) return;
    if (!deps.servesLogs(pod.spec?.nodeName ?? '')) {
      settle(lease, pod);
      return;
    }
    const work = kind === 'growing' ? follow : read;
    const task = work(lease, pod, life)
      .then(
        // What ended while it was followed is complete; what was cut off is read again, if it can be.
        () => settle(lease, pod),
        (error: unknown) => {
          if (life?.aborted) return;
          metrics.kept.inc({ result: 'lost' });
          if (kind === 'ended') settle(lease, pod);
          log.info(
            { lease: lease.uid, pod: pod.metadata.name, error: describeError(error) },
            'The log of a task can’t be kept',
          );
        },
      )
      .finally(() => running.delete(uid));
    running.set(uid, task);
  };

  return {
    start(signal) {
      // Whoever waits for a turn gets it soon: all that is under way ends with the signal.
      life = signal;
    },
    keep(lease, pods) {
      for (const pod of pods) begin(lease, pod, pod.metadata.deletionTimestamp !== undefined);
    },
    async attach(lease, pods) {
      for (const pod of pods) begin(lease, pod, true);
      const open = pods.flatMap((pod) => opening.get(uidOf(pod)) ?? []);
      if (open.length === 0) return;
      const enough = delay(attachMs, life).catch(() => undefined); // the stage ends: so does this
      await Promise.race([Promise.all(open), enough]);
    },
    isDone: (leaseUid, pods) =>
      pods.every((pod) => lastLog(pod) === undefined || isSettled(leaseUid, pod)),
    forget: (leaseUid) => void done.delete(leaseUid),
    get stopped() {
      return Promise.all(running.values()).then(() => undefined);
    },
  };
}

function uidOf({ metadata }: TaskPod): string {
  return metadata.uid ?? metadata.name;
}
