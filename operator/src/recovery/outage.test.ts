import { expect, test } from '@jest/globals';
import { followOutage, type HeardProvider, outageOf } from './outage.ts';

const limits = { unreachableMs: 40_000, heardWithinMs: 900_000 };

const heard = (name: string): HeardProvider => ({ name, silentMs: 5_000, heardAgoMs: 5_000 });
const silent = (name: string, seconds: number): HeardProvider => ({
  name,
  silentMs: seconds * 1_000,
  heardAgoMs: seconds * 1_000,
});

test.each<[string, readonly HeardProvider[], string | undefined]>([
  ['nobody', [], undefined],
  ['all that are heard', [heard('a'), heard('b')], undefined],
  ['one of one: it may as well be the provider', [silent('a', 60)], undefined],
  ['one of two', [silent('a', 60), heard('b')], undefined],
  ['one of three', [silent('a', 60), heard('b'), heard('c')], undefined],
  ['two of two', [silent('a', 60), silent('b', 41)], '2 of 2'],
  ['two of three', [silent('a', 60), silent('b', 60), heard('c')], '2 of 3'],
  [
    'two of four: no more than half',
    [silent('a', 60), silent('b', 60), heard('c'), heard('d')],
    undefined,
  ],
  ['two that were heard a moment before the limit', [silent('a', 40), silent('b', 40)], undefined],
  [
    'three of three, for hours: there is nowhere to go',
    [silent('a', 9_999), silent('b', 9_999), silent('c', 9_999)],
    '3 of 3',
  ],
  [
    'two of three, for longer than counts as one outage',
    [silent('a', 901), silent('b', 901), heard('c')],
    undefined,
  ],
  [
    'one beside one that is gone for days',
    [silent('a', 60), silent('b', 99_999), heard('c')],
    undefined,
  ],
  [
    'two of three beside some that are gone for days',
    [silent('a', 60), silent('b', 60), heard('c'), silent('d', 99_999), silent('e', 99_999)],
    '2 of 3',
  ],
])('of %s', (_, providers, figures) => {
  const outage = outageOf(providers, limits);
  expect(outage === undefined ? undefined : `${outage.silent} of ${outage.of}`).toBe(figures);
});

test('a program that has just begun to listen counts by when the others were heard before', () => {
  const left = (name: string, heardAgoMs: number) => ({ name, silentMs: 50_000, heardAgoMs });
  expect(outageOf([left('a', 60_000), left('b', 9_999_999), heard('c')], limits)).toBeUndefined();
  expect(outageOf([left('a', 60_000), left('b', 60_000), heard('c')], limits)).toBeDefined();
});

test('the last ones to come back from an outage get as long to be heard as silence takes to count', () => {
  const outage = { silent: 2, of: 3 };
  const limits = { unreachableMs: 40_000 };
  const during = followOutage(undefined, outage, 100_000, limits);
  const after = followOutage(during, undefined, 139_999, limits);
  expect([during?.outage, after?.outage]).toEqual([outage, outage]);
  expect(followOutage(after, undefined, 140_000, limits)).toBeUndefined();
  expect(followOutage(undefined, undefined, 100_000, limits)).toBeUndefined();
});
