import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KubeObject } from './object.ts';
import { Store, versionOf } from './store.ts';

type Thing = KubeObject & { readonly owner?: string };

function aThing(
  name: string,
  version: number,
  options: { uid?: string; owner?: string } = {},
): Thing {
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name, uid: options.uid ?? name, resourceVersion: String(version) },
    ...(options.owner !== undefined && { owner: options.owner }),
  };
}

function aStore(...things: readonly Thing[]): Store<Thing> {
  const store = new Store<Thing>({ owner: ({ owner }) => (owner === undefined ? [] : [owner]) });
  store.replace(things, 10n);
  return store;
}

const brief = (changes: ReturnType<Store<Thing>['put']> | undefined) =>
  changes?.map(
    ({ type, object }) => `${type} ${object.metadata.uid}@${object.metadata.resourceVersion}`,
  );

describe('the store', () => {
  test('tells an addition, an update with the old state, and a deletion', () => {
    const store = aStore();
    expect(brief(store.put(aThing('a', 11)))).toEqual(['added a@11']);
    const [update] = store.put(aThing('a', 12));
    expect(update?.old?.metadata.resourceVersion).toBe('11');
    expect(brief(store.remove(aThing('a', 13)))).toEqual(['deleted a@13']);
    expect(store.get('a')).toBeUndefined();
  });

  test('ignores a state it had before, or an older one', () => {
    const store = aStore(aThing('a', 10));
    expect(store.put(aThing('a', 10))).toEqual([]);
    expect(store.put(aThing('a', 9))).toEqual([]);
    expect(versionOf(store.get('a')!)).toBe(10n);
  });

  test('does not tell history again when the server replays it', () => {
    const store = aStore();
    const life = [() => store.put(aThing('a', 11)), () => store.remove(aThing('a', 12))];
    expect(life.flatMap((event) => brief(event()))).toEqual(['added a@11', 'deleted a@12']);
    expect(life.flatMap((event) => brief(event()))).toEqual([]);
  });

  test('compares resourceVersions as numbers, beyond what a float can hold', () => {
    const store = aStore(aThing('a', 9));
    const huge = {
      ...aThing('a', 0),
      metadata: { name: 'a', uid: 'a', resourceVersion: '9007199254740993' },
    };
    const next = { ...huge, metadata: { ...huge.metadata, resourceVersion: '9007199254740994' } };
    expect(store.put(huge)).toHaveLength(1);
    expect(store.put(next)).toHaveLength(1);
    expect(store.put(huge)).toHaveLength(0);
  });

  test('sees a recreated object as a deletion and an addition', () => {
    const store = aStore(aThing('a', 5, { uid: 'first' }));
    expect(brief(store.put(aThing('a', 12, { uid: 'second' })))).toEqual([
      'deleted first@5',
      'added second@12',
    ]);
  });

  test('is not brought back in time by a list that is older than what it saw', () => {
    const store = aStore(aThing('a', 5));
    store.remove(aThing('a', 20));
    expect(store.replace([aThing('a', 5)], 15n)).toBeUndefined();
    expect(store.get('a')).toBeUndefined();
  });

  test('finds by a new list what was deleted while nobody watched', () => {
    const store = aStore(aThing('a', 5), aThing('b', 6));
    expect(brief(store.replace([aThing('b', 6), aThing('c', 12)], 15n))).toEqual([
      'deleted a@5',
      'added c@12',
    ]);
  });

  test('shows our own write at once and stays silent when the watch brings it', () => {
    const store = aStore(aThing('a', 5));
    expect(brief(store.observe(aThing('a', 12)))).toEqual(['updated a@12']);
    expect(store.put(aThing('a', 12))).toEqual([]);
  });

  test('keeps our own create over a list that was taken before it', () => {
    const store = aStore();
    store.observe(aThing('mine', 20));
    expect(brief(store.replace([], 15n))).toEqual([]);
    expect(store.get('mine')).toBeDefined();
    expect(brief(store.replace([], 25n))).toEqual(['deleted mine@20']);
  });

  test('does not bring back a deleted object with the late answer to an earlier write', () => {
    const store = aStore(aThing('a', 5));
    store.remove(aThing('a', 20));
    expect(store.observe(aThing('a', 19))).toEqual([]);
  });

  test('takes an answer that the watch should have brought, but only for a life that goes on', () => {
    const store = aStore(aThing('a', 5), aThing('b', 6));
    store.advance(30n);
    expect(brief(store.observe(aThing('a', 20)))).toEqual(['updated a@20']);
    expect(store.observe(aThing('b', 20, { uid: 'another' }))).toEqual([]);
    expect(store.observe(aThing('c', 20))).toEqual([]);
  });

  test('ignores the deletion of a former life when a newer one is known', () => {
    const store = aStore(aThing('a', 5, { uid: 'first' }));
    store.observe(aThing('a', 30, { uid: 'second' }));
    expect(store.remove(aThing('a', 25, { uid: 'first' }))).toEqual([]);
    expect(store.get('a')?.metadata.uid).toBe('second');
  });

  test('finds objects by index, also after they moved', () => {
    const store = aStore(aThing('a', 5, { owner: 'x' }), aThing('b', 6, { owner: 'x' }));
    expect(store.byIndex('owner', 'x')).toHaveLength(2);
    store.put(aThing('a', 11, { owner: 'y' }));
    store.remove(aThing('b', 12));
    expect(store.byIndex('owner', 'x')).toEqual([]);
    expect(store.byIndex('owner', 'y')).toHaveLength(1);
    expect(() => store.byIndex('colour', 'red')).toThrow('no index colour');
  });
});

test('however late, doubled or reordered the news, no object goes back and the last list wins', () => {
  const news = fc.record({
    name: fc.constantFrom('a', 'b'),
    version: fc.integer({ min: 1, max: 60 }),
    kind: fc.constantFrom('put', 'remove', 'observe'),
  });
  fc.assert(
    fc.property(fc.array(news, { maxLength: 60, size: 'max' }), (arrivals) => {
      const store = aStore();
      const newest = new Map<string, bigint>();
      for (const { name, version, kind } of arrivals) {
        const before = store.get(name);
        store[kind as 'put' | 'remove' | 'observe'](aThing(name, version));
        const after = store.get(name);
        if (before !== undefined && after !== undefined) {
          expect(versionOf(after) >= versionOf(before)).toBe(true);
        }
        const highest = newest.get(name) ?? 0n;
        if (after !== undefined)
          newest.set(name, versionOf(after) > highest ? versionOf(after) : highest);
      }
      store.replace([aThing('a', 70)], 100n);
      expect(Array.from(store.values(), ({ metadata }) => metadata.name)).toEqual(['a']);
    }),
  );
});
