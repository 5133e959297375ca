import type { Informer } from '../informer.ts';
import { type KubeObject, objectKey } from '../object.ts';
import { versionOf } from '../store.ts';

export type Witness = {
  /** What no informer may tell, in words; empty when all is well. */
  readonly violations: readonly string[];
  /** `<type> <key>@<resourceVersion>`, in order. */
  readonly told: readonly string[];
};

/**
 * Listens to an informer and writes down each time it contradicts itself: an object that goes back in
 * time, is added twice, changes without being there, or becomes another without a deletion.
 */
export function witness<T extends KubeObject>(informer: Informer<T>): Witness {
  const living = new Map<string, T>();
  const newest = new Map<string, bigint>();
  const violations: string[] = [];
  const told: string[] = [];
  informer.onChange((object, _, { type }) => {
    const key = objectKey(object);
    const line = `${type} ${key}@${object.metadata.resourceVersion}`;
    told.push(line);
    const known = living.get(key);
    const before = newest.get(key) ?? 0n;
    if (type === 'added' ? known !== undefined : known === undefined) violations.push(line);
    // A deletion may be told with the last state there was.
    const isBack = type === 'deleted' ? versionOf(object) < before : versionOf(object) <= before;
    if (isBack) violations.push(`${line} after ${before}`);
    if (type === 'updated' && known?.metadata.uid !== object.metadata.uid) {
      violations.push(`${line} is another object`);
    }
    newest.set(key, versionOf(object));
    if (type === 'deleted') living.delete(key);
    else living.set(key, object);
  });
  return { violations, told };
}

/** What is there, as `<key> <uid>@<resourceVersion>`, sorted: for comparing a cache with the server. */
export const stateOf = (objects: readonly KubeObject[]): readonly string[] =>
  objects
    .map(
      (object) => `${objectKey(object)} ${object.metadata.uid}@${object.metadata.resourceVersion}`,
    )
    .sort();
