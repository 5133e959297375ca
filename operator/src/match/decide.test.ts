import { describe, expect, test } from '@jest/globals';
import { aJob, aLease, anAccount } from '../testing/builders.ts';
import { factsOf, type Situation } from '../testing/placement.ts';
import { decide } from './decide.ts';

const h100 = { name: 'alpha', price: '2.10' };
const busy = [{ nodeFree: [0, 0], used: 16 }];

describe('a job that fits nowhere', () => {
  test('nobody offers anything at all', () => {
    expect(decide(factsOf({ places: [] })).waiting?.reason).toBe('NoOffers');
  });

  test('the reason is that of the candidates that came closest', () => {
    const decision = decide(
      factsOf({
        spec: { placement: { regions: ['eu-central'] } },
        places: [
          { ...h100, provider: { region: 'us-east' } },
          { name: 'bravo', pools: busy },
          { name: 'charlie', provider: { suspended: true } },
        ],
      }),
    );
    expect(decision.waiting).toEqual({
      reason: 'InsufficientCapacity',
      message: 'needs 1 task of 1 GPU each on one node: bravo has 0 free of 16 H100-80GB-HBM3',
    });
  });
});

describe('a placement', () => {
  test('goes to the cheapest and names why the others lost, the nearest first', () => {
    const { placement, waiting } = decide(
      factsOf({
        places: [
          { name: 'alpha', price: '2.40' },
          { name: 'bravo', price: '2.05' },
          { name: 'charlie', price: '1.00', pools: busy },
          { name: 'delta', price: '0.50', provider: { suspended: true } },
        ],
      }),
    );
    expect(waiting).toBeUndefined();
    expect(placement?.shares).toMatchObject([
      { candidate: { provider: 'bravo' }, parallelism: 1, indexes: [0], maxAmount: 49_200_000n },
    ]);
    expect(placement?.losers.map(({ candidate, reason }) => [candidate.provider, reason])).toEqual([
      ['alpha', 'NotCheapest'],
      ['charlie', 'InsufficientCapacity'],
      ['delta', 'ProviderSuspended'],
    ]);
    expect(placement?.reasonCounts).toEqual([
      { reason: 'InsufficientCapacity', count: 1 },
      { reason: 'NotCheapest', count: 1 },
      { reason: 'ProviderSuspended', count: 1 },
    ]);
  });

  test('spreads an array over providers, cheapest first, by index', () => {
    const { placement, waiting } = decide(
      factsOf({
        spec: { batch: { completions: 12 } },
        places: [
          { name: 'alpha', price: '2.10', pools: [{ nodeFree: [8] }] },
          { name: 'bravo', price: '1.80', pools: [{ nodeFree: [4] }] },
        ],
      }),
    );
    expect(waiting).toBeUndefined();
    expect(
      placement?.shares.map(({ candidate, indexes }) => [candidate.provider, indexes]),
    ).toEqual([
      ['bravo', [0, 1, 2, 3]],
      ['alpha', [4, 5, 6, 7, 8, 9, 10, 11]],
    ]);
  });

  test('gives away only the fraction of the tasks that there is room for', () => {
    const { placement, waiting } = decide(
      factsOf({
        spec: { batch: { completions: 100, parallelism: 10 } },
        account: anAccount({ status: { free: '9000', delegateLimit: '9000' } }),
        places: [{ name: 'alpha', pools: [{ nodeFree: [4] }] }],
      }),
    );
    expect(placement?.shares[0]).toMatchObject({ parallelism: 4 });
    expect(placement?.shares[0]?.indexes).toHaveLength(40);
    expect(waiting?.reason).toBe('InsufficientCapacity');
    expect(waiting?.message).toMatch(
      /^40 tasks are placed \(4 at alpha at once\); 60 tasks of 1 GPU wait/,
    );
  });

  test('runs more tasks than slots one after the other in one lease', () => {
    const { placement, waiting } = decide(
      factsOf({ spec: { batch: { completions: 7, parallelism: 2 } } }),
    );
    expect(waiting).toBeUndefined();
    expect(placement?.shares).toMatchObject([{ parallelism: 2, indexes: [0, 1, 2, 3, 4, 5, 6] }]);
  });

  test('never makes a lease longer than the offer allows', () => {
    const { placement } = decide(
      factsOf({
        spec: {
          batch: { completions: 9, parallelism: 2 },
          runtime: { maxDurationSeconds: 3_600, startDeadlineSeconds: 900 },
        },
        // Room for the start and two tasks, one after the other.
        places: [{ name: 'alpha', offer: { maxDurationSeconds: 900 + 7_200 } }],
      }),
    );
    expect(placement?.shares).toMatchObject([{ parallelism: 2, indexes: [0, 1, 2, 3] }]);
  });

  test('leaves one provider no more than its share', () => {
    const { placement } = decide(
      factsOf({
        spec: { batch: { completions: 10 }, placement: { maxProviderSharePercent: 60 } },
        places: [
          { name: 'alpha', price: '1.00' },
          { name: 'bravo', price: '3.00' },
        ],
      }),
    );
    expect(
      placement?.shares.map(({ candidate, parallelism }) => [candidate.provider, parallelism]),
    ).toEqual([
      ['alpha', 6],
      ['bravo', 4],
    ]);
  });

  test('gives one provider no more tasks one after the other than its share', () => {
    const { placement, waiting } = decide(
      factsOf({
        spec: {
          batch: { completions: 10, parallelism: 2 },
          placement: { maxProviderSharePercent: 30 },
        },
        places: [{ name: 'alpha' }],
      }),
    );
    expect(placement?.shares).toMatchObject([{ parallelism: 1, indexes: [0, 1, 2] }]);
    expect(waiting?.message).toMatch(
      /7 tasks of 1 GPU wait.*alpha has all 3 tasks \(1 at once\) that placement\.maxProviderSharePercent 30/,
    );
  });

  test('keeps all tasks together where the job asks for it, though apart would be cheaper', () => {
    const { placement } = decide(
      factsOf({
        spec: { batch: { completions: 6 }, gpu: { count: 1, locality: 'SameProvider' } },
        places: [
          { name: 'alpha', price: '1.00', pools: [{ nodeFree: [5] }] },
          { name: 'bravo', price: '3.00' },
        ],
      }),
    );
    expect(placement?.shares).toMatchObject([{ candidate: { provider: 'bravo' }, parallelism: 6 }]);
  });

  test('binds tasks that must stay together to the NVLink domain with the most room', () => {
    const situation: Situation = {
      spec: { batch: { completions: 3 }, gpu: { count: 1, locality: 'SameClique' } },
      places: [
        {
          name: 'alpha',
          pools: [
            { nodeFree: [3], clique: 'a.1' },
            { nodeFree: [8], clique: 'b.2' },
            { nodeFree: [8] },
          ],
        },
      ],
    };
    const facts = factsOf(situation);
    expect(decide(facts).placement?.shares).toMatchObject([{ clique: 'b.2', parallelism: 3 }]);
    // Tasks that run already decide for those that start again.
    const bound = { ...facts, job: { ...facts.job, cliqueInUse: 'a.1' } };
    expect(decide(bound).placement?.shares).toMatchObject([{ clique: 'a.1' }]);
    const gone = { ...facts, job: { ...facts.job, cliqueInUse: 'c.3' } };
    expect(decide(gone).waiting?.message).toMatch(/the job's other tasks run in c\.3$/);
  });

  test('counts what this hub placed and the provider has not reported yet', () => {
    const other = aJob({ name: 'other', spec: { batch: { completions: 6 } } });
    const { waiting } = decide(
      factsOf({
        spec: { batch: { completions: 3 } },
        places: [{ name: 'alpha', pools: [{ nodeFree: [8] }] }],
        leases: [aLease({ job: other, indexes: '0-5', parallelism: 6 })],
      }),
    );
    expect(waiting?.message).toMatch(
      /2 at alpha at once.*1 task of 1 GPU wait.*alpha has 2 free of 8/,
    );
  });

  test('does not count a lease twice that the provider has reported', () => {
    const other = aJob({ name: 'other', spec: { batch: { completions: 6 } } });
    const { placement } = decide(
      factsOf({
        spec: { batch: { completions: 2 } },
        places: [{ name: 'alpha', pools: [{ nodeFree: [2], leased: 6 }] }],
        leases: [aLease({ job: other, indexes: '0-5', parallelism: 6 })],
      }),
    );
    expect(placement?.shares).toMatchObject([{ parallelism: 2 }]);
  });

  test('may cost what budget.maxTotal leaves for its part of the waiting tasks', () => {
    const { placement } = decide(
      factsOf({
        spec: {
          batch: { completions: 10 },
          budget: { accountName: 'team-a', maxTotal: '100' },
        },
        places: [{ name: 'alpha', pools: [{ nodeFree: [4] }] }],
      }),
    );
    expect(placement?.shares).toMatchObject([{ indexes: [0, 1, 2, 3], maxAmount: 40_000_000n }]);
  });

  test('waits while the job itself uses all of its parallelism', () => {
    const job = aJob({ spec: { batch: { completions: 4, parallelism: 2 } } });
    const { waiting, placement } = decide(
      factsOf({ job, leases: [aLease({ job, indexes: '0-1', parallelism: 2 })] }),
    );
    expect(placement).toBeUndefined();
    expect(waiting).toMatchObject({ reason: 'PartlyPlaced' });
  });

  test('is nothing to decide once every task has a lease or is done', () => {
    expect(decide(factsOf({ leases: [aLease()] }))).toEqual({});
  });
});
