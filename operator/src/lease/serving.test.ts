import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { describe, expect, test } from '@jest/globals';
import { jobProgress } from '../jobProgress.ts';
import {
  aCondition,
  aLease,
  anAcceptance,
  anAccount,
  anEndedLease,
  aReplica,
  aService,
  nowMs,
  runningConditions,
} from '../testing/builders.ts';
import { decide, type LeaseInput } from './decide.ts';
import { capIsReached } from './openBudget.ts';

const job = aService(3);
const maxTotal = (amount: string) => ({ budget: { accountName: 'team-a', maxTotal: amount } });

function decideAbout(about: GPUJob, leases: readonly GPULease[], more: Partial<LeaseInput> = {}) {
  return decide({
    ...{ job: about, leases, progress: jobProgress({ job: about, leases, intents: [] }) },
    ...{ hasOpenIntents: false, capIsReached: false, decimals: 6, nowMs },
    ...{ providerOf: () => undefined, channelOf: () => undefined, attemptOf: () => 0 },
    ...{ fundDeadlineSeconds: 120, retentionSeconds: 3_600, finalRowSeconds: 600 },
    ...more,
  });
}

const statusOf = (about: GPUJob, ...leases: readonly GPULease[]) =>
  decideAbout(about, leases).status;
const waiting = (reason: string, message: string) => [
  aCondition('Admitted', 'True', 'Admitted'),
  aCondition('Placed', 'False', reason, { message }),
];
const starting = (index: number) =>
  aReplica(index, {
    ...{ job, provider: 'bravo', status: { acceptance: anAcceptance } },
    conditions: [
      aCondition('Accepted', 'True', 'Accepted'),
      aCondition('Delivered', 'False', 'PullingImage', { message: 'serve@sha256' }),
    ],
  });
const notReady = (index: number) =>
  aReplica(index, {
    conditions: [
      ...runningConditions,
      aCondition('Ready', 'False', 'NotReady', { message: 'GET /health says 503' }),
    ],
  });

describe('a service says', () => {
  test.each<[string, GPUJob, readonly GPULease[], string, string, string]>([
    [
      'that it serves',
      job,
      [aReplica(0), aReplica(1), aReplica(2, { provider: 'bravo' })],
      'Serving',
      '3 of 3 replicas ready with alpha, bravo',
      '3/3',
    ],
    [
      'which replicas it waits for, and why',
      job,
      [aReplica(0), starting(1), notReady(2)],
      'PartlyServing',
      '1 of 3 replicas ready with alpha; alpha: NotReady: GET /health says 503; bravo: PullingImage: serve@sha256',
      '1/3',
    ],
    [
      'what keeps the others from being placed',
      aService(3, {
        status: { conditions: waiting('PartlyPlaced', 'no room for 2 more replicas') },
      }),
      [aReplica(0)],
      'PartlyServing',
      '1 of 3 replicas ready with alpha; 2 wait for a place: PartlyPlaced: no room for 2 more replicas',
      '1/3',
    ],
    [
      'that replicas start again',
      aService(2),
      [
        aReplica(0),
        anEndedLease({ job, indexes: '1', epoch: 2, failure: 'NodeLost', maxSeconds: 0 }),
      ],
      'PartlyServing',
      '1 of 2 replicas ready with alpha; 1 start again after a failure',
      '1/2',
    ],
    [
      'that nothing serves yet',
      job,
      [starting(0), starting(1), starting(2)],
      'Starting',
      '0 of 3 replicas ready; bravo: PullingImage: serve@sha256',
      '0/3',
    ],
    [
      'that all lease failed and start again',
      aService(1),
      [anEndedLease({ job, failure: 'NodeLost', maxSeconds: 0 })],
      'Starting',
      '1 replicas start again after a failure',
      '0/1',
    ],
    [
      'what it waits for before its first lease',
      aService(1, { status: { conditions: waiting('PriceAboveMax', 'the cheapest is 2.10') } }),
      [],
      'PriceAboveMax',
      'the cheapest is 2.10',
      '0/1',
    ],
    [
      'that a replica more than wanted ends',
      aService(1),
      [aReplica(0), aReplica(1, { desiredState: 'Stopped' })],
      'Serving',
      '1 of 1 replicas ready with alpha; 1 end',
      '1/1',
    ],
    ['that it has none', aService(0), [], 'ScaledToZero', 'service.replicas is 0', '0/0'],
    [
      'that it stops',
      aService(1, { spec: { suspend: true } }),
      [aReplica(0)],
      'Stopping',
      'waits until the pods at alpha are gone',
      '1/1',
    ],
    [
      'that it is suspended',
      aService(1, { spec: { suspend: true } }),
      [],
      'Suspended',
      'spec.suspend is true',
      '0/1',
    ],
  ])('%s', (_, about, leases, reason, message, tasks) => {
    const status = statusOf(about, ...leases);
    expect(status?.succeeded).toEqual({ status: 'Unknown', reason, message });
    expect(status?.summary.tasks).toBe(tasks);
  });

  test('to autoscalers how many replicas run and are ready, and how to find them', () => {
    const { summary } = statusOf(job, aReplica(0), notReady(1), starting(2))!;
    expect(summary).toMatchObject({
      ...{ replicas: 2, readyReplicas: 1, active: 2 },
      selector: `gridlease.dev/job-uid=${job.metadata.uid}`,
    });
    for (const field of ['completedIndexes', 'succeeded'])
      expect(summary).not.toHaveProperty(field);
  });

  test('all its active leases, however many have ended', () => {
    const ended = Array.from({ length: 300 }, (_, at) =>
      anEndedLease({ job, indexes: '1', epoch: at + 2, failure: 'NodeLost', maxSeconds: 0 }),
    );
    const names = statusOf(job, aReplica(0), ...ended)?.summary.leases?.map(({ epoch }) => epoch);
    expect(names).toHaveLength(256);
    expect([names?.[0], names?.[1], names?.at(-1)]).toEqual([1, 47, 301]);
  });
});

describe('a service is scaled down', () => {
  test('from the highest replica, whether or not it was accepted', () => {
    const pending = aLease({ job, indexes: '3', epoch: 9, maxSeconds: 0 });
    const { ends } = decideAbout(aService(1), [aReplica(0), aReplica(1), aReplica(2), pending]);
    const told = ends.map(({ lease, desired }) => [
      lease.spec.tasks.indexes,
      desired.state,
      desired.reason,
    ]);
    expect(told).toEqual([
      ['3', 'Withdrawn', 'ScaledDown'],
      ['2', 'Stopped', 'ScaledDown'],
      ['1', 'Stopped', 'ScaledDown'],
    ]);
  });

  test('to none without ending', () => {
    const { ends, status } = decideAbout(aService(0), [aReplica(0)]);
    expect(ends).toHaveLength(1);
    expect(status?.succeeded).toMatchObject({ status: 'Unknown', reason: 'ScaledToZero' });
  });
});

describe('a service ends by itself', () => {
  const used = (gpuMilliseconds: string, index = 0) =>
    aReplica(index, { status: { acceptance: anAcceptance, gpuMilliseconds } });

  // 2.10 an hour for each of two; 130 s until they are stopped cost 0.151667.
  const two = (amount: string) => aService(2, { spec: maxTotal(amount) });

  test('as much before its budget as it costs until it is stopped', () => {
    const leases = [used('1800000', 0), used('1800000', 1)];
    const early = decideAbout(two('2.251668'), leases);
    expect(early.ends).toEqual([]);
    expect(early.reviewAtMs).toBe(nowMs + 1_000);
    const { ends, status } = decideAbout(two('2.251667'), leases);
    expect(ends.map(({ desired }) => desired.reason)).toEqual([
      'BudgetExhausted',
      'BudgetExhausted',
    ]);
    expect(status?.succeeded.status).toBe('Unknown');
  });

  test('looks again when the rest is used up at the present rate', () => {
    // 2.10 of 4.20 an hour are left.
    const { reviewAtMs } = decideAbout(two('4.351667'), [used('1800000', 0), used('1800000', 1)]);
    expect(reviewAtMs).toBe(nowMs + 1_800_000);
  });

  test('and says so once its pods are gone; one of them ending changes nothing', () => {
    const ended = (index: number) =>
      anEndedLease({
        ...{ job, indexes: String(index), epoch: index + 1, failure: 'Stopped', maxSeconds: 0 },
        ...{ desiredState: 'Stopped', status: { gpuMilliseconds: '1800000' } },
      });
    const half = decideAbout(two('2.251667'), [ended(0), used('1800000', 1)]);
    expect(half.ends).toHaveLength(1);
    expect(half.status?.succeeded.status).toBe('Unknown');
    expect(statusOf(two('2.251667'), ended(0), ended(1))?.succeeded).toEqual({
      status: 'False',
      reason: 'BudgetExhausted',
      message: 'the service has cost what budget.maxTotal 2.251667 allows',
    });
  });

  test('when all replicas ran for as long as its author said', () => {
    const limited = aService(1, { spec: { runtime: { maxDurationSeconds: 60 } } });
    const lease = anEndedLease({ job: limited, failure: 'DeadlineExceeded' });
    expect(statusOf(limited, lease)?.succeeded).toMatchObject({
      status: 'False',
      reason: 'DeadlineExceeded',
    });
  });

  test.each(['NodeLost', 'TaskFailed', 'ImageNotFound'])('but never for %s', (failure) => {
    const lease = anEndedLease({ job, failure, maxSeconds: 0 });
    expect(statusOf(aService(1), lease)?.succeeded.status).toBe('Unknown');
  });
});

describe('the account’s caps.total', () => {
  const account = (spent: string) =>
    anAccount({ spec: { caps: { total: '10' } }, status: { spent } });
  const reached = (spent: string, leases: readonly GPULease[], about = aService(1)) =>
    capIsReached({
      ...{ job: about, account: account(spent), leases, decimals: 6 },
      channelOf: (): PaymentChannel | undefined => undefined,
    });

  test('stops a service before what it costs until it is stopped goes beyond it', () => {
    // 130 s of 2.10 an hour.
    expect(reached('9.924165', [aReplica(0)])).toBe(false);
    expect(reached('9.924166', [aReplica(0)])).toBe(true);
  });

  test('leaves what jobs with an end were promised', () => {
    const batch = aLease({ maxAmount: 5_000_000n });
    expect(reached('4.9', [aReplica(0), batch])).toBe(false);
    expect(reached('5', [aReplica(0), batch])).toBe(true);
  });

  test('never stops what has an end: it was held against the cap when it was placed', () => {
    const limited = aService(1, { spec: { runtime: { maxDurationSeconds: 60 } } });
    expect(reached('11', [aReplica(0)], limited)).toBe(false);
  });

  test('is said on each lease that it stops', () => {
    const { ends } = decideAbout(aService(1), [aReplica(0)], { capIsReached: true });
    expect(ends).toMatchObject([{ desired: { state: 'Stopped', reason: 'AccountCapReached' } }]);
  });
});
