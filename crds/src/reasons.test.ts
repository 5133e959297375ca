import { describe, expect, test } from '@jest/globals';
import { reasons } from './conditionReasons.ts';
import { kinds } from './kinds.ts';
import { objectSchema } from './manifest.ts';

type Meanings = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>
>;
const closed: Meanings = reasons;

/** kind → condition types that its schema allows. */
const declared = Object.fromEntries(
  kinds.flatMap((kind) => {
    const { status, spec } = objectSchema(kind).properties ?? {};
    // An inventory is written whole: what is observed about it is in its spec.
    const conditions = (status ?? spec)?.properties?.['conditions'];
    const types = conditions?.items?.properties?.['type']?.enum;
    return types === undefined ? [] : [[kind.resource.kind, types] as const];
  }),
);

describe('the closed list of reasons', () => {
  test('covers every condition of every kind, and no other', () => {
    const listed = Object.entries(closed).map(([kind, types]) => [kind, Object.keys(types).sort()]);
    const wanted = Object.entries(declared).map(([kind, types]) => [kind, [...types].sort()]);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(wanted));
  });

  const all = Object.entries(closed).flatMap(([kind, types]) =>
    Object.entries(types).flatMap(([condition, meanings]) =>
      Object.entries(meanings).map(([reason, meaning]) => ({
        at: `${kind} ${condition} ${reason}`,
        reason,
        meaning,
      })),
    ),
  );

  test('writes reasons as one CamelCase word', () => {
    expect(all.filter(({ reason }) => !/^[A-Z][A-Za-z]{1,63}$/.test(reason))).toEqual([]);
  });

  test('gives each a meaning in one sentence', () => {
    expect(all.filter(({ meaning }) => !/^([A-Z]|[a-z]+[A-Z.]).{8,}\.$/.test(meaning))).toEqual([]);
  });
});
