import type { Informer } from './informer.ts';
import type { KubeObject } from './object.ts';

type Unsubscribe = () => void;
type Subscriptions<T> = {
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are passed on as they are
  [K in keyof T]: T[K] extends (...args: any) => Unsubscribe ? K : never;
}[keyof T];

/**
 * The same object for a part of the program that ends before it: whatever is subscribed to by the
 * methods named ends with the signal, so that no part has to remember what it listens to.
 */
export function scoped<T extends object>(
  target: T,
  signal: AbortSignal,
  ...subscriptions: readonly Subscriptions<T>[]
): T {
  const names = new Set<PropertyKey>(subscriptions);
  // Bound once: caches are asked thousands of times a second.
  const bound = new Map<PropertyKey, unknown>();
  const subscribing =
    (method: (...args: unknown[]) => Unsubscribe) =>
    (...args: unknown[]): Unsubscribe => {
      const unsubscribe = method.apply(target, args);
      const stop = (): void => {
        signal.removeEventListener('abort', stop);
        unsubscribe();
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      return stop;
    };
  return new Proxy(target, {
    get(_, key) {
      if (bound.has(key)) return bound.get(key);
      // On the target itself: private fields are not reached through a proxy.
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      const method = names.has(key)
        ? subscribing(value as (...args: unknown[]) => Unsubscribe)
        : value.bind(target);
      bound.set(key, method);
      return method;
    },
  });
}

type Subscribable = Pick<Informer<KubeObject>, 'onChange'>;

/** Informers for a part of the program: what it subscribes to ends with the signal. */
export function scopedInformers<R extends Readonly<Record<string, Subscribable>>>(
  informers: R,
  signal: AbortSignal,
): R {
  const entries = Object.entries(informers);
  return Object.fromEntries(
    entries.map(([name, informer]) => [name, scoped<Subscribable>(informer, signal, 'onChange')]),
  ) as R;
}
