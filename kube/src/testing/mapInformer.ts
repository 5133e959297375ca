import type { ChangeHandler, Informer } from '../informer.ts';
import { type KubeObject, objectKey } from '../object.ts';

export type MapInformer<T extends KubeObject> = Informer<T> & {
  /** As a watch would bring it. */
  put(object: T): void;
  remove(key: string): void;
};

/** An informer over objects that a test puts in: what it calls back is what a real one would. */
export function mapInformer<T extends KubeObject>(...first: readonly T[]): MapInformer<T> {
  const objects = new Map(first.map((object) => [objectKey(object), object]));
  const handlers = new Set<ChangeHandler<T>>();
  const told: Partial<MapInformer<T>> = {
    get: (key) => objects.get(key),
    list: (namespace) =>
      [...objects.values()].filter(
        ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
      ),
    onChange(handler) {
      handlers.add(handler);
      for (const object of objects.values()) {
        handler(object, undefined, { type: 'added', initial: true });
      }
      return () => handlers.delete(handler);
    },
    put(object) {
      const old = objects.get(objectKey(object));
      objects.set(objectKey(object), object);
      const type = old === undefined ? 'added' : 'updated';
      for (const handler of handlers) handler(object, old, { type, initial: false });
    },
    remove(key) {
      const old = objects.get(key);
      if (old === undefined) return;
      objects.delete(key);
      for (const handler of handlers) handler(old, old, { type: 'deleted', initial: false });
    },
  };
  return told as MapInformer<T>;
}
