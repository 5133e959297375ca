import { describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import type { KubeObject } from './object.ts';
import { readGauge, seriesGauge } from './seriesGauge.ts';
import { Tally } from './tally.ts';
import { mapInformer } from './testing/mapInformer.ts';

type Thing = KubeObject & { readonly state: string; readonly size: number };
const aThing = (name: string, state: string, size: number): Thing => ({
  ...{ apiVersion: 'v1', kind: 'Thing', metadata: { name, namespace: 'here' } },
  state,
  size,
});
const shares = ({ state, size }: Thing) => (state === 'none' ? [] : [[{ state }, size] as const]);

describe('a tally', () => {
  test('sums what is there, follows each change, and drops a sum with its last object', () => {
    const things = mapInformer(aThing('a', 'new', 1), aThing('b', 'new', 2));
    const tally = Tally.follow(things, ['state'] as const, shares);
    const sums = () =>
      Object.fromEntries([...tally.series()].map(([{ state }, sum]) => [state, sum]));
    expect(sums()).toEqual({ new: 3 });
    things.put(aThing('b', 'old', 5));
    things.put(aThing('c', 'old', 0));
    expect(sums()).toEqual({ new: 1, old: 5 });
    things.remove('here/a');
    things.put(aThing('b', 'none', 7));
    expect(sums()).toEqual({ old: 0 });
    things.remove('here/c');
    expect(sums()).toEqual({});
  });

  test('fractions that were added and taken away leave nothing', () => {
    const tally = new Tally(['state'] as const);
    for (const key of ['a', 'b', 'c']) tally.set(key, [[{ state: 'x' }, 0.1]]);
    for (const key of ['a', 'b', 'c']) tally.set(key, []);
    tally.set('d', [[{ state: 'x' }, 0]]);
    expect([...tally.series()]).toEqual([[{ state: 'x' }, 0]]);
  });
});

test('a gauge that is read shows what is there at each look, and nothing that has gone', async () => {
  const registry = new Registry();
  let names = ['a', 'b'];
  seriesGauge(registry, {
    name: 'sizes',
    help: 'Sizes.',
    labelNames: ['name'] as const,
    read: () => names.map((name) => [{ name }, 1] as const),
  });
  expect(await registry.metrics()).toContain('sizes{name="b"} 1');
  names = ['a'];
  const page = await registry.metrics();
  expect(page).toContain('sizes{name="a"} 1');
  expect(page).not.toContain('name="b"');
});

test('a gauge without an answer has no sample', async () => {
  const registry = new Registry();
  let answer: number | undefined;
  readGauge(registry, { name: 'answer', help: 'The answer.', read: () => answer });
  expect(await registry.metrics()).not.toMatch(/^answer/m);
  answer = 42;
  expect(await registry.metrics()).toMatch(/^answer 42$/m);
});
