import type { KubeObject } from './object.ts';
import { sharedStrings } from './sharedStrings.ts';
import type { Indexer } from './store.ts';

/** Of all informers: a lease and its job say the same. */
const strings = sharedStrings();

/** How an informer keeps objects: without managed fields, transformed, its strings shared, frozen where that is asked for. */
export function keptForm<T extends KubeObject>(options: {
  readonly transform?: (object: T) => T;
  readonly freeze?: boolean;
}): (object: T) => T {
  const { transform, freeze = false } = options;
  return (object) => {
    // About a quarter of each object in memory, and nobody reads it. A PUT without it keeps it.
    const { managedFields: _, ...metadata } = object.metadata as T['metadata'] & {
      managedFields?: unknown;
    };
    const slim = { ...object, metadata } as T;
    const kept = strings.share(transform?.(slim) ?? slim);
    return freeze ? deepFreeze(kept) : kept;
  };
}

/** The same indexes, except that one that throws finds nothing instead of ending the informer. */
export function guardedIndexes<T extends KubeObject>(
  indexes: Readonly<Record<string, Indexer<T>>>,
  onError: (error: unknown, object: T, index: string) => void,
): Record<string, Indexer<T>> {
  const guard =
    (name: string, indexer: Indexer<T>): Indexer<T> =>
    (object) => {
      try {
        return indexer(object);
      } catch (error) {
        onError(error, object, name);
        return [];
      }
    };
  const entries = Object.entries(indexes);
  return Object.fromEntries(entries.map(([name, indexer]) => [name, guard(name, indexer)]));
}

function deepFreeze<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
