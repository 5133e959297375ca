import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ApiError, ConnectionError } from './apiError.ts';
import { backoffMs, createBackoff } from './backoff.ts';
import { configMaps, jobs, namespaces } from './builtins.ts';
import { describeError, GridleaseError, retryOf, TerminalError } from './errors.ts';
import { Heap } from './heap.ts';
import { sameJson } from './json.ts';
import { derivedName } from './names.ts';
import { objectKey, parseKey, refKey } from './object.ts';
import { outcomeOfError, ReconcileTimeoutError } from './outcome.ts';
import { collectionPath, objectPath } from './paths.ts';
import { endOfClosedWatch, endOfFailedWatch } from './reflector.ts';
import { pauseFor } from './request.ts';
import { selectorMatcher } from './selector.ts';
import { renewalDelayMs, tokenLife } from './tokenSource.ts';
import { SilentWatchError, UnreadableWatchError } from './watchStream.ts';

function anApiError(status: number, reason = '', retryAfterSeconds?: number): ApiError {
  const body = JSON.stringify({ kind: 'Status', reason, message: 'because' });
  return new ApiError({ method: 'PUT', path: '/x', status, body, retryAfterSeconds });
}

test('a key names its object and can be read back', () => {
  for (const ref of [{ name: 'a' }, { namespace: 'n', name: 'a' }]) {
    expect(parseKey(refKey(ref))).toEqual(ref);
    expect(objectKey({ metadata: ref })).toBe(refKey(ref));
  }
});

describe('paths', () => {
  test.each([
    [
      'core',
      objectPath(configMaps, { namespace: 'n', name: 'a' }),
      '/api/v1/namespaces/n/configmaps/a',
    ],
    ['grouped', collectionPath(jobs, 'n'), '/apis/batch/v1/namespaces/n/jobs'],
    ['all namespaces', collectionPath(jobs), '/apis/batch/v1/jobs'],
    [
      'cluster-wide',
      objectPath(namespaces, { name: 'n' }, 'status'),
      '/api/v1/namespaces/n/status',
    ],
    ['a hostile name', objectPath(namespaces, { name: '../x' }), '/api/v1/namespaces/..%2Fx'],
  ])('%s', (_, path, wanted) => expect(path).toBe(wanted));

  test('never address a collection where one object was meant', () => {
    expect(() => objectPath(namespaces, { name: '' })).toThrow('needs a name');
    expect(() => objectPath(configMaps, { name: 'a' })).toThrow('needs a namespace');
  });
});

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

describe('backoff', () => {
  test('grows to its maximum and no further, and jitter only shortens it', () => {
    const options = { baseMs: 800, maxMs: 30_000 };
    expect([0, 1, 5, 6, 2_000].map((n) => backoffMs(n, options))).toEqual([
      800, 1_600, 25_600, 30_000, 30_000,
    ]);
    expect(backoffMs(0, { ...options, jitter: 0.5, random: () => 0.5 })).toBe(600);
  });

  test('starts over after a success', () => {
    const backoff = createBackoff({ baseMs: 1, maxMs: 10 });
    expect([backoff.next(), backoff.next()]).toEqual([1, 2]);
    backoff.reset();
    expect(backoff.next()).toBe(1);
  });
});

describe('a derived name', () => {
  test('is the same for the same parts and differs where the parts differ', () => {
    expect(derivedName('lease', 'uid', 0, 1)).toBe(derivedName('lease', 'uid', 0, 1));
    expect(derivedName('lease', 'a', 'bc')).not.toBe(derivedName('lease', 'ab', 'c'));
  });

  test('stays the same in the next release: objects in clusters carry it', () => {
    expect(derivedName('lease', 'uid', 0, 1n)).toMatchInlineSnapshot(
      `"lease-dua6psnasdiglinsutkpjcu4"`,
    );
  });

  test('is a DNS label whatever the prefix', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (prefix, part) => {
        const name = derivedName(prefix, part);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(name).toMatch(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);
      }),
    );
  });
});

test.each([
  ['order of members', { a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, true],
  ['undefined as absent', { a: 1, b: undefined }, { a: 1 }, true],
  ['absent against null', { a: null }, {}, false],
  ['order of items', [1, 2], [2, 1], false],
  ['an array against an object', [], {}, false],
  ['a missing member', { a: 1 }, { a: 1, b: 2 }, false],
])('sameJson: %s', (_, a, b, wanted) => {
  expect(sameJson(a, b)).toBe(wanted);
  expect(sameJson(b, a)).toBe(wanted);
});

test('sameJson agrees with what JSON writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(sameJson(a, JSON.parse(JSON.stringify(a)))).toBe(true);
      if (JSON.stringify(a) === JSON.stringify(b)) expect(sameJson(a, b)).toBe(true);
    }),
  );
});

test.each([
  ['no selector', {}, true],
  ['equal labels', { labelSelector: 'a=1, b == 2' }, true],
  ['another value', { labelSelector: 'a=2' }, false],
  ['an expression', { labelSelector: 'a in (1,2)' }, undefined],
  ['a negation', { labelSelector: 'a!=2' }, undefined],
  ['a field', { fieldSelector: 'metadata.name=x' }, undefined],
])('a selection with %s is decided here only when that is certain', (_, selector, wanted) => {
  const object = {
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'x', labels: { a: '1', b: '2' } },
  };
  expect(selectorMatcher(selector)(object)).toBe(wanted);
});

test('a heap gives back what it was given in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = new Heap<number>((a, b) => a < b);
      for (const number of numbers) heap.push(number);
      expect(Array.from(numbers, () => heap.pop())).toEqual(numbers.toSorted((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

describe('a token', () => {
  const claims = (value: unknown) =>
    `e30.${Buffer.from(JSON.stringify(value)).toString('base64url')}.sig`;
  const hour = { issuedAtMs: 0, expiresAtMs: 3_600_000 };

  test('is read for its life, and nothing else is taken for one', () => {
    expect(tokenLife(claims({ iat: 0, exp: 3600 }))).toEqual(hour);
    for (const token of ['', 'static', 'a.b.c', claims({ exp: 'soon' })]) {
      expect(tokenLife(token)).toBeUndefined();
    }
  });

  test.each([
    ['at 70 % at the earliest', 0, 0, 2_520_000],
    ['before 80 %', 0, 0.999, 2_879_640],
    ['at once when that is past', 3_000_000, 0.5, 0],
  ])('is renewed %s', (_, now, random, wanted) => {
    expect(renewalDelayMs(hour, now, random)).toBeCloseTo(wanted);
  });

  test('of unknown life is renewed at once', () => expect(renewalDelayMs(undefined, 0, 0)).toBe(0));
});
