import { type KubeObject, objectKey } from './object.ts';

export type ChangeType = 'added' | 'updated' | 'deleted';

export type StoreChange<T> = {
  readonly type: ChangeType;
  /** For 'deleted' the last known state. */
  readonly object: T;
  readonly old: T | undefined;
};

export type Indexer<T> = (object: T) => readonly string[];

/**
 * The informer's memory: objects by key, never older than before.
 *
 * Invariants: resourceVersions of one kind come from one counter, so they can be compared; after the
 * watch has delivered everything up to `horizon`, an object at or below it that isn't here is gone,
 * and anything about it that turns up later is old news.
 */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexers: ReadonlyMap<string, Indexer<T>>;
  readonly #indexes = new Map<string, Map<string, Set<string>>>();
  #horizon = 0n;

  constructor(indexers: Readonly<Record<string, Indexer<T>>> = {}) {
    this.#indexers = new Map(Object.entries(indexers));
    for (const name of this.#indexers.keys()) this.#indexes.set(name, new Map());
  }

  /** Everything up to this resourceVersion has been seen. */
  get horizon(): bigint {
    return this.#horizon;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new TypeError(`There is no index ${name}`);
    return Array.from(index.get(value) ?? [], (key) => this.#objects.get(key)!);
  }

  /** The watch reached this point without anything else to tell. */
  advance(version: bigint): void {
    if (version > this.#horizon) this.#horizon = version;
  }

  /** An ADDED or MODIFIED event. No changes when it is old news. */
  put(object: T): readonly StoreChange<T>[] {
    // A server that replays its history would otherwise bring the dead back for a moment.
    if (versionOf(object) <= this.#horizon) return [];
    const changes = this.#put(object);
    this.advance(versionOf(object));
    return changes;
  }

  /** A DELETED event: `object` is the last state, with the resourceVersion of the deletion. */
  remove(object: T): readonly StoreChange<T>[] {
    const key = objectKey(object);
    if (versionOf(object) <= this.#horizon) return [];
    this.advance(versionOf(object));
    const current = this.#objects.get(key);
    // A newer object of that name may be known already from our own create.
    if (current === undefined || versionOf(current) > versionOf(object)) return [];
    return [this.#drop(key, current, isSameObject(current, object) ? object : current)];
  }

  /** The answer to a request of our own, which the watch has not delivered yet. */
  observe(object: T): readonly StoreChange<T>[] {
    const current = this.#objects.get(objectKey(object));
    // A step forward in a life that goes on brings back nothing, even one the watch kept from us.
    const goesOn = current !== undefined && isSameObject(current, object);
    return goesOn || versionOf(object) > this.#horizon ? this.#put(object) : [];
  }

  /**
   * A full list as of `version`. Undefined when that is before the horizon: it would bring back what
   * is deleted and undo what was written.
   */
  replace(objects: readonly T[], version: bigint): readonly StoreChange<T>[] | undefined {
    if (version < this.#horizon) return undefined;
    const listed = new Set(objects.map(objectKey));
    const changes: StoreChange<T>[] = [];
    for (const [key, current] of this.#objects) {
      // Objects beyond the list are our own writes after it was taken.
      if (!listed.has(key) && versionOf(current) <= version) {
        changes.push(this.#drop(key, current, current));
      }
    }
    for (const object of objects) changes.push(...this.#put(object));
    this.advance(version);
    return changes;
  }

  #put(object: T): readonly StoreChange<T>[] {
    const key = objectKey(object);
    const current = this.#objects.get(key);
    if (current !== undefined && versionOf(object) <= versionOf(current)) return [];
    const changes: StoreChange<T>[] = [];
    let old = current;
    if (current !== undefined && !isSameObject(current, object)) {
      // Deleted and made again while we weren't looking: two lives, two changes.
      changes.push(this.#drop(key, current, current));
      old = undefined;
    }
    if (old !== undefined) this.#index(key, old, 'delete');
    this.#objects.set(key, object);
    this.#index(key, object, 'add');
    changes.push({ type: old === undefined ? 'added' : 'updated', object, old });
    return changes;
  }

  #drop(key: string, current: T, last: T): StoreChange<T> {
    this.#objects.delete(key);
    this.#index(key, current, 'delete');
    return { type: 'deleted', object: last, old: current };
  }

  #index(key: string, object: T, action: 'add' | 'delete'): void {
    for (const [name, indexer] of this.#indexers) {
      const index = this.#indexes.get(name)!;
      for (const value of indexer(object)) {
        const keys = index.get(value);
        if (action === 'delete') {
          keys?.delete(key);
          if (keys?.size === 0) index.delete(value);
        } else if (keys === undefined) index.set(value, new Set([key]));
        else keys.add(key);
      }
    }
  }
}

/** The resourceVersion as the number that Kubernetes now guarantees it to be (KEP-5504). */
export function versionOf(object: KubeObject): bigint {
  return BigInt(object.metadata.resourceVersion ?? '0');
}

function isSameObject(a: KubeObject, b: KubeObject): boolean {
  return a.metadata.uid === b.metadata.uid;
}
