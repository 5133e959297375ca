import { processorTime } from '@gridlease/kube/testing/processorTime';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aJob, aLease, anAccount } from '../testing/builders.ts';
import { factsOf, type Place } from '../testing/placement.ts';
import { freeGpus } from './capacity.ts';
import { decide } from './decide.ts';
import type { PlacementFacts } from './facts.ts';

const names = ['alpha', 'bravo', 'charlie', 'delta', 'echo'] as const;
const products = ['H100-80GB-HBM3', 'L40S'] as const;

const place = (name: string): fc.Arbitrary<Place> =>
  fc
    .record({
      cents: fc.integer({ min: 1, max: 500 }),
      product: fc.constantFrom(...products),
      nodeFree: fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 4 }),
      used: fc.integer({ min: 0, max: 8 }),
      maxGPUs: fc.integer({ min: 1, max: 32 }),
      minGPUs: fc.integer({ min: 1, max: 4 }),
      maxDurationSeconds: fc.constantFrom(0, 0, 8_000, 100_000),
      suspended: fc.constantFrom(false, false, false, true),
    })
    .map(({ cents, product, nodeFree, used, suspended, ...offer }) => ({
      name,
      price: (cents / 100).toFixed(2),
      offer: { product, ...offer },
      provider: { suspended },
      pools: [{ nodeFree, used }],
    }));

const situation = fc.record({
  places: fc.tuple(...names.map(place)).map((all) => [...all]),
  completions: fc.integer({ min: 1, max: 60 }),
  parallelism: fc.integer({ min: 1, max: 60 }),
  count: fc.integer({ min: 1, max: 4 }),
  share: fc.constantFrom(100, 100, 60, 30),
  locality: fc.constantFrom('Any' as const, 'Any' as const, 'SameProvider' as const),
  maxTotal: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
  held: fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 3 }),
});

type Drawn = typeof situation extends fc.Arbitrary<infer T> ? T : never;

function factsFrom(drawn: Drawn): PlacementFacts {
  const { completions, parallelism, count, share, locality, maxTotal } = drawn;
  const job = aJob({
    spec: {
      batch: { completions, parallelism: Math.min(parallelism, completions) },
      gpu: { count, locality },
      placement: { maxProviderSharePercent: share },
      runtime: { maxDurationSeconds: 3_600, startDeadlineSeconds: 100 },
      budget: {
        accountName: 'team-a',
        ...(maxTotal === undefined ? {} : { maxTotal: String(maxTotal) }),
      },
    },
  });
  const other = aJob({ name: 'other' });
  const leases = drawn.held.map((gpus, at) =>
    aLease({
      job: other,
      provider: names[at]!,
      epoch: at + 1,
      indexes: `0-${gpus - 1}`,
      parallelism: gpus,
      product: drawn.places[at]!.offer!.product!,
      maxAmount: 1_000_000n,
    }),
  );
  const account = anAccount({ status: { free: '100000', delegateLimit: '100000' } });
  return factsOf({ job, account, places: drawn.places, leases });
}

const outcome = (facts: PlacementFacts) => {
  const { placement, waiting } = decide(facts);
  return {
    waiting,
    shares: placement?.shares.map(({ candidate, indexes, parallelism, maxAmount }) => ({
      offer: candidate.offerHash,
      indexes,
      parallelism,
      maxAmount,
    })),
    losers: placement?.losers.map(({ candidate, reason }) => [candidate.offerHash, reason]),
  };
};

describe('whatever the market looks like', () => {
  test('the order in which candidates are listed decides nothing', () => {
    fc.assert(
      fc.property(situation, fc.infiniteStream(fc.nat()), (drawn, ranks) => {
        const facts = factsFrom(drawn);
        const keyed = facts.candidates.map((candidate) => ({
          candidate,
          rank: ranks.next().value as number,
        }));
        const shuffled = keyed.sort((a, b) => a.rank - b.rank).map(({ candidate }) => candidate);
        expect(outcome({ ...facts, candidates: shuffled })).toEqual(outcome(facts));
      }),
    );
  });

  test('no provider is given more than it has free, nor more than offer and share allow', () => {
    fc.assert(
      fc.property(situation, (drawn) => {
        const facts = factsFrom(drawn);
        const atProvider = new Map<string, number>();
        const atPool = new Map<string, { gpus: number; free: number }>();
        const overLife = new Map<string, number>();
        for (const { candidate, parallelism, indexes } of decide(facts).placement?.shares ?? []) {
          const { provider } = candidate;
          overLife.set(provider, (overLife.get(provider) ?? 0) + indexes.length);
          const gpus = parallelism * facts.job.gpuCount;
          expect(gpus).toBeLessThanOrEqual(candidate.maxGpus);
          expect(gpus).toBeGreaterThanOrEqual(candidate.minGpus);
          const pool = `${candidate.provider}/${candidate.product}`;
          const known = atPool.get(pool)?.gpus ?? 0;
          atPool.set(pool, { gpus: known + gpus, free: freeGpus(candidate) });
          const tasks = (atProvider.get(candidate.provider) ?? 0) + parallelism;
          atProvider.set(candidate.provider, tasks);
        }
        for (const { gpus, free } of atPool.values()) expect(gpus).toBeLessThanOrEqual(free);
        const { parallelism, completions, maxProviderSharePercent } = facts.job;
        const limit = (of: number) => Math.max(1, Math.floor((of * maxProviderSharePercent) / 100));
        for (const tasks of atProvider.values()) {
          expect(tasks).toBeLessThanOrEqual(limit(parallelism));
        }
        for (const tasks of overLife.values()) {
          expect(tasks).toBeLessThanOrEqual(limit(completions));
        }
      }),
    );
  });

  test('every index goes to exactly one lease or waits, and no slot is without a task', () => {
    fc.assert(
      fc.property(situation, (drawn) => {
        const facts = factsFrom(drawn);
        const { placement, waiting } = decide(facts);
        const given = (placement?.shares ?? []).flatMap(({ indexes }) => indexes);
        expect(new Set(given).size).toBe(given.length);
        expect([...given].sort((a, b) => a - b)).toEqual(given.map((_, at) => at));
        for (const { indexes, parallelism } of placement?.shares ?? []) {
          expect(indexes.length).toBeGreaterThanOrEqual(parallelism);
        }
        expect(waiting === undefined).toBe(given.length === drawn.completions);
      }),
    );
  });

  test('all leases together never promise more than budget.maxTotal', () => {
    fc.assert(
      fc.property(situation, (drawn) => {
        const { placement } = decide(factsFrom(drawn));
        const promised = (placement?.shares ?? []).reduce((sum, one) => sum + one.maxAmount, 0n);
        if (drawn.maxTotal !== undefined) {
          expect(promised).toBeLessThanOrEqual(BigInt(drawn.maxTotal) * 1_000_000n);
        }
      }),
    );
  });

  test('who lowers the ask gets no fewer tasks', () => {
    fc.assert(
      fc.property(
        situation.filter(({ locality }) => locality === 'Any'),
        fc.nat(names.length - 1),
        fc.integer({ min: 2, max: 100 }),
        (drawn, at, divisor) => {
          const name = names[at]!;
          const facts = factsFrom({ ...drawn, maxTotal: undefined });
          const candidates = facts.candidates.map((candidate) =>
            candidate.provider === name
              ? {
                  ...candidate,
                  pricePerGpuHour: (BigInt(candidate.pricePerGpuHour) / BigInt(divisor)).toString(),
                }
              : candidate,
          );
          const tasksOf = (some: PlacementFacts) =>
            (decide(some).placement?.shares ?? [])
              .filter(({ candidate }) => candidate.provider === name)
              .reduce((sum, { parallelism }) => sum + parallelism, 0);
          expect(tasksOf({ ...facts, candidates })).toBeGreaterThanOrEqual(tasksOf(facts));
        },
      ),
    );
  });
});

test('a thousand waiting jobs and twenty offers are decided in well under a second', () => {
  const places = Array.from({ length: 20 }, (_, at) => ({
    name: `provider-${at}`,
    price: (1 + at / 10).toFixed(2),
    pools: [{ nodeFree: [0], used: 8 }],
  }));
  const facts = factsOf({ places });
  const tookMs = processorTime();
  for (let job = 0; job < 1_000; job += 1) {
    const decision = decide({ ...facts, job: { ...facts.job, uid: `job-${job}` } });
    expect(decision.waiting?.reason).toBe('InsufficientCapacity');
  }
  // Measured: about 0.1 s.
  expect(tookMs()).toBeLessThan(3_000);
});
