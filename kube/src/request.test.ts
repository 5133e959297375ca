import { describe, expect, test } from '@jest/globals';
import { ConnectionError } from './apiError.ts';
import { pauseFor } from './request.ts';
import { anApiError } from './testing/anApiError.ts';

describe('a request is repeated only where that is safe', () => {
  test.each([
    ['GET after a lost connection', 'GET', new ConnectionError('x'), true],
    ['PUT after a lost connection', 'PUT', new ConnectionError('x'), false],
    ['GET after 500', 'GET', anApiError(500), true],
    ['PUT after 500', 'PUT', anApiError(500), false],
    ['POST after 429', 'POST', anApiError(429), true],
    ['POST after 503 that says when', 'POST', anApiError(503, '', 1), true],
    ['POST after 503 that does not', 'POST', anApiError(503), false],
    ['GET after 404', 'GET', anApiError(404), false],
  ] as const)('%s', (_, method, error, wanted) => {
    expect(pauseFor(method, error, 0) !== undefined).toBe(wanted);
  });

  test('and not before the server said', () => {
    expect(pauseFor('GET', anApiError(429, '', 2), 0)).toBe(2_000);
  });
});
