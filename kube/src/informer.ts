import { abortable, linkedAbort } from './abort.ts';
import type { Cluster } from './cluster.ts';
import { GridleaseError } from './errors.ts';
import { informerMetrics } from './informerMetrics.ts';
import type { InformerOptions } from './informerOptions.ts';
import { guardedIndexes, keptForm } from './kept.ts';
import { type Logger, silentLogger } from './log.ts';
import { type KubeObject, objectKey, type ResourceDefinition } from './object.ts';
import { reflect } from './reflector.ts';
import { selectorMatcher } from './selector.ts';
import { type ChangeType, Store, type StoreChange } from './store.ts';

export type Change = {
  readonly type: ChangeType;
  /** Part of the first list: nothing happened, it was there. */
  readonly initial: boolean;
};

/**
 * Called once for every change, in order. On 'deleted' both objects are the last known state, on
 * 'added' there is no old one. Runs inside the informer: it must be quick, and only mark work.
 */
export type ChangeHandler<T> = (object: T, old: T | undefined, change: Change) => void;

/** What a reconcile needs of an informer; a test can make one of a Map. */
export type Cache<T extends KubeObject> = Pick<Informer<T>, 'get' | 'list' | 'byIndex' | 'observe'>;

/** Lists are tried again at least this often while they are refused. */
const stillRefusedMs = 60_000;

/**
 * A local copy of one kind that follows the API server until its signal aborts. Objects never go
 * back in time; a deleted and recreated object is seen as deleted, then added.
 */
export class Informer<T extends KubeObject> {
  readonly definition: ResourceDefinition;
  readonly cluster: Cluster;
  readonly #options: InformerOptions<T>;
  readonly #store: Store<T>;
  readonly #handlers = new Set<ChangeHandler<T>>();
  readonly #metrics: ReturnType<typeof informerMetrics>;
  readonly #log: Logger;
  readonly #toKept: (object: T) => T;
  readonly #selects: (object: T) => boolean | undefined;
  readonly #firstList = Promise.withResolvers<void>();
  #stopped: Promise<void> | undefined;
  #hasSynced = false;
  #heardAt = performance.now();
  #lastError: string | undefined;
  #refusal: { readonly firstAt: number; readonly lastAt: number } | undefined;

  constructor(options: InformerOptions<T>) {
    this.definition = options.definition;
    this.cluster = options.cluster;
    this.#options = options;
    const { name, registry } = options.cluster;
    const { kind } = options.definition;
    this.#metrics = informerMetrics(
      registry,
      { target: name, kind },
      { ageMs: () => this.ageMs(), size: () => this.#store.size },
    );
    this.#log = (options.log ?? silentLogger).child({ cluster: name, kind });
    this.#selects = selectorMatcher(options);
    this.#toKept = keptForm(options);
    const indexes = guardedIndexes(options.indexes ?? {}, (error, object, index) => {
      this.#handlerFailed(error, object, `The index ${index} threw`);
    });
    this.#store = new Store(indexes);
  }

  /** Begins to follow the API server. Nothing but the signal ends it. */
  start(signal: AbortSignal): void {
    if (this.#stopped !== undefined)
      throw new Error(`This ${this.definition.kind} informer was started before`);
    this.#heardAt = performance.now();
    this.#stopped = this.#run(signal);
  }

  /** Settles when the signal has ended it. */
  get stopped(): Promise<void> {
    return this.#stopped ?? Promise.resolve();
  }

  /** True once the first full list is in the cache. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Why the last list or watch failed, until the API server is heard again. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** Milliseconds since the API server was last heard; bookmarks keep it under about 60,000. */
  ageMs(): number {
    return performance.now() - this.#heardAt;
  }

  /**
   * For how long, in milliseconds, the API server has been listing a state older than it had shown
   * before; 0 when it doesn't, or when it isn't heard at all. Such lists are refused until a restart.
   */
  staleListsMs(): number {
    if (this.#refusal === undefined) return 0;
    const { firstAt, lastAt } = this.#refusal;
    return performance.now() - lastAt > stillRefusedMs ? 0 : lastAt - firstAt;
  }

  /** What is followed, for who wants to ask the API server the same. */
  get selection(): Pick<InformerOptions<T>, 'namespace' | 'labelSelector' | 'fieldSelector'> {
    return this.#options;
  }

  /** Everything up to this resourceVersion was seen. */
  get seenVersion(): bigint {
    return this.#store.horizon;
  }

  /** By `namespace/name`, or `name` for a cluster-wide kind. Don't modify what you get. */
  get(key: string): T | undefined {
    return this.#store.get(key);
  }

  list(namespace?: string): readonly T[] {
    const all = Array.from(this.#store.values());
    return namespace === undefined
      ? all
      : all.filter((object) => object.metadata.namespace === namespace);
  }

  /** The objects for which the index function gave this value. */
  byIndex(name: string, value: string): readonly T[] {
    return this.#store.byIndex(name, value);
  }

  /** Calls back for every change from now on, and at once for each object that is there. */
  onChange(handler: ChangeHandler<T>): () => void {
    this.#handlers.add(handler);
    for (const object of this.list()) {
      this.#call(handler, object, undefined, { type: 'added', initial: true });
    }
    return () => this.#handlers.delete(handler);
  }

  /** Waits for the first full list. Rejects after `timeoutMs` (default 30,000) or with the signal. */
  async synced(signal?: AbortSignal, timeoutMs = 30_000): Promise<void> {
    using limit = linkedAbort([signal], timeoutMs, `Listing ${this.definition.plural}`);
    await abortable(this.#firstList.promise, limit.signal).catch((error: unknown) => {
      if (signal?.aborted || this.#lastError === undefined) throw error;
      throw new GridleaseError(
        `${this.definition.plural} could not be listed within ${timeoutMs} ms: ${this.#lastError}`,
        { cause: error },
      );
    });
  }

  /**
   * Puts the answer to our own write into the cache before the watch brings it, so that the next
   * reconcile doesn't act on the state before it. Older states are ignored.
   */
  observe(object: T): void {
    const { namespace } = this.#options;
    if (namespace !== undefined && object.metadata.namespace !== namespace) return;
    const isSelected = this.#selects(object);
    const isKnown = this.#store.get(objectKey(object)) !== undefined;
    // Where it left the selection, or we can't tell whether it is in it, the watch will say.
    if (isSelected === false || (isSelected === undefined && !isKnown)) return;
    this.#publish(this.#store.observe(this.#toKept(object)));
  }

  async #run(signal: AbortSignal): Promise<void> {
    this.#metrics.began();
    try {
      await reflect<T>(this.#options, this.#target(), signal);
    } finally {
      this.#metrics.closed();
    }
  }

  #target() {
    return {
      prepare: (object: T): T => {
        // A list every few minutes must not hold everything in memory a second time.
        const known = this.#store.get(objectKey(object));
        const isSame =
          known?.metadata.uid === object.metadata.uid &&
          known?.metadata.resourceVersion === object.metadata.resourceVersion;
        return isSame ? known! : this.#toKept(object);
      },
      replace: (objects: readonly T[], resourceVersion: string): boolean => {
        const changes = this.#store.replace(objects, BigInt(resourceVersion));
        if (changes === undefined) {
          this.#metrics.listRefused();
          const now = performance.now();
          this.#refusal = { firstAt: this.#refusal?.firstAt ?? now, lastAt: now };
          return false;
        }
        this.#refusal = undefined;
        const isFirst = !this.#hasSynced;
        this.#hasSynced = true;
        this.#publish(changes, isFirst);
        this.#firstList.resolve();
        return true;
      },
      put: (object: T) => this.#publish(this.#store.put(this.#toKept(object))),
      remove: (object: T) => this.#publish(this.#store.remove(this.#toKept(object))),
      advance: (resourceVersion: string) => this.#store.advance(BigInt(resourceVersion)),
      heard: () => {
        this.#heardAt = performance.now();
        this.#lastError = undefined;
      },
      listed: () => this.#metrics.listed(),
      ended: (reason: string, message: string | undefined) => {
        this.#lastError = message;
        this.#metrics.watchEnded(reason);
        if (message !== undefined) this.#log.warn({ reason }, `Watch ended: ${message}`);
      },
    };
  }

  #publish(changes: readonly StoreChange<T>[], initial = false): void {
    this.#metrics.changed(changes.length);
    for (const { type, object, old } of changes) {
      for (const handler of this.#handlers) this.#call(handler, object, old, { type, initial });
    }
  }

  #call(handler: ChangeHandler<T>, object: T, old: T | undefined, change: Change): void {
    try {
      handler(object, old, change);
    } catch (error) {
      // One broken handler must not cost the others their event, nor the informer its life.
      this.#handlerFailed(error, object, 'A change handler threw');
    }
  }

  #handlerFailed(error: unknown, object: KubeObject, what: string): void {
    this.#metrics.handlerFailed();
    this.#log.error({ error, key: objectKey(object) }, what);
  }
}
