import { abortable, delay, linkedAbort } from './abort.ts';
import { ApiError } from './apiError.ts';
import * as builtins from './builtins.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import { toMicroTime } from './conditions.ts';
import { describeError } from './errors.ts';
import { type EventNote, eventBody, type KubeEvent } from './eventBody.ts';
import { EventBudget } from './eventBudget.ts';
import { type Logger, silentLogger } from './log.ts';
import { runtimeMetrics } from './metrics.ts';
import { derivedName } from './names.ts';
import type { KubeObject } from './object.ts';
import { resourceClient } from './resources.ts';

export type EventRecorder = AsyncDisposable & {
  /** Returns at once and never throws: an event that can't be written is counted and dropped. */
  event(regarding: KubeObject, note: EventNote): void;
  /** Waits until what was recorded so far is written or given up. */
  flush(): Promise<void>;
  /** Flushes, at most 2 s, and takes nothing more. */
  close(): Promise<void>;
};

export type EventRecorderOptions = {
  readonly cluster: Cluster;
  /** `gridlease.dev/operator`. */
  readonly reportingController: string;
  /** The pod or host. */
  readonly reportingInstance: string;
  /** The same event within this time is a repetition, in milliseconds. Default: 600,000. */
  readonly windowMs?: number;
  /**
   * Warnings written per second in the long run, ten times as many at once; of Normal events a
   * twentieth, and as many as this at once. Default: 10.
   */
  readonly perSecond?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
};

type Seen = {
  readonly name: string;
  readonly namespace: string;
  readonly startedAtMs: number;
  count: number;
  /** The count the API server knows. */
  written: number;
};

type Job = { readonly seen: Seen; readonly object: KubeEvent };

const mostSeen = 4_096;
const mostWaiting = 1_000;
const mostTries = 3;

/**
 * Records Events beside the work, not in it. The same type, reason and note about the same object
 * within the window becomes a count on one Event, which is written at 2, 4, 8, … repetitions: a
 * condition that keeps failing costs a handful of writes however often it is reported.
 */
export function eventRecorder(options: EventRecorderOptions): EventRecorder {
  const { cluster, clock = systemClock, log = silentLogger } = options;
  const { windowMs = 600_000, perSecond = 10 } = options;
  const client = resourceClient<KubeEvent>(cluster, builtins.events);
  const counter = runtimeMetrics(cluster.registry).eventsTotal;
  for (const outcome of ['written', 'repeated', 'dropped', 'failed']) counter.inc({ outcome }, 0);
  // A person reads the story of one object; that a thousand went their way is for metrics to tell.
  const budgets = {
    Warning: new EventBudget({ perSecond, burst: perSecond * 10, clock }),
    Normal: new EventBudget({ perSecond: perSecond / 20, burst: perSecond, clock }),
  };
  const known = new Map<string, Seen>();
  const waiting: Job[] = [];
  const closing = new AbortController();
  let running: Promise<void> | undefined;

  const event = (regarding: KubeObject, note: EventNote): void => {
    const key = [regarding.metadata.uid, note.type, note.reason, note.note].join('\n');
    let seen = known.get(key);
    if (seen === undefined || clock.monotonicMs() - seen.startedAtMs > windowMs) {
      seen = firstSeen(regarding, note, clock, windowMs);
      remember(known, key, seen);
    }
    seen.count++;
    if (seen.count > 1) counter.inc({ outcome: 'repeated' });
    if (!isPowerOfTwo(seen.count)) return;
    if (closing.signal.aborted || waiting.length >= mostWaiting || !budgets[note.type].take()) {
      counter.inc({ outcome: 'dropped' });
      return;
    }
    const object = eventBody(regarding, note, { ...options, ...seen }, clock.now());
    waiting.push({ seen, object });
    running ??= drain().finally(() => {
      running = undefined;
    });
  };

  const drain = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      try {
        await writeFirmly(job);
        counter.inc({ outcome: 'written' });
      } catch (error) {
        // Also where its namespace is going or rights are missing: never a reason to fail work.
        counter.inc({ outcome: 'failed' });
        log.warn({ error: describeError(error) }, 'An Event could not be written');
        if (!(error instanceof ApiError)) await delay(1_000, closing.signal).catch(() => undefined);
      }
    }
  };

  /** Without an answer it may be written or not; names are derived, so that repeating tells which. */
  const writeFirmly = async (job: Job): Promise<void> => {
    for (let tries = 1; ; tries++) {
      try {
        return await write(job);
      } catch (error) {
        const isRefused =
          error instanceof ApiError && error.status < 500 && error.reason !== 'Conflict';
        if (isRefused || tries === mostTries || closing.signal.aborted) throw error;
        await delay(500 * tries, closing.signal);
      }
    }
  };

  const write = async ({ seen, object }: Job): Promise<void> => {
    const { count } = seen;
    const { signal } = closing;
    const series = () => ({ count: seen.count, lastObservedTime: toMicroTime(clock.now()) });
    if (seen.written === 0) {
      try {
        await client.create(count > 1 ? { ...object, series: series() } : object, { signal });
        seen.written = count;
        return;
      } catch (error) {
        if (!(error instanceof ApiError) || !error.isAlreadyExists) throw error;
        const existing = await client.get(object.metadata, { signal });
        const isThisOne = existing.eventTime === object.eventTime;
        // Written before a restart of ours: go on counting there.
        if (!isThisOne) seen.count += existing.series?.count ?? 1;
        else if (count === (existing.series?.count ?? 1)) {
          seen.written = count;
          return;
        }
      }
    }
    await client.mergePatch(object.metadata, { series: series() }, { signal });
    seen.written = seen.count;
  };

  const close = async (): Promise<void> => {
    using limit = linkedAbort([], 2_000, 'Writing the last Events');
    await abortable(running ?? Promise.resolve(), limit.signal).catch(() => undefined);
    closing.abort(new Error('The event recorder was closed'));
  };
  return {
    event(regarding, note) {
      try {
        event(regarding, note);
      } catch (error) {
        counter.inc({ outcome: 'failed' });
        log.error({ error }, 'An Event could not be recorded');
      }
    },
    flush: async () => {
      while (running !== undefined) await running;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function firstSeen(regarding: KubeObject, note: EventNote, clock: Clock, windowMs: number): Seen {
  const { name, namespace, uid } = regarding.metadata;
  const window = Math.floor(clock.now().getTime() / windowMs);
  return {
    name: derivedName(name, uid ?? name, note.type, note.reason, note.note, window),
    // Events about cluster-wide objects live in `default` by convention.
    namespace: namespace ?? 'default',
    startedAtMs: clock.monotonicMs(),
    count: 0,
    written: 0,
  };
}

/** The oldest is forgotten first: at worst one more Event is written. */
function remember(known: Map<string, Seen>, key: string, seen: Seen): void {
  known.delete(key);
  known.set(key, seen);
  if (known.size <= mostSeen) return;
  const oldest = known.keys().next().value;
  if (oldest !== undefined) known.delete(oldest);
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}
