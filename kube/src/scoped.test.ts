import { expect, test } from '@jest/globals';
import { scoped } from './scoped.ts';

class Bell {
  readonly #listeners = new Set<() => void>();
  #rung = 0;
  get rung(): number {
    return this.#rung;
  }
  get count(): number {
    return this.#listeners.size;
  }
  ring(): void {
    this.#rung++;
    for (const listener of this.#listeners) listener();
  }
  onRing(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

test('what was subscribed to ends with the signal, and the object itself goes on', () => {
  const bell = new Bell();
  const term = new AbortController();
  let heard = 0;
  const own = scoped(bell, term.signal, 'onRing');
  own.onRing(() => heard++);
  own.ring();
  expect([heard, own.rung, bell.count]).toEqual([1, 1, 1]);
  term.abort();
  bell.ring();
  expect([heard, own.rung, bell.count]).toEqual([1, 2, 0]);
});

test('a subscription can be ended before, and none begins after', () => {
  const bell = new Bell();
  const term = new AbortController();
  const own = scoped(bell, term.signal, 'onRing');
  const stop = own.onRing(() => undefined);
  stop();
  expect(bell.count).toBe(0);
  term.abort();
  own.onRing(() => undefined);
  expect(bell.count).toBe(0);
});
