import type { Registry } from 'prom-client';
import { backoffMs } from './backoff.ts';
import { type Clock, systemClock, systemTimers, type Timers } from './clock.ts';
import { Heap } from './heap.ts';
import { type QueueMetrics, queueMetrics } from './queueMetrics.ts';

export type WorkQueueOptions = {
  /** The controller's name; labels the metrics. */
  readonly name: string;
  /** First pause after a failure, in milliseconds. Default: 5. */
  readonly baseDelayMs?: number;
  /**
   * Longest pause, in milliseconds. Default: 60,000. The usual 1,000 s suits a cluster that heals
   * itself; here a chain or a provider that comes back must be used again within a minute.
   */
  readonly maxDelayMs?: number;
  readonly clock?: Clock;
  readonly timers?: Timers;
  /** Default: nothing is measured. */
  readonly registry?: Registry;
};

export type QueueItem<K extends string = string> = { readonly key: K; readonly priority: number };

/** Keys of a first list: nothing happened, so what did happen goes first. */
export const lowPriority = -100;

type Entry<K> = {
  readonly key: K;
  /** Monotonic milliseconds. */
  readyAt: number;
  priority: number;
  /** Order of arrival among equals. */
  sequence: number;
  /** Ready and counted in `length`. */
  isQueued: boolean;
};

/** A heap node is stale, and skipped, once its entry has moved on. */
type Node<K> = { readonly entry: Entry<K>; readonly readyAt: number; readonly priority: number };

/**
 * Keys that need work. A key is in the queue once however often it is added, with the earliest of
 * the times and the highest of the priorities asked for. Two workers never hold the same key; a key
 * added while it is held comes once more after `done`.
 */
export class WorkQueue<K extends string = string> {
  readonly #entries = new Map<K, Entry<K>>();
  readonly #held = new Map<K, number>();
  readonly #failures = new Map<K, number>();
  readonly #waiters: ((item: QueueItem<K> | undefined) => void)[] = [];
  readonly #ready = new Heap<Node<K>>((a, b) =>
    a.priority === b.priority ? a.entry.sequence < b.entry.sequence : a.priority > b.priority,
  );
  readonly #waiting = new Heap<Node<K>>((a, b) => a.readyAt < b.readyAt);
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #delays: { readonly baseMs: number; readonly maxMs: number };
  readonly #metrics: QueueMetrics | undefined;
  readonly #drained = Promise.withResolvers<void>();
  #cancelTimer: (() => void) | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #sequence = 0;
  #length = 0;
  #isShutDown = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#timers = options.timers ?? systemTimers;
    this.#delays = { baseMs: options.baseDelayMs ?? 5, maxMs: options.maxDelayMs ?? 60_000 };
    this.#metrics =
      options.registry &&
      queueMetrics(options.registry, options.name, () =>
        Array.from(this.#held.values(), (since) => this.#clock.monotonicMs() - since),
      );
  }

  /** Keys that are ready and not held. */
  get length(): number {
    return this.#length;
  }

  /** Resolves after `shutdown`, when nothing is queued and no worker holds a key. */
  get drained(): Promise<void> {
    return this.#drained.promise;
  }

  /** Makes the key ready now. */
  add(key: K, options: { readonly priority?: number } = {}): void {
    this.addAfter(key, 0, options);
  }

  /** Makes the key ready in `ms` milliseconds, or earlier if it was to be ready earlier. */
  addAfter(key: K, ms: number, { priority = 0 }: { readonly priority?: number } = {}): void {
    if (this.#isShutDown) return;
    const readyAt = this.#clock.monotonicMs() + Math.max(0, ms);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { key, readyAt, priority, sequence: this.#sequence++, isQueued: false };
      this.#entries.set(key, entry);
      this.#metrics?.added();
    } else if (readyAt < entry.readyAt || priority > entry.priority) {
      this.#unqueue(entry);
      entry.readyAt = Math.min(readyAt, entry.readyAt);
      entry.priority = Math.max(priority, entry.priority);
    } else return;
    this.#place(entry);
    this.#dispatch();
  }

  /** Makes the key ready after its own pause, which doubles with each failure until `forget`. */
  addRateLimited(key: K, options: { readonly priority?: number } = {}): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#metrics?.retried();
    this.addAfter(key, backoffMs(failures, this.#delays), options);
  }

  /** The key succeeded: its next failure starts with the shortest pause again. */
  forget(key: K): void {
    this.#failures.delete(key);
  }

  /** How often `addRateLimited` was called since `forget`. */
  retries(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, held until `done`. Undefined once the queue is shut down and empty. */
  get(): Promise<QueueItem<K> | undefined> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.#dispatch();
    });
  }

  /** Gives the key back. */
  done(key: K): void {
    const since = this.#held.get(key);
    if (since === undefined) return;
    this.#held.delete(key);
    this.#metrics?.finished(this.#clock.monotonicMs() - since);
    const entry = this.#entries.get(key);
    // A later one has its place among the waiting already.
    if (entry !== undefined && entry.readyAt <= this.#clock.monotonicMs()) this.#place(entry);
    this.#dispatch();
  }

  /**
   * Takes nothing more. What is ready is still handed out, unless `drop` is set; what waits for a
   * later time is dropped in any case.
   */
  shutdown({ drop = false }: { readonly drop?: boolean } = {}): void {
    this.#isShutDown = true;
    this.#cancelTimer?.();
    this.#waiting.clear();
    for (const entry of this.#entries.values()) {
      const isLater = entry.readyAt > this.#clock.monotonicMs();
      if (drop || isLater) {
        this.#unqueue(entry);
        this.#entries.delete(entry.key);
      }
    }
    this.#dispatch();
  }

  /** Puts an entry where its time says; one that is held waits for `done`. */
  #place(entry: Entry<K>): void {
    if (entry.isQueued) return;
    const node = { entry, readyAt: entry.readyAt, priority: entry.priority };
    if (entry.readyAt > this.#clock.monotonicMs()) {
      this.#waiting.push(node);
      this.#arm();
    } else if (!this.#held.has(entry.key)) {
      entry.isQueued = true;
      this.#length++;
      this.#metrics?.queued(entry.priority, 1);
      this.#ready.push(node);
    }
  }

  #unqueue(entry: Entry<K>): void {
    if (!entry.isQueued) return;
    entry.isQueued = false;
    this.#length--;
    this.#metrics?.queued(entry.priority, -1);
  }

  #isCurrent(node: Node<K>): boolean {
    const { entry } = node;
    return (
      this.#entries.get(entry.key) === entry &&
      node.readyAt === entry.readyAt &&
      node.priority === entry.priority
    );
  }

  /** Hands ready keys to waiting workers. */
  #dispatch(): void {
    while (this.#waiters.length > 0 && this.#length > 0) {
      const node = this.#ready.pop();
      if (node === undefined) break;
      if (!this.#isCurrent(node) || !node.entry.isQueued) continue;
      const { key, priority, readyAt } = node.entry;
      this.#unqueue(node.entry);
      this.#entries.delete(key);
      const now = this.#clock.monotonicMs();
      this.#held.set(key, now);
      this.#metrics?.taken(now - readyAt);
      this.#waiters.shift()!({ key, priority });
    }
    if (!this.#isShutDown || this.#length > 0) return;
    for (const waiter of this.#waiters.splice(0)) waiter(undefined);
    // A key that was added while held, before the shutdown, is still owed one more turn.
    if (this.#held.size > 0) return;
    this.#drained.resolve();
    this.#metrics?.closed();
  }

  /** One timer, for the earliest entry. */
  #arm(): void {
    while (this.#waiting.size > 0 && !this.#isCurrent(this.#waiting.peek()!)) this.#waiting.pop();
    const next = this.#waiting.peek();
    if (next === undefined || next.readyAt >= this.#timerAt) return;
    this.#cancelTimer?.();
    this.#timerAt = next.readyAt;
    // The clock went on since the entry was found to lie ahead: it may be due by now.
    const waitMs = Math.max(0, next.readyAt - this.#clock.monotonicMs());
    this.#cancelTimer = this.#timers.after(waitMs, () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#release();
    });
  }

  #release(): void {
    const now = this.#clock.monotonicMs();
    for (let node = this.#waiting.peek(); node !== undefined; node = this.#waiting.peek()) {
      const isCurrent = this.#isCurrent(node);
      if (isCurrent && node.readyAt > now) break;
      this.#waiting.pop();
      if (isCurrent) this.#place(node.entry);
    }
    this.#arm();
    this.#dispatch();
  }
}
