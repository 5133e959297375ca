import type { Informer } from './informer.ts';
import type { KubeObject } from './object.ts';

/** An informer that knows nothing and never will: to build a part of a program without a cluster. */
export function emptyInformer<T extends KubeObject>(): Informer<T> {
  const nothing: Pick<Informer<T>, 'list' | 'get' | 'byIndex' | 'onChange'> = {
    list: () => [],
    get: () => undefined,
    byIndex: () => [],
    onChange: () => () => false,
  };
  return nothing as Informer<T>;
}
