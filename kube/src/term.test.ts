import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import type { Cluster } from './cluster.ts';
import { manualClock } from './manualClock.ts';
import type { ApiRequest } from './request.ts';
import { createTerm, TermOverError, termCluster } from './term.ts';

const parent = new AbortController();

function aTerm() {
  const clock = manualClock();
  const term = createTerm({ untilMs: 6_000, signal: parent.signal, clock, timers: clock });
  return { clock, term };
}

function aCluster(sent: ApiRequest[]): Cluster {
  return {
    name: 'hub',
    server: 'https://hub',
    registry: new Registry(),
    request: <R>(request: ApiRequest): Promise<R> => {
      sent.push(request);
      return new Promise((_, reject) => {
        request.signal?.addEventListener('abort', () => reject(request.signal?.reason));
      });
    },
    watch: () => Promise.reject(new Error('not asked for')),
    stream: () => Promise.reject(new Error('not asked for')),
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

test('a term ends at its time, unless it is extended before', () => {
  const { clock, term } = aTerm();
  clock.advance(5_999);
  term.extend(8_000);
  clock.advance(2_000);
  expect(term.isCurrent()).toBe(true);
  clock.advance(1);
  expect(term.isCurrent()).toBe(false);
  expect(term.signal.reason).toBeInstanceOf(TermOverError);
  term.extend(100_000);
  expect(term.isCurrent()).toBe(false);
});

test('it is over at its time also when no timer has fired yet', () => {
  let nowMs = 0;
  const clock = { now: () => new Date(), monotonicMs: () => nowMs };
  const timers = { after: () => () => undefined };
  const term = createTerm({ untilMs: 6_000, signal: parent.signal, clock, timers });
  nowMs = 60_000;
  expect([term.isCurrent(), term.signal.aborted]).toEqual([false, true]);
});

test('nothing is sent once the term is over, and what is under way is given up', async () => {
  const { clock, term } = aTerm();
  const sent: ApiRequest[] = [];
  const cluster = termCluster(aCluster(sent), term);
  const underway = cluster.request({ method: 'PUT', path: '/a' });
  clock.advance(6_000);
  await expect(underway).rejects.toBeInstanceOf(TermOverError);
  await expect(cluster.request({ method: 'PUT', path: '/b' })).rejects.toBeInstanceOf(
    TermOverError,
  );
  expect(sent.map(({ path }) => path)).toEqual(['/a']);
});
