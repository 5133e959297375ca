import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import type { ElectionLease } from './leaderDecide.ts';
import { type LeaderLease, type LeaderLeaseOptions, leaderLease } from './leaderLease.ts';
import { type ManualClock, manualClock } from './manualClock.ts';
import type { Term } from './term.ts';
import { anApiError } from './testing/anApiError.ts';

/** Lets everything run that waits for nothing but other promises. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** How one request fares: how long each way takes, and whether it or its answer gets lost. */
type Fate = { readonly thereMs: number; readonly backMs: number; readonly lost?: 'there' | 'back' };
const smooth: Fate = { thereMs: 1, backMs: 1 };

/** One Lease behind a network that is as slow and lossy as it is told to be. */
function aServer(clock: ManualClock, fate: (contender: string) => Fate) {
  let version = 0;
  let stored: ElectionLease | undefined;
  const put = (lease: ElectionLease): ElectionLease => {
    const metadata = { ...lease.metadata, uid: 'u', resourceVersion: String(++version) };
    stored = { ...lease, metadata };
    return stored;
  };
  const clientFor = (contender: string): LeaderLeaseOptions['client'] => {
    const call = <R>(act: () => R, signal: AbortSignal | undefined): Promise<R> =>
      new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        const { thereMs, backMs, lost } = fate(contender);
        if (lost === 'there') return;
        clock.after(thereMs, () => {
          let answer = (): void => undefined;
          try {
            const result = act();
            answer = () => resolve(result);
          } catch (error) {
            answer = () => reject(error as Error);
          }
          if (lost !== 'back') clock.after(backMs, answer);
        });
      });
    return {
      cluster: { registry: new Registry() } as LeaderLeaseOptions['client']['cluster'],
      find: (_ref, options) => call(() => stored, options?.signal),
      create: (lease, options) =>
        call(() => {
          if (stored !== undefined) throw anApiError(409, 'AlreadyExists');
          return put(lease);
        }, options?.signal),
      replace: (lease, options) =>
        call(() => {
          if (stored === undefined) throw anApiError(404, 'NotFound');
          if (lease.metadata.resourceVersion !== stored.metadata.resourceVersion) {
            throw anApiError(409, 'Conflict');
          }
          return put(lease);
        }, options?.signal),
    };
  };
  return {
    clientFor,
    get stored() {
      return stored;
    },
    remove: () => {
      stored = undefined;
    },
  };
}

/** The same time, but running faster or slower and with another beginning. */
function skewed(clock: ManualClock, rate: number, offsetMs: number) {
  return {
    now: () => new Date(clock.monotonicMs() * rate + offsetMs),
    monotonicMs: () => clock.monotonicMs() * rate + offsetMs,
    after: (ms: number, callback: () => void) => clock.after(ms / rate, callback),
  };
}

type Contender = {
  readonly lease: LeaderLease;
  readonly stop: AbortController;
  readonly done: Promise<void>;
  terms: number;
  term: Term | undefined;
};

function contend(options: LeaderLeaseOptions): Contender {
  const stop = new AbortController();
  const lease = leaderLease(options);
  const contender: { -readonly [K in keyof Contender]: Contender[K] } = {
    lease,
    stop,
    done: Promise.resolve(),
    terms: 0,
    term: undefined,
  };
  contender.done = lease.run(async (term) => {
    contender.terms++;
    contender.term = term;
    await new Promise<void>((resolve) => {
      term.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }, stop.signal);
  return contender;
}

function aPair(fate: (contender: string) => Fate = () => smooth) {
  const clock = manualClock();
  const server = aServer(clock, fate);
  const one = (replicaName: string): Contender =>
    contend({
      client: server.clientFor(replicaName),
      namespace: 'n',
      name: 'leader',
      replicaName,
      clock,
      timers: clock,
      random: () => 0,
    });
  const run = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 100) {
      await settle();
      clock.advance(100);
    }
    await settle();
  };
  return { clock, server, one, run };
}

describe('one of two leads', () => {
  test('the first one, for as long as it renews', async () => {
    const { one, run } = aPair();
    const a = one('a');
    await run(200);
    const b = one('b');
    await run(60_000);
    expect([a.lease.isLeading, b.lease.isLeading]).toEqual([true, false]);
    expect([a.terms, b.terms, b.lease.holder]).toEqual([1, 0, a.lease.identity]);
  });

  test('the other within a look after an orderly end', async () => {
    const { one, run } = aPair();
    const a = one('a');
    await run(200);
    const b = one('b');
    await run(5_000);
    a.stop.abort();
    await run(2_100);
    await a.done;
    expect(b.lease.isLeading).toBe(true);
  });

  test('a leader that is cut off stops before another begins, and follows when it is back', async () => {
    let isCut = false;
    const { one, run, clock } = aPair((name) =>
      name === 'a' && isCut ? { ...smooth, lost: 'there' } : smooth,
    );
    const a = one('a');
    await run(200);
    const b = one('b');
    await run(5_000);
    isCut = true;
    const cutMs = clock.monotonicMs();
    for (; a.lease.isLeading; await run(100)) expect(b.lease.isLeading).toBe(false);
    expect(clock.monotonicMs() - cutMs).toBeLessThanOrEqual(9_200);
    for (; !b.lease.isLeading; await run(100)) expect(a.lease.isLeading).toBe(false);
    expect(clock.monotonicMs() - cutMs).toBeLessThanOrEqual(15_000);
    isCut = false;
    await run(10_000);
    expect([a.lease.isLeading, b.lease.isLeading, a.terms]).toEqual([false, true, 1]);
  });

  test('alone and cut off for a minute, it begins a new term when it is back', async () => {
    let isCut = false;
    const { one, run } = aPair(() => (isCut ? { ...smooth, lost: 'there' } : smooth));
    const a = one('a');
    await run(5_000);
    isCut = true;
    await run(60_000);
    expect(a.lease.isLeading).toBe(false);
    isCut = false;
    await run(5_100);
    expect([a.lease.isLeading, a.terms]).toEqual([true, 2]);
  });

  test('renewals whose answers are lost are found again by reading', async () => {
    let lost = 0;
    const { one, run } = aPair(() => (lost-- > 0 ? { ...smooth, lost: 'back' } : smooth));
    const a = one('a');
    await run(2_500);
    lost = 1;
    await run(30_000);
    expect([a.lease.isLeading, a.terms]).toEqual([true, 1]);
  });

  test('a restarted replica takes up its own lease at once, but not from one that lives', async () => {
    const { one, run } = aPair();
    const before = one('a');
    await run(5_000);
    const after = one('a');
    await run(500);
    expect(after.lease.isLeading).toBe(true);
    await run(60_000);
    // Two by one name are a mistake; they must not take it from each other for ever.
    expect([before.lease.isLeading, before.terms, after.terms]).toEqual([false, 1, 1]);
  });

  test('a lease that is deleted costs a term, not the peace', async () => {
    const { one, run, server } = aPair();
    const a = one('a');
    await run(200);
    const b = one('b');
    await run(5_000);
    server.remove();
    await run(5_000);
    expect([a.lease.isLeading, b.lease.isLeading, a.terms]).toEqual([true, false, 2]);
  });
});

test('no two lead at once, whatever the network loses and however far the clocks are apart', async () => {
  const fate = fc.record({
    thereMs: fc.integer({ min: 1, max: 900 }),
    backMs: fc.integer({ min: 1, max: 900 }),
    lost: fc.constantFrom(undefined, undefined, undefined, 'there' as const, 'back' as const),
  });
  const rate = fc.double({ min: 0.9, max: 1.1, noNaN: true });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fate, { minLength: 300, maxLength: 300 }),
      fc.tuple(rate, rate, rate),
      fc.array(fc.tuple(fc.nat(2), fc.nat(3)), { minLength: 8, maxLength: 8 }),
      async (fates, rates, mishaps) => {
        const clock = manualClock();
        let isCalm = false;
        let next = 0;
        let cut = 0;
        const server = aServer(clock, (contender) => {
          if (isCalm) return smooth;
          const { lost, ...delays } = fates[next++ % fates.length]!;
          if (contender === `${cut}`) return { ...delays, lost: 'there' };
          return { ...delays, ...(lost === undefined ? {} : { lost }) };
        });
        const begin = (index: number, life: number): Contender => {
          const own = skewed(clock, rates[index]!, index * 1_000_000);
          const client = server.clientFor(`${index}`);
          const names = { namespace: 'n', name: 'leader', replicaName: `${index}-${life}` };
          return contend({ client, ...names, clock: own, timers: own, random: () => 0.5 });
        };
        const contenders = [0, 1, 2].map((index) => begin(index, 0));
        const all = [...contenders];
        const leading = () => all.filter(({ lease }) => lease.isLeading).length;
        const run = async (steps: number): Promise<void> => {
          for (let step = 0; step < steps; step++) {
            clock.advance(250);
            await settle();
            expect(leading()).toBeLessThanOrEqual(1);
          }
        };
        for (const [life, [index, cutOff]] of mishaps.entries()) {
          await run(40);
          // The one that leads now, or another, or none.
          cut = cutOff === 3 ? contenders.findIndex(({ lease }) => lease.isLeading) : cutOff;
          await run(40);
          cut = -1;
          // Without a farewell when its time comes late: what it has under way stays under way.
          contenders[index]!.stop.abort();
          contenders[index] = begin(index, life + 1);
          all.push(contenders[index]!);
        }
        isCalm = true;
        await run(80);
        expect(leading()).toBe(1);
        for (const { stop } of all) stop.abort();
        await run(80);
        await Promise.all(all.map(({ done }) => done));
      },
    ),
    { numRuns: 15, endOnFailure: true },
  );
}, 60_000);
