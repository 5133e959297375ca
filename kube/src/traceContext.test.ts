import { describe, expect, test } from '@jest/globals';
import {
  derivedSpanId,
  derivedTraceId,
  formatTraceparent,
  isSampled,
  parseTraceparent,
  randomTraceId,
} from './traceContext.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

describe('a traceparent', () => {
  test.each([
    ['sampled', `00-${traceId}-${spanId}-01`, true],
    ['not sampled', `00-${traceId}-${spanId}-00`, false],
    ['with flags that are not known yet', `00-${traceId}-${spanId}-03`, true],
    ['with other flags alone', `00-${traceId}-${spanId}-fe`, false],
  ])('is read: %s', (_, text, sampled) => {
    expect(parseTraceparent(text)).toEqual({ traceId, spanId, sampled });
  });

  test.each([
    ['nothing', undefined],
    ['no text', 7],
    ['an empty text', ''],
    ['another version', `01-${traceId}-${spanId}-01`],
    ['the forbidden version', `ff-${traceId}-${spanId}-01`],
    ['something behind it', `00-${traceId}-${spanId}-01-more`],
    ['a line break', `00-${traceId}-${spanId}-01\n`],
    ['a space', ` 00-${traceId}-${spanId}-01`],
    ['capitals', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['a span of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['a short trace', `00-${traceId.slice(1)}-${spanId}-01`],
    ['letters beyond f', `00-${traceId.replace('a', 'g')}-${spanId}-01`],
    ['a megabyte', `00-${traceId}-${spanId}-01`.repeat(20_000)],
  ])('is not read: %s', (_, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });

  test('is written as it is read', () => {
    const context = { traceId, spanId, sampled: true };
    expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
    expect(formatTraceparent({ ...context, sampled: false })).toMatch(/-00$/);
  });
});

describe('a derived id', () => {
  test('stays the same in all versions: programs of different ones meet in a trace', () => {
    expect(derivedTraceId('job', '0xab', 'uid')).toBe('91d86dd473182af7fc57316b4c7636a9');
    expect(derivedSpanId(traceId, 'lease', 7)).toBe('2fcf3ca2c614bb3c');
  });

  test('depends on each part and on where it begins', () => {
    const ids = [
      derivedTraceId('job', 'a', 'b'),
      derivedTraceId('job', 'ab', ''),
      derivedTraceId('job', 'b', 'a'),
      derivedTraceId('job', 'a'),
      derivedTraceId('job', 'a', 1),
      derivedTraceId('job', 'a', '1'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('sampling', () => {
  const ids = Array.from({ length: 4_000 }, randomTraceId);
  const kept = (ratio: number) => ids.filter((id) => isSampled(id, ratio));

  test('keeps all, none, or about as many as asked', () => {
    expect(kept(1)).toHaveLength(ids.length);
    expect(kept(0)).toHaveLength(0);
    expect(kept(0.25).length / ids.length).toBeCloseTo(0.25, 1);
  });

  test('keeps with a larger ratio what it keeps with a smaller one', () => {
    const more = new Set(kept(0.5));
    expect(kept(0.1).every((id) => more.has(id))).toBe(true);
  });
});
