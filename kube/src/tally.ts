import type { Informer } from './informer.ts';
import { type KubeObject, objectKey } from './object.ts';
import type { Series } from './seriesGauge.ts';

type Sum<L extends string> = {
  readonly labels: Readonly<Record<L, string>>;
  value: number;
  objects: number;
};

/**
 * Sums over all objects of a kind, kept up with each change: looking costs as much as there are sums,
 * not objects. `sharesOf` must follow from the object alone.
 */
export class Tally<L extends string> {
  readonly #sums = new Map<string, Sum<L>>();
  readonly #shares = new Map<string, readonly Series<L>[]>();
  readonly #labelNames: readonly L[];

  constructor(labelNames: readonly L[]) {
    this.#labelNames = labelNames;
  }

  /** Follows an informer for as long as its subscriptions last. */
  static follow<T extends KubeObject, L extends string>(
    informer: Pick<Informer<T>, 'onChange'>,
    labelNames: readonly L[],
    sharesOf: (object: T) => readonly Series<L>[],
  ): Tally<L> {
    const tally = new Tally<L>(labelNames);
    informer.onChange((object, _old, { type }) => {
      tally.set(objectKey(object), type === 'deleted' ? [] : sharesOf(object));
    });
    return tally;
  }

  /** What one object adds from now on, instead of what it added before. */
  set(key: string, shares: readonly Series<L>[]): void {
    for (const share of this.#shares.get(key) ?? []) this.#add(share, -1);
    for (const share of shares) this.#add(share, 1);
    if (shares.length === 0) this.#shares.delete(key);
    else this.#shares.set(key, shares);
  }

  /** One entry for each set of labels that an object has a share in. */
  *series(): Iterable<Series<L>> {
    for (const { labels, value } of this.#sums.values()) yield [labels, value];
  }

  #add([labels, value]: Series<L>, sign: 1 | -1): void {
    const id = this.#labelNames.map((name) => labels[name]).join('\0');
    const sum = this.#sums.get(id) ?? { labels, value: 0, objects: 0 };
    sum.value += sign * value;
    sum.objects += sign;
    // With the last object goes what adding and taking away of fractions has left.
    if (sum.objects === 0) this.#sums.delete(id);
    else this.#sums.set(id, sum);
  }
}
