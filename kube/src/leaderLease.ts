import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { ApiError } from './apiError.ts';
import { type Clock, systemClock, systemTimers, type Timers } from './clock.ts';
import { describeError, GridleaseError } from './errors.ts';
import type { EventRecorder } from './events.ts';
import { decideLeader, type ElectionLease } from './leaderDecide.ts';
import { type Held, leaderObject } from './leaderObject.ts';
import { type Logger, silentLogger } from './log.ts';
import { runtimeMetrics } from './metrics.ts';
import type { ResourceClient } from './resources.ts';
import { createTerm, type Term } from './term.ts';

export type LeaderLeaseOptions = {
  readonly client: Pick<ResourceClient<ElectionLease>, 'find' | 'create' | 'replace' | 'cluster'>;
  readonly namespace: string;
  readonly name: string;
  /**
   * This replica's name, kept over its restarts and no other's. A Lease held under it at the start is
   * held by a process that is no more, and taken at once. Default: none, and the Lease has to run out.
   */
  readonly replicaName?: string;
  /** Nobody else leads so long after the last renewal that was seen. Default: 12,000. */
  readonly durationMs?: number;
  /**
   * The leader stops so long after it sent its last renewal that was stored; shorter than the duration
   * by what its stages need to stop. Default: 9,000.
   */
  readonly renewDeadlineMs?: number;
  /** Between two renewals; those who wait look twice as often. Default: 2,000. */
  readonly retryMs?: number;
  /** A term that doesn't end within this time after it was lost ends the process. Default: 30,000. */
  readonly stopMs?: number;
  readonly recorder?: Pick<EventRecorder, 'event'>;
  readonly clock?: Clock;
  readonly timers?: Timers;
  /** In [0, 1). Default: Math.random. */
  readonly random?: () => number;
  readonly log?: Logger;
};

export type LeaderLease = {
  /** As which this process holds the Lease; unique, also among its restarts. */
  readonly identity: string;
  /** Whether this process may act now. */
  readonly isLeading: boolean;
  /** Who held the Lease when it was looked at last; empty when nobody did. */
  readonly holder: string;
  /**
   * Waits for the Lease and runs `work` while it is held, again and again until the signal aborts or
   * the work ends by itself. It has to end soon after its term. Throws what it throws, and a
   * TermStuckError when it doesn't end.
   */
  run(work: (term: Term) => Promise<void>, signal: AbortSignal): Promise<void>;
};

/** The stages of a lost term would not stop; only a new process is sure to be without them. */
export class TermStuckError extends GridleaseError {}

/**
 * One of several replicas acts, the others are ready to. A courtesy between the replicas, not a lock:
 * a process that is stopped and goes on may act beside its successor for a moment, so whatever must
 * not happen twice is guarded by names, resourceVersions and nonces.
 */
export function leaderLease(options: LeaderLeaseOptions): LeaderLease {
  const { client, namespace, name, replicaName, random = Math.random } = options;
  const identity = `${replicaName ?? hostname()}_${randomUUID()}`;
  const { durationMs = 12_000, renewDeadlineMs = 9_000, retryMs = 2_000 } = options;
  const { clock = systemClock, timers = systemTimers, stopMs = 30_000 } = options;
  if (!(retryMs < renewDeadlineMs && renewDeadlineMs < durationMs)) {
    throw new TypeError('A leader lease needs retryMs < renewDeadlineMs < durationMs');
  }
  const log = (options.log ?? silentLogger).child({ lease: `${namespace}/${name}` });
  const metrics = runtimeMetrics(client.cluster.registry);
  metrics.leaderStatus.set({ name }, 0);
  metrics.leaderSlowpath.inc({ name }, 0);
  // What a renewal was seen late, a take-over is late.
  const settings = { identity, durationMs, retryMs: retryMs / 2 };
  const object = leaderObject({
    ...{ client, namespace, name, identity, durationMs, clock, timers },
    // So early that after a renewal that is lost there is room for another.
    answerMs: (renewDeadlineMs - retryMs) / 2,
  });
  let hasLooked = false;
  let current: Term | undefined;

  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = timers.after(ms, end);
      signal.addEventListener('abort', end, { once: true });
    });

  /** Held by the process that we follow on. Only at first: one that takes it from us lives. */
  const isPredecessor = (holder: string): boolean =>
    replicaName !== undefined &&
    !hasLooked &&
    holder.slice(0, holder.lastIndexOf('_')) === replicaName;

  const acquire = async (signal: AbortSignal): Promise<Held | undefined> => {
    while (!signal.aborted) {
      let waitMs = settings.retryMs;
      try {
        const seen = await object.read(signal);
        const isLeft = isPredecessor(seen.holder);
        hasLooked = true;
        const step = decideLeader(seen, settings, clock.monotonicMs());
        if (isLeft || step.kind === 'take') return await object.take(seen.lease, signal);
        waitMs = step.againInMs;
      } catch (error) {
        if (signal.aborted) return undefined;
        const isRace = error instanceof ApiError && (error.isConflict || error.isAlreadyExists);
        if (!isRace) log.warn({ error: describeError(error) }, 'The leader lease was not read');
      }
      // Never longer than the pause asked for: it may end with the other's time.
      const isRegular = waitMs === settings.retryMs;
      await pause(isRegular ? waitMs * (1 - random() / 4) : waitMs, signal);
    }
    return undefined;
  };

  /** Renews until the term ends; says why when that is not the caller's wish. */
  const hold = async (first: Held, term: ReturnType<typeof createTerm>): Promise<Held> => {
    let held = first;
    let pauseMs = retryMs;
    for (;;) {
      await pause(pauseMs, term.signal);
      if (term.signal.aborted) return held;
      pauseMs = retryMs;
      try {
        held = await object.take(held.lease, term.signal);
        term.extend(held.sentMs + renewDeadlineMs);
      } catch (error) {
        if (term.signal.aborted) return held;
        const isOutdated = error instanceof ApiError && (error.isConflict || error.isNotFound);
        if (!isOutdated) {
          log.warn({ error: describeError(error) }, 'The leader lease was not renewed');
          pauseMs = retryMs / 4;
          continue;
        }
        metrics.leaderSlowpath.inc({ name });
        const now = await object.read(term.signal).catch(() => undefined);
        pauseMs = retryMs / 4;
        if (now === undefined) continue;
        // Our own write whose answer was lost shows here as a newer version of ours.
        if (now.lease !== undefined && now.holder === identity) {
          held = { ...held, lease: now.lease };
          pauseMs = 0;
        } else {
          term.end(`the Lease ${now.lease === undefined ? 'was deleted' : `is ${now.holder}'s`}`);
        }
      }
    }
  };

  const release = async (held: Held): Promise<void> => {
    try {
      await object.release(held);
      log.info('The leader lease is released');
    } catch (error) {
      log.warn({ error: describeError(error) }, 'The leader lease was not released: it runs out');
    }
  };

  /** True when the work ended before its term. */
  const lead = async (
    first: Held,
    work: (term: Term) => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean> => {
    using term = createTerm({ untilMs: first.sentMs + renewDeadlineMs, signal, clock, timers });
    current = term;
    metrics.leaderStatus.set({ name }, 1);
    log.info({ identity }, 'This replica leads');
    const note = `${identity} leads`;
    options.recorder?.event(first.lease, {
      type: 'Normal',
      reason: 'LeaderElection',
      action: 'Lead',
      note,
    });
    let endedItself = false;
    const holding = hold(first, term);
    const working = work(term).finally(() => {
      endedItself = !term.signal.aborted;
      term.end('the work ended');
    });
    const stopped = Promise.allSettled([working]);
    const held = await holding;
    metrics.leaderStatus.set({ name }, 0);
    current = undefined;
    if (!signal.aborted) log.warn({ why: describeError(term.signal.reason) }, 'The term is over');
    if (!(await within(stopMs, stopped))) {
      throw new TermStuckError(`What ran in a lost term did not stop within ${stopMs} ms`);
    }
    // One that was lost is another's by now, or taken up again without a wait.
    if (signal.aborted || endedItself) await release(held);
    if (endedItself) await working;
    else working.catch((error: unknown) => reportAfter(error, term));
    return endedItself;
  };

  /** What fails because its term is over has not failed. */
  const reportAfter = (error: unknown, term: Term): void => {
    if (error === term.signal.reason) return;
    log.warn({ error: describeError(error) }, 'What ran in the term failed as it ended');
  };

  /** Whether the promise settles in time. */
  const within = (ms: number, promise: Promise<unknown>): Promise<boolean> =>
    new Promise((resolve) => {
      const cancel = timers.after(ms, () => resolve(false));
      void promise.then(() => {
        cancel();
        resolve(true);
      });
    });

  return {
    identity,
    get isLeading() {
      return current?.isCurrent() ?? false;
    },
    get holder() {
      return object.seen?.holder ?? '';
    },
    async run(work, signal) {
      while (!signal.aborted) {
        const held = await acquire(signal);
        if (held !== undefined && (await lead(held, work, signal))) return;
      }
    },
  };
}
