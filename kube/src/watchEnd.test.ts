import { describe, expect, test } from '@jest/globals';
import { ConnectionError } from './apiError.ts';
import { anApiError } from './testing/anApiError.ts';
import { endOfClosedWatch, endOfFailedWatch, pauseAfter } from './watchEnd.ts';
import { SilentWatchError, UnreadableWatchError } from './watchStream.ts';

describe('the end of a watch', () => {
  const opened = (delivered: number) => ({ openedAt: 0, delivered });
  const never = { openedAt: undefined, delivered: 0 };
  test.each([
    ['orderly after events', endOfClosedWatch(opened(3), 5), 'clean', false],
    ['orderly after a quiet while', endOfClosedWatch(opened(0), 300_000), 'clean', false],
    ['closed at once without a word', endOfClosedWatch(opened(0), 5), 'empty', true],
    ['cut after events', endOfFailedWatch(new ConnectionError('x'), opened(1)), 'cut', false],
    ['cut before any event', endOfFailedWatch(new ConnectionError('x'), opened(0)), 'cut', true],
    ['never opened', endOfFailedWatch(new ConnectionError('x'), never), 'unreachable', false],
    [
      'silent after events',
      endOfFailedWatch(new SilentWatchError('x'), opened(1)),
      'silent',
      false,
    ],
    [
      'silent from the start',
      endOfFailedWatch(new SilentWatchError('x'), opened(0)),
      'silent',
      true,
    ],
    ['too old', endOfFailedWatch(anApiError(410, 'Expired'), never), 'expired', true],
    ['busy', endOfFailedWatch(anApiError(429), never), 'error', false],
    ['forbidden', endOfFailedWatch(anApiError(403), never), 'error', true],
    ['unreadable', endOfFailedWatch(new UnreadableWatchError('x'), opened(5)), 'error', true],
  ])('%s', (_, end, reason, relist) => expect(end).toMatchObject({ reason, relist }));
});

describe('the pause after a watch', () => {
  test.each([
    ['none after an orderly end', 'clean', undefined, 0],
    ['the back-off after an error', 'error', undefined, 25_000],
    ['what the server asked for, if that is longer', 'error', 40_000, 40_000],
    ['ten seconds at most while nobody answers, to be back soon', 'unreachable', undefined, 10_000],
  ] as const)('is %s', (_name, reason, afterMs, pauseMs) => {
    const end = { reason, relist: false, ...(afterMs === undefined ? {} : { afterMs }) };
    expect(pauseAfter(end, () => 25_000)).toBe(pauseMs);
  });
});
