import { describe, expect, test } from '@jest/globals';
import {
  fromKubeTime,
  getCondition,
  isTrue,
  setCondition,
  toKubeTime,
  toMicroTime,
} from './conditions.ts';
import type { Condition } from './object.ts';

const earlier = new Date('2026-11-22T06:00:00.123Z');
const later = new Date('2026-11-22T07:00:00.456Z');
const accepted: Condition = {
  type: 'Accepted',
  status: 'True',
  reason: 'WithinCapacity',
  message: 'ok',
  lastTransitionTime: toKubeTime(earlier),
  observedGeneration: 1,
};

describe('setCondition', () => {
  test.each([
    ['keeps the time while the status stays', { status: 'True', reason: 'Renewed' }, earlier],
    ['moves the time when the status changes', { status: 'False', reason: 'Full' }, later],
    ['counts Unknown as a change', { status: 'Unknown', reason: 'Unreachable' }, later],
  ] as const)('%s', (_, update, wantTime) => {
    const [next] = setCondition([accepted], { type: 'Accepted', message: 'ok', ...update }, later);
    expect(next).toMatchObject({ ...update, lastTransitionTime: toKubeTime(wantTime) });
  });

  test('returns the same list when nothing changes', () => {
    const list = [accepted];
    const { lastTransitionTime: _, ...same } = accepted;
    expect(setCondition(list, same, later)).toBe(list);
  });

  test('appends a new condition and leaves the others where they are', () => {
    const list = setCondition([accepted], { ...accepted, type: 'Funded' }, later);
    expect(list.map(({ type }) => type)).toEqual(['Accepted', 'Funded']);
    const again = setCondition(list, { ...accepted, status: 'False' }, later);
    expect(again.map(({ type }) => type)).toEqual(['Accepted', 'Funded']);
    expect(list[0]).toBe(accepted);
  });

  test('keeps the observed generation unless a new one is given', () => {
    const update = { type: 'Accepted', status: 'False', reason: 'Full', message: '' } as const;
    expect(setCondition([accepted], update, later)[0]?.observedGeneration).toBe(1);
    const [next] = setCondition([accepted], { ...update, observedGeneration: 2 }, later);
    expect(next?.observedGeneration).toBe(2);
  });

  test('starts a list where there is none', () => {
    expect(setCondition(undefined, accepted, later)).toHaveLength(1);
  });
});

test('an absent, False or Unknown condition is not true', () => {
  expect(isTrue(undefined, 'Accepted')).toBe(false);
  expect(isTrue([{ ...accepted, status: 'Unknown' }], 'Accepted')).toBe(false);
  expect(isTrue([accepted], 'Accepted')).toBe(true);
  expect(getCondition([accepted], 'Funded')).toBeUndefined();
});

test('times have the digits that the API server stores', () => {
  expect(toKubeTime(earlier)).toBe('2026-11-22T06:00:00Z');
  expect(toMicroTime(earlier)).toBe('2026-11-22T06:00:00.123000Z');
});

test.each([
  ['2026-01-01T00:00:10Z', Date.UTC(2026, 0, 1, 0, 0, 10)],
  ['2026-01-01T00:00:10.500000Z', Date.UTC(2026, 0, 1, 0, 0, 10, 500)],
  ['1970-01-01T00:00:00Z', undefined],
  ['soon', undefined],
  [null, undefined],
  [undefined, undefined],
])('the time %s is %s in milliseconds', (text, expected) => {
  expect(fromKubeTime(text)).toBe(expected);
});
