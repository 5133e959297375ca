import type { Registry } from 'prom-client';
import { delay, linkedAbort } from './abort.ts';
import { type Clock, systemClock, systemTimers, type Timers } from './clock.ts';
import { controllerMetrics } from './controllerMetrics.ts';
import { createFailures, type Failures } from './failures.ts';
import type { Informer } from './informer.ts';
import { type Logger, silentLogger } from './log.ts';
import { type KubeObject, objectKey } from './object.ts';
import { type Outcome, outcomeOfError, outcomeOfResult, ReconcileTimeoutError } from './outcome.ts';
import { lowPriority, WorkQueue } from './workqueue.ts';

export type ReconcileContext = {
  /** Aborts when the controller stops or the time limit is over: pass it to every call. */
  readonly signal: AbortSignal;
  /** Bound to the controller and the key. */
  readonly log: Logger;
};

/** What a reconcile may ask for: another look, after so many milliseconds. */
// biome-ignore lint/suspicious/noConfusingVoidType: a reconcile that returns nothing is the common case
export type ReconcileResult = void | { readonly requeueAfterMs: number };

/**
 * Brings the world to where the object named by the key says it should be. It is told only the key,
 * never what changed: it reads everything again, so that missed, merged and repeated calls are all
 * the same. It is never called twice at once for one key. A thrown error is retried with growing
 * pauses; a TerminalError is not retried until the object changes.
 */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult>;

export type ControllerOptions = {
  /** Labels metrics and logs; unique in the program. */
  readonly name: string;
  readonly reconcile: Reconcile;
  /** Keys worked on at the same time. Default: 1. */
  readonly concurrency?: number;
  /** Limit of one reconcile in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number;
  readonly queue?: { readonly baseDelayMs?: number; readonly maxDelayMs?: number };
  readonly registry?: Registry;
  readonly log?: Logger;
  readonly clock?: Clock;
  readonly timers?: Timers;
};

/** Turns changes of objects into calls of one reconcile function, key by key. */
export class Controller {
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #queue: WorkQueue;
  readonly #log: Logger;
  readonly #metrics: ReturnType<typeof controllerMetrics>;
  readonly #failures: Failures | undefined;
  readonly #clock: Clock;
  readonly #sources: Pick<Informer<KubeObject>, 'synced'>[] = [];
  #stopped: Promise<void> | undefined;

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = (options.log ?? silentLogger).child({ controller: options.name });
    this.#metrics = controllerMetrics(options.registry, options.name, options.concurrency ?? 1);
    this.#failures =
      options.registry && createFailures(options.registry, options.name, this.#clock);
    this.#queue = new WorkQueue({
      name: options.name,
      clock: this.#clock,
      ...(options.timers && { timers: options.timers }),
      ...(options.registry && { registry: options.registry }),
      ...options.queue,
    });
  }

  /** Every change of these objects leads to a reconcile of the keys given for it. */
  watch<T extends KubeObject>(
    informer: Pick<Informer<T>, 'onChange' | 'synced'>,
    toKeys: (object: T, old: T | undefined) => readonly string[] = (object) => [objectKey(object)],
  ): void {
    this.#sources.push(informer);
    informer.onChange((object, old, change) => {
      const priority = change.initial ? lowPriority : 0;
      for (const key of toKeys(object, old)) this.#queue.add(key, { priority });
    });
  }

  /** For causes that are no Kubernetes object: a block of the chain, a timer, a message. */
  enqueue(key: string, afterMs = 0): void {
    this.#queue.addAfter(key, afterMs);
  }

  /** Begins to work once every watched informer has its first list. The signal ends it. */
  start(signal: AbortSignal): void {
    if (this.#stopped !== undefined) throw new Error(`Controller ${this.name} was started before`);
    this.#stopped = this.#run(signal);
  }

  /** Settles after the signal, when no reconcile runs any more. */
  get stopped(): Promise<void> {
    return this.#stopped ?? Promise.resolve();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const stop = (): void => {
      this.#queue.shutdown({ drop: true });
      this.#failures?.closed();
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    await this.#sourcesSynced(signal);
    const workers = Array.from({ length: this.#options.concurrency ?? 1 }, () =>
      this.#work(signal),
    );
    await Promise.all(workers);
    signal.removeEventListener('abort', stop);
  }

  /** A reconcile on half a cache would take what isn't listed yet for gone. */
  async #sourcesSynced(signal: AbortSignal): Promise<void> {
    const waitForAll = async (): Promise<void> => {
      await Promise.all(this.#sources.map((source) => source.synced(signal, 60_000)));
    };
    while (!signal.aborted) {
      try {
        return await waitForAll();
      } catch (error) {
        if (signal.aborted) return;
        this.#log.warn({ error }, 'Waiting for the first list');
        await delay(1_000, signal).catch(() => undefined);
      }
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let item = await this.#queue.get(); item !== undefined; item = await this.#queue.get()) {
      try {
        await this.#handle(item.key, item.priority, signal);
      } finally {
        this.#queue.done(item.key);
      }
    }
  }

  async #handle(key: string, priority: number, signal: AbortSignal): Promise<void> {
    const startedAt = this.#clock.monotonicMs();
    this.#metrics.began();
    const log = this.#log.child({ key });
    const outcome = await this.#outcome(key, signal, log);
    this.#metrics.ended(outcome, this.#clock.monotonicMs() - startedAt);
    // What failed because we are stopping has not failed.
    if (signal.aborted) return;
    logOutcome(log, outcome);
    if (outcome.type !== 'retry') this.#failures?.over(key);
    else if (outcome.cause !== 'conflict') this.#failures?.failed(key);
    if (outcome.type === 'retry') {
      if (outcome.afterMs === undefined) this.#queue.addRateLimited(key, { priority });
      else this.#queue.addAfter(key, outcome.afterMs, { priority });
      return;
    }
    this.#queue.forget(key);
    if (outcome.type === 'requeue') this.#queue.addAfter(key, outcome.afterMs, { priority });
  }

  async #outcome(key: string, signal: AbortSignal, log: Logger): Promise<Outcome> {
    const timeoutMs = this.#options.timeoutMs ?? 60_000;
    using limit = linkedAbort([signal]);
    // Made when it is needed: an error costs a stack trace, and this runs thousands of times a second.
    let timeout: ReconcileTimeoutError | undefined;
    const cancel = (this.#options.timers ?? systemTimers).after(timeoutMs, () => {
      timeout = new ReconcileTimeoutError(`Reconciling took longer than ${timeoutMs} ms`);
      log.warn({ timeoutMs }, timeout.message);
      limit.abort(timeout);
    });
    try {
      // The key stays held until the function returns, even when it ignores its signal: a second
      // run beside the first would break the promise that there is one at a time.
      const result = await this.#options.reconcile(key, { signal: limit.signal, log });
      return outcomeOfResult(result ?? undefined);
    } catch (error) {
      return outcomeOfError(
        timeout !== undefined && limit.signal.reason === timeout ? timeout : error,
      );
    } finally {
      cancel();
    }
  }
}

function logOutcome(log: Logger, outcome: Outcome): void {
  if (outcome.type === 'terminal') log.error({ error: outcome.error }, 'Reconcile failed for good');
  else if (outcome.type !== 'retry') return;
  else if (outcome.cause === 'conflict') log.debug('Reconcile lost a race, repeating');
  else log.error({ error: outcome.error }, 'Reconcile failed, repeating');
}
