import type { GPUJobSpecInput } from '@gridlease/crds/gpujob';
import { MAX_AMOUNT } from '@gridlease/crds/openEnded';
import { describe, expect, test } from '@jest/globals';
import { zeroHash } from 'viem';
import {
  aChain,
  anAccount,
  anEndedLease,
  aProvider,
  aReplica,
  aService,
  delegateAddress,
  hub,
} from '../testing/builders.ts';
import { factsOf, type Place } from '../testing/placement.ts';
import { decide } from './decide.ts';
import { leaseTermsOf } from './lease.ts';
import { dueNow, soonest } from './pauses.ts';
import { placementRecordOf } from './record.ts';

const alpha: Place = { name: 'alpha', price: '2.10' };
const budget = (maxTotal: string) => ({ budget: { accountName: 'team-a', maxTotal } });
const service = (replicas: number, spec: Partial<GPUJobSpecInput> = {}) =>
  aService(replicas, { spec });
const sharesOf = (facts: Parameters<typeof decide>[0]) =>
  decide(facts).placement?.shares.map(({ candidate, indexes, parallelism }) => ({
    ...{ at: candidate.provider, indexes, parallelism },
  }));

describe('the replicas of a service', () => {
  test('each get a lease of their own', () => {
    expect(sharesOf(factsOf({ job: service(3), places: [alpha] }))).toEqual(
      [0, 1, 2].map((index) => ({ at: 'alpha', indexes: [index], parallelism: 1 })),
    );
  });

  test('are spread as far as placement.maxProviderSharePercent says', () => {
    const job = service(4, { placement: { maxProviderSharePercent: 50 } });
    const places = [alpha, { name: 'bravo', price: '2.50' }];
    const at = sharesOf(factsOf({ job, places }))?.map((share) => share.at);
    expect(at).toEqual(['alpha', 'alpha', 'bravo', 'bravo']);
  });

  test('are placed while others that are not wanted any more still end', () => {
    const leaving = [1, 2].map((index) => aReplica(index, { desiredState: 'Stopped' }));
    const facts = factsOf({ job: service(1), places: [alpha], leases: leaving });
    expect(sharesOf(facts)).toEqual([{ at: 'alpha', indexes: [0], parallelism: 1 }]);
  });

  test('each must be as large as the offer asks for', () => {
    const place: Place = { ...alpha, offer: { minGPUs: 2 } };
    const { waiting } = decide(factsOf({ job: service(3), places: [place] }));
    expect(waiting?.reason).toBe('GPUCountOutOfRange');
    const two = service(3, { gpu: { count: 2 } });
    expect(sharesOf(factsOf({ job: two, places: [place] }))).toHaveLength(3);
  });

  test('without an end take no offer that has one', () => {
    const place: Place = { ...alpha, offer: { maxDurationSeconds: 31_536_000 } };
    const { waiting } = decide(factsOf({ job: service(1), places: [place] }));
    expect(waiting).toEqual({
      reason: 'DurationTooLong',
      message:
        'the service runs without an end; set runtime.maxDurationSeconds to take an offer with one: alpha leases for at most 31536000 s',
    });
    const limited = service(1, { runtime: { maxDurationSeconds: 3_600 } });
    expect(sharesOf(factsOf({ job: limited, places: [place] }))).toHaveLength(1);
  });
});

describe('money for leases without an end', () => {
  const priced = (facts: Parameters<typeof decide>[0]) =>
    decide(facts).placement?.shares.map(({ maxAmount, planned }) => [maxAmount, planned]);

  test('is the next hour, however much they may cost in the end', () => {
    expect(priced(factsOf({ job: service(2), places: [alpha] }))).toEqual([
      [MAX_AMOUNT, 2_100_000n],
      [MAX_AMOUNT, 2_100_000n],
    ]);
  });

  test('must be in the escrow for the first hour of all of them', () => {
    const account = anAccount({ status: { free: '4.2' } });
    expect(priced(factsOf({ job: service(2), places: [alpha], account }))).toHaveLength(2);
    const { waiting } = decide(factsOf({ job: service(3), places: [alpha], account }));
    expect(waiting).toMatchObject({ reason: 'EscrowTooSmall' });
    expect(waiting?.message).toMatch(
      /^needs 6\.300000 tUSD for the first hour, .* has 4\.200000 .* deposit 2\.100000 tUSD more or lower service\.replicas$/,
    );
  });

  test('that runs already counts with its next hour, not with all it may cost', () => {
    const account = anAccount({ status: { free: '4.2' } });
    const leases = [aReplica(0, { maxAmount: MAX_AMOUNT })];
    expect(priced(factsOf({ job: service(2), places: [alpha], account, leases }))).toHaveLength(1);
    const short = anAccount({ status: { free: '4.19' } });
    expect(
      decide(factsOf({ job: service(2), places: [alpha], account: short, leases })).waiting,
    ).toMatchObject({ reason: 'EscrowTooSmall' });
  });

  test.each([
    ['perHour', '4.2', 2],
    ['perHour', '4.19', 0],
    ['perDay', '100.8', 2],
    ['perDay', '100.79', 0],
    ['total', '4.2', 2],
    ['total', '4.19', 0],
  ])('keeps within caps.%s %s', (cap, amount, replicas) => {
    const account = anAccount({ spec: { caps: { [cap]: amount } } });
    const decision = decide(factsOf({ job: service(2), places: [alpha], account }));
    expect(decision.placement?.shares.length ?? 0).toBe(replicas);
    if (replicas === 0) expect(decision.waiting?.reason).toBe('AccountCapExceeded');
  });

  test('may be all that the budget leaves, for each: the hub stops them together', () => {
    const leases = [
      aReplica(0, { status: { gpuMilliseconds: '3600000' } }),
      anEndedLease({
        ...{ job: aService(), indexes: '1', epoch: 9, failure: 'Stopped', maxSeconds: 0 },
        desiredState: 'Stopped',
        status: { gpuMilliseconds: '1800000' },
      }),
    ];
    // 10 less 2.10 of the one that runs and 1.05 of the one that ended.
    const job = service(3, budget('10'));
    expect(priced(factsOf({ job, places: [alpha], leases }))).toEqual([
      [6_850_000n, 2_100_000n],
      [6_850_000n, 2_100_000n],
    ]);
  });

  test('must leave what all replicas cost until they are stopped', () => {
    // 60 s interval, 60 s grace, 10 s for the orders: 130 s of 2 × 2.10.
    const enough = service(2, budget('0.151668'));
    expect(priced(factsOf({ job: enough, places: [alpha] }))).toHaveLength(2);
    const { waiting } = decide(factsOf({ job: service(2, budget('0.151667')), places: [alpha] }));
    expect(waiting).toEqual({
      reason: 'BudgetExceeded',
      message:
        'budget.maxTotal 0.151667 tUSD leaves too little: 0.000000 tUSD billed, and 2 replicas cost 0.151667 tUSD until stopped; raise budget.maxTotal',
    });
  });
});

describe('the terms of a lease', () => {
  const policy = {
    ...{ hub, hubEpoch: 1n, intervalSeconds: 60, graceSeconds: 60, prepaySeconds: 0 },
    ...{ idleSeconds: 300, fenceSeconds: 60, acceptSeconds: 30 },
  };
  const termsOf = (job: ReturnType<typeof aService>) => {
    const facts = factsOf({ job, places: [alpha] });
    const placement = decide(facts).placement!;
    const record = placementRecordOf({
      ...{ job, facts, placement, share: placement.shares[0]!, shard: 0, epoch: 1, attempt: 0 },
      ...{ generation: 1, inputsDigest: zeroHash },
    });
    const source = { record, job, account: anAccount(), provider: aProvider(), chain: aChain() };
    return leaseTermsOf(source, zeroHash, delegateAddress, policy);
  };

  test.each([
    ['a service', {}, 0, 0],
    ['a service with Fence', { failover: { onDisconnect: 'Fence' } }, 60, 0],
    ['a service with an end', { runtime: { maxDurationSeconds: 100 } }, 0, 1_000],
  ] as const)('of %s', (_, spec, fenceSeconds, maxSeconds) => {
    expect(termsOf(service(1, spec as never))).toMatchObject({ fenceSeconds, maxSeconds });
  });
});

describe('a replica that failed a moment ago', () => {
  const progress = {
    ...{ waiting: [0, 1, 2], failures: new Map([[1, 3]]), aliveTasks: {}, takenTasks: {} },
    notBeforeMs: new Map([
      [1, 9_000],
      [2, 5_000],
    ]),
  };

  test('waits by itself, the others are placed', () => {
    const { progress: due, nextMs } = dueNow(progress, 5_000);
    expect(due.waiting).toEqual([0, 2]);
    expect(nextMs).toBe(9_000);
    expect(dueNow(progress, 9_000)).toEqual({ progress });
  });

  test('waits no longer than any pause, whatever end its provider has reported', () => {
    const far = { ...progress, notBeforeMs: new Map([[1, 10 ** 12]]), retryAtMs: 10 ** 12 };
    const { nextMs, progress: due } = dueNow(far, 5_000);
    expect([nextMs, due.waiting, due.retryAtMs]).toEqual([undefined, [0, 1, 2], undefined]);
    const { notBeforeMs: _, ...batch } = { ...progress, retryAtMs: 300_000 };
    expect(dueNow(batch, 5_000).progress.retryAtMs).toBe(300_000);
    expect(dueNow({ ...batch, retryAtMs: 10 ** 12 }, 5_000).progress.retryAtMs).toBeUndefined();
  });

  test('is looked at when its time has come', () => {
    expect(soonest(undefined, 9_000, 5_000)).toEqual({ requeueAfterMs: 4_000 });
    expect(soonest({ requeueAfterMs: 60_000 }, 9_000, 5_000)).toEqual({ requeueAfterMs: 4_000 });
    expect(soonest({ requeueAfterMs: 1_000 }, 9_000, 5_000)).toEqual({ requeueAfterMs: 1_000 });
    expect(soonest(undefined, undefined, 5_000)).toBeUndefined();
  });
});
