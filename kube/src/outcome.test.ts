import { describe, expect, test } from '@jest/globals';
import { GridleaseError, TerminalError } from './errors.ts';
import { outcomeOfError, ReconcileTimeoutError } from './outcome.ts';
import { anApiError } from './testing/anApiError.ts';

describe('the outcome of a failed reconcile', () => {
  test.each([
    ['a lost race', anApiError(409, 'Conflict'), { type: 'retry', cause: 'conflict' }],
    ['its time limit', new ReconcileTimeoutError('x'), { type: 'retry', cause: 'timeout' }],
    ['a programming error', new TypeError('x'), { type: 'retry', cause: 'panic' }],
    ['a terminal error', new TerminalError('x'), { type: 'terminal' }],
    ['a time to wait', new GridleaseError('x', { retry: { afterSeconds: 3 } }), { afterMs: 3_000 }],
    ['anything else', 'a string', { type: 'retry', cause: 'error' }],
  ])('%s', (_, error, wanted) => expect(outcomeOfError(error)).toMatchObject(wanted));
});
