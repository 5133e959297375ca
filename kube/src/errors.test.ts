import { describe, expect, test } from '@jest/globals';
import { ApiError } from './apiError.ts';
import { describeError, GridleaseError, retryOf, TerminalError } from './errors.ts';
import { anApiError } from './testing/anApiError.ts';

describe('an error says what to do next', () => {
  test.each([
    ['an unknown error is retried', new Error('x'), 'backoff'],
    ['a terminal error is not', new TerminalError('x'), 'never'],
    ['an invalid object is not', anApiError(422, 'Invalid'), 'never'],
    ['missing rights may come', anApiError(403, 'Forbidden'), 'backoff'],
    ['a busy server says when', anApiError(429, 'TooManyRequests', 7), { afterSeconds: 7 }],
  ])('%s', (_, error, wanted) => expect(retryOf(error)).toEqual(wanted));

  test('and its causes can be walked', () => {
    const root = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const error = new GridleaseError('outer', { cause: new Error('middle', { cause: root }) });
    expect(error.walk((each) => each === root)).toBe(root);
    expect(describeError(error.cause)).toBe('middle (ECONNREFUSED: refused)');
  });

  test('also when a proxy answered in HTML', () => {
    const error = new ApiError({
      method: 'GET',
      path: '/x',
      status: 502,
      body: '<html>bad</html>',
    });
    expect(error.message).toBe('GET /x: 502  <html>bad</html>');
    expect(error.causes).toEqual([]);
  });

  test('a name that is taken is no conflict', () => {
    expect(anApiError(409, 'AlreadyExists').isConflict).toBe(false);
    expect(anApiError(409, 'Conflict').isConflict).toBe(true);
  });
});
