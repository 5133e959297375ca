import { expect, test } from '@jest/globals';
import { abortable, delay, linkedAbort, TimeoutError } from './abort.ts';

test('a linked signal follows its parent with the same reason', () => {
  const parent = new AbortController();
  using linked = linkedAbort([undefined, parent.signal]);
  const reason = new Error('stop');
  parent.abort(reason);
  expect(linked.signal.reason).toBe(reason);
});

test('a parent that aborted before aborts at once', () => {
  using linked = linkedAbort([AbortSignal.abort('gone')]);
  expect(linked.signal.reason).toBe('gone');
});

test('a disposed link no longer follows its parent', () => {
  const parent = new AbortController();
  const linked = linkedAbort([parent.signal], 1);
  linked[Symbol.dispose]();
  parent.abort();
  expect(linked.signal.aborted).toBe(false);
});

test('a limit aborts with an error that names what took too long', async () => {
  using linked = linkedAbort([], 1, 'Listing pods');
  await expect(delay(60_000, linked.signal)).rejects.toThrow(
    new TimeoutError('Listing pods took longer than 1 ms'),
  );
});

test('waiting for a promise ends with the signal, and with the promise', async () => {
  const stop = new AbortController();
  const waiting = abortable(new Promise(() => undefined), stop.signal);
  stop.abort(new Error('stop'));
  await expect(waiting).rejects.toThrow('stop');
  await expect(abortable(Promise.resolve(1), new AbortController().signal)).resolves.toBe(1);
});
