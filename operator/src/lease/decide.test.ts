import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { describe, expect, test } from '@jest/globals';
import { keccak256, stringToHex, zeroHash } from 'viem';
import { jobProgress } from '../jobProgress.ts';
import {
  aCondition,
  aJob,
  aLease,
  anAcceptance,
  anEndedLease,
  aProvider,
  delegateAddress,
  escrowAddress,
  nowMs,
  runningConditions,
  tenantAddress,
} from '../testing/builders.ts';
import { decide, type LeaseInput, leaseNews } from './decide.ts';

const leaseId = keccak256(stringToHex('lease id'));
const accepted = { acceptance: anAcceptance, leaseId };
const running = aLease({ status: accepted, conditions: runningConditions });
const deleted = (options: { finalizers?: readonly string[] } = {}) =>
  aJob({ deletionTimestamp: '2026-03-01T11:59:50Z', ...options });

function decideAbout(
  job: GPUJob | undefined,
  leases: readonly GPULease[],
  more: Partial<LeaseInput> = {},
) {
  return decide({
    job,
    leases,
    progress: job === undefined ? undefined : jobProgress({ job, leases, intents: [] }),
    hasOpenIntents: false,
    providerOf: () => aProvider(),
    channelOf: () => undefined,
    attemptOf: () => 0,
    decimals: 6,
    nowMs,
    fundDeadlineSeconds: 120,
    retentionSeconds: 3_600,
    finalRowSeconds: 600,
    capIsReached: false,
    ...more,
  });
}

type ChannelOptions = {
  readonly rows?: readonly {
    readonly gpuMs: string;
    readonly amount: string;
    readonly last: boolean;
  }[];
  readonly finals?: boolean;
  readonly refused?: boolean;
};

function aChannel(lease: GPULease, options: ChannelOptions): PaymentChannel {
  const leaseName = lease.metadata.name;
  return {
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'PaymentChannel',
    metadata: { name: 'ch-0', namespace: 'gridlease-provider-alpha' },
    spec: {
      accountRef: lease.spec.accountRef,
      providerName: 'alpha',
      tenant: tenantAddress,
      provider: lease.spec.terms.provider,
      signer: delegateAddress,
      chainId: 31_337,
      escrow: escrowAddress,
      generation: 1,
      finals:
        options.finals === true
          ? [{ leaseId, leaseName, gpuMs: '1000', amount: '583', cumulative: '583' }]
          : [],
      ...(options.refused === true
        ? {
            reply: {
              statementHash: zeroHash,
              refusalsRoot: zeroHash,
              cumulative: '0',
              signature: `0x${'44'.repeat(65)}` as const,
              refusals: [{ leaseId, reason: 'MoreThanWallClock', message: 'too much' }],
            },
          }
        : {}),
    },
    status: {
      rows: (options.rows ?? []).map((row) => ({
        ...row,
        leaseId,
        leaseName,
        fromMs: '0',
        toMs: '1000',
        credit: '0',
        segmentsRoot: zeroHash,
      })),
    },
  };
}

describe('the hub wants a lease no longer', () => {
  const pending = aLease();
  const disputed = aLease({
    status: accepted,
    conditions: [...runningConditions, aCondition('MeterDisputed', 'True', 'Disputed')],
  });
  const unfunded = aLease({
    status: { ...accepted, acceptance: { ...anAcceptance, acceptedMs: String(nowMs - 121_000) } },
    conditions: [aCondition('Accepted', 'True', 'Accepted')],
  });
  const suspended = aJob({ spec: { suspend: true } });
  test.each<[string, GPUJob | undefined, GPULease, string, string]>([
    ['when the job is gone, and nobody accepted it', undefined, pending, 'Withdrawn', 'Cancelled'],
    ['when the job is gone', undefined, running, 'Stopped', 'Cancelled'],
    ['when the job is being deleted', deleted(), running, 'Stopped', 'Cancelled'],
    ['when the job is suspended', suspended, running, 'Stopped', 'Suspended'],
    ['when its meter is disputed', aJob(), disputed, 'Stopped', 'RowRefused'],
    [
      'when nobody answered in time',
      aJob(),
      aLease({ acceptBy: nowMs / 1_000 - 2 }),
      'Withdrawn',
      'NotAccepted',
    ],
    ['when its channel was not funded in time', aJob(), unfunded, 'Stopped', 'NotFunded'],
  ])('%s', (_, job, lease, state, reason) => {
    expect(decideAbout(job, [lease]).ends).toMatchObject([{ desired: { state, reason } }]);
  });

  describe('when it has cost a budget that was lowered since it was signed', () => {
    // 2.10 an hour; half an hour is stated, 50.40 are signed.
    const half = [{ gpuMs: '1800000', amount: '1050000', last: false }];
    const look = (maxTotal: string) =>
      decideAbout(aJob({ spec: { budget: { accountName: 'team-a', maxTotal } } }), [running], {
        channelOf: () => aChannel(running, { rows: half }),
      });

    test.each([
      ['1.05', [{ desired: { state: 'Stopped', reason: 'BudgetExhausted' } }], undefined],
      ['1.06', [], nowMs + 17_142],
      ['50.40', [], undefined],
    ])('%s', (maxTotal, ends, reviewAtMs) => {
      const decision = look(maxTotal);
      expect(decision.ends).toMatchObject(ends);
      expect(decision.reviewAtMs).toBe(reviewAtMs);
    });
  });

  test('when an admin suspends the provider', () => {
    const providerOf = () => aProvider('alpha', { spec: { suspended: true } });
    expect(decideAbout(aJob(), [running], { providerOf }).ends).toMatchObject([
      { desired: { state: 'Stopped', reason: 'ProviderSuspended' } },
    ]);
  });

  test('when the job has failed for good beside it', () => {
    const job = aJob({
      status: { conditions: [aCondition('Succeeded', 'False', 'BudgetExhausted')] },
    });
    expect(decideAbout(job, [running]).ends).toMatchObject([{ desired: { state: 'Stopped' } }]);
  });

  test('but never twice, and never after its end', () => {
    const stopped = aLease({
      status: accepted,
      conditions: runningConditions,
      desiredState: 'Stopped',
    });
    const over = anEndedLease({ failure: 'ProviderLost' });
    expect(decideAbout(undefined, [stopped, over]).ends).toEqual([]);
  });

  test('and looks again when the time to accept, or to fund, is over', () => {
    expect(decideAbout(aJob(), [aLease({ acceptBy: nowMs / 1_000 + 20 })])).toMatchObject({
      ends: [],
      reviewAtMs: nowMs + 21_000,
    });
    const waiting = aLease({
      status: accepted,
      conditions: [aCondition('Accepted', 'True', 'Accepted')],
    });
    expect(decideAbout(aJob(), [waiting]).reviewAtMs).toBe(nowMs - 5_000 + 120_000);
  });
});

describe('the job says', () => {
  const succeeded = (job: GPUJob, ...leases: readonly GPULease[]) =>
    decideAbout(job, leases).status?.succeeded;
  const two = aJob({ spec: { batch: { completions: 2, retryLimit: 0 } } });

  test('that it is not admitted, in the words of the admission', () => {
    const refused = aCondition('Admitted', 'False', 'FieldNotSupported', {
      message: 'spec.outputs',
    });
    const job = aJob({ status: { conditions: [refused] } });
    expect(succeeded(job)).toEqual({
      status: 'Unknown',
      reason: 'FieldNotSupported',
      message: 'spec.outputs',
    });
  });

  test('what it waits for, in the words of the placement', () => {
    const conditions = [
      ...aJob().status!.conditions!,
      aCondition('Placed', 'False', 'PriceAboveMax', { message: 'the cheapest is 2.10' }),
    ];
    expect(succeeded(aJob({ status: { conditions } }))).toEqual({
      status: 'Unknown',
      reason: 'PriceAboveMax',
      message: 'the cheapest is 2.10',
    });
  });

  test('that it starts, and how far the provider is', () => {
    const lease = aLease({
      status: accepted,
      conditions: [
        aCondition('Accepted', 'True', 'Accepted'),
        aCondition('Delivered', 'False', 'PullingImage', { message: 'train@sha256' }),
      ],
    });
    expect(succeeded(aJob(), lease)).toMatchObject({
      reason: 'Starting',
      message: '0 of 1 tasks done; alpha: PullingImage: train@sha256',
    });
  });

  const behind = [
    aCondition('Accepted', 'True', 'Accepted'),
    aCondition('Funded', 'True', 'Funded', { message: 'needs 0.1 tUSD, has 0.6' }),
  ];
  const refusedPods = aCondition('Provisioned', 'False', 'PodsRefused', { message: '422: cidr' });

  test.each<[string, GPULease, string]>([
    ['nobody answered', aLease(), 'asked'],
    [
      'the agent says so',
      aLease({ conditions: [aCondition('Accepted', 'Unknown', 'Pending', { message: 'soon' })] }),
      'Pending: soon',
    ],
    [
      'all steps so far were taken',
      aLease({ status: accepted, conditions: behind }),
      'accepted, the containers start',
    ],
    [
      'the provider refuses the pods',
      aLease({ status: accepted, conditions: [...behind, refusedPods] }),
      'PodsRefused: 422: cidr',
    ],
  ])('that it starts, and not what lies behind it: %s', (_, lease, step) => {
    expect(succeeded(aJob(), lease)).toMatchObject({
      reason: 'Starting',
      message: `0 of 1 tasks done; alpha: ${step}`,
    });
  });

  test('that it runs, and where it does not', () => {
    const stuck = aLease({
      ...{ job: two, provider: 'bravo', epoch: 2, indexes: '1' },
      status: accepted,
      conditions: [...behind, refusedPods],
    });
    expect(
      succeeded(two, aLease({ job: two, conditions: runningConditions }), stuck),
    ).toMatchObject({
      reason: 'Running',
      message: '0 of 2 tasks done, runs with alpha; bravo: PodsRefused: 422: cidr',
    });
  });

  test('that it runs', () => {
    expect(succeeded(aJob(), running)).toMatchObject({
      status: 'Unknown',
      reason: 'Running',
      message: '0 of 1 tasks done, runs with alpha',
    });
  });

  test('that it stops, until its pods are gone', () => {
    expect(succeeded(aJob({ spec: { suspend: true } }), running)?.reason).toBe('Stopping');
    expect(succeeded(deleted(), running)?.reason).toBe('Stopping');
    expect(succeeded(aJob({ spec: { suspend: true } }))?.reason).toBe('Suspended');
  });

  test('that all tasks succeeded', () => {
    expect(succeeded(two, anEndedLease({ job: two, indexes: '0-1' }))).toEqual({
      status: 'True',
      reason: 'Completed',
      message: 'all 2 tasks succeeded',
    });
  });

  test('which tasks failed for good, and why the last one did', () => {
    const lease = anEndedLease({
      job: two,
      indexes: '0-1',
      failure: 'TaskFailed',
      status: {
        completedIndexes: '0',
        failedIndexes: '1',
        tasks: [{ index: 1, reason: 'TaskFailed', message: 'exit code 3', exitCode: 3 }],
      },
    });
    expect(succeeded(two, lease)).toEqual({
      status: 'False',
      reason: 'RetryLimitExceeded',
      message: '1 of 2 tasks failed for good (1); last: task 1 at alpha: TaskFailed: exit code 3',
    });
  });

  test('no more than a condition holds, whatever providers say and however many they are', () => {
    const said = { message: 'x'.repeat(4096) };
    const failed = aCondition('Succeeded', 'False', 'TaskFailed', said);
    const ended = anEndedLease({
      ...{ job: two, indexes: '0-1', failure: 'TaskFailed' },
      status: { failedIndexes: '0-1' },
    });
    const conditions = [...runningConditions, failed];
    const lease = { ...ended, status: { ...ended.status, conditions } };
    const over = succeeded(two, lease as GPULease);
    expect(over).toMatchObject({ status: 'False', reason: 'RetryLimitExceeded' });
    expect(over!.message.length).toBeLessThanOrEqual(4096);

    const many = aJob({ spec: { batch: { completions: 256, parallelism: 256, retryLimit: 0 } } });
    const leases = Array.from({ length: 256 }, (_, index) =>
      aLease({
        ...{ job: many, epoch: index + 1, indexes: `${index}`, conditions: runningConditions },
        ...{ provider: `provider-with-a-long-name-${index}`, status: accepted },
      }),
    );
    expect(succeeded(many, ...leases)!.message.length).toBeLessThanOrEqual(4096);
  });

  test.each([
    [
      'DeadlineExceeded',
      'TaskFailed',
      { failedIndexes: '0', tasks: [{ index: 0, reason: 'DeadlineExceeded', message: 'm' }] },
      {},
    ],
    ['BudgetExhausted', 'MaxAmountReached', {}, { maxTotal: '5' }],
    ['MaxAmountReached', 'MaxAmountReached', {}, {}],
  ])('%s when its only task ended so', (reason, failure, status, budget) => {
    const job = aJob({ spec: { budget: { accountName: 'team-a', ...budget } } });
    const maxAmount = 5_000_000n;
    expect(succeeded(job, anEndedLease({ job, failure, maxAmount, status }))).toMatchObject({
      status: 'False',
      reason,
    });
  });

  test('the same for ever once it has ended, whatever happens to its leases', () => {
    const end = aCondition('Succeeded', 'True', 'Completed');
    const job = aJob({ status: { conditions: [end] } });
    expect(succeeded(job)).toMatchObject({ status: 'True', reason: 'Completed' });
    expect(succeeded(job, aLease({ epoch: 9 }))).toMatchObject({ status: 'True' });
  });

  test('never more than a lease may cost, however long it took to stop', () => {
    const lease = aLease({ maxAmount: 500n, status: { ...accepted, gpuMilliseconds: '1000' } });
    expect(decideAbout(aJob(), [lease]).status?.summary.amount).toBe('0.0005');
  });

  test('what it has cost, by the newest of what agent, statement and chain say', () => {
    const lease = aLease({
      status: { ...accepted, gpuMilliseconds: '1000' },
      conditions: runningConditions,
    });
    const summary = (channel?: PaymentChannel) =>
      decideAbout(aJob(), [lease], { channelOf: () => channel }).status?.summary;
    expect(summary()).toMatchObject({ gpuMilliseconds: '1000', amount: '0.000583' });
    const rows = [{ gpuMs: '3600000', amount: '2100000', last: false }];
    expect(summary(aChannel(lease, { rows }))).toMatchObject({
      gpuMilliseconds: '3600000',
      amount: '2.1',
      leases: [{ amount: '2.1', state: 'Running' }],
    });
  });
});

describe('a deleted job is let go', () => {
  const used = { ...accepted, gpuMilliseconds: '1000' };
  const ended = anEndedLease({ failure: 'Cancelled', desiredState: 'Stopped', status: used });
  const released = (leases: readonly GPULease[], channel?: PaymentChannel) =>
    decideAbout(deleted(), leases, { channelOf: () => channel }).releaseJob;

  test.each<[boolean, string, readonly GPULease[], PaymentChannel | undefined]>([
    [true, 'that has no leases', [], undefined],
    [false, 'whose pods may still run', [running], undefined],
    [
      true,
      'whose lease was refused',
      [aLease({ conditions: [aCondition('Accepted', 'False', 'Draining')] })],
      undefined,
    ],
    [
      true,
      'whose lease was taken back before it was accepted',
      [aLease({ desiredState: 'Withdrawn' })],
      undefined,
    ],
    [
      false,
      'whose final voucher is not stored',
      [ended],
      aChannel(ended, { rows: [{ gpuMs: '1000', amount: '583', last: true }] }),
    ],
    [true, 'whose final voucher is stored', [ended], aChannel(ended, { finals: true })],
    [
      true,
      'whose last row was refused for good',
      [ended],
      aChannel(ended, { refused: true, rows: [{ gpuMs: '1000', amount: '583', last: true }] }),
    ],
    [
      false,
      'whose row was refused but goes on',
      [ended],
      aChannel(ended, { refused: true, rows: [{ gpuMs: '1000', amount: '583', last: false }] }),
    ],
    [
      true,
      'that never used a GPU',
      [anEndedLease({ failure: 'Cancelled', status: accepted })],
      undefined,
    ],
  ])('%s: one %s', (expected, _, leases, channel) => {
    expect(released(leases, channel)).toBe(expected);
  });

  describe('for a last row that never comes it waits for 600 s', () => {
    const rows = [{ gpuMs: '1000', amount: '583', last: false }];
    const unstated = (endTime: string, stopTime?: string) => {
      const lease = anEndedLease({ failure: 'Cancelled', endTime, status: used });
      const spec = { ...lease.spec, ...(stopTime === undefined ? {} : { stopTime }) };
      const at = { lastTransitionTime: endTime };
      const conditions = lease.status!.conditions!.map((one) => ({ ...one, ...at }));
      return { ...lease, spec, status: { ...lease.status, conditions } };
    };
    const look = (lease: GPULease, deletionTimestamp: string) => {
      const channelOf = () => aChannel(lease, { rows });
      const { releaseJob, unbilled, reviewAtMs } = decideAbout(
        aJob({ deletionTimestamp }),
        [lease],
        {
          channelOf,
        },
      );
      return [
        releaseJob,
        unbilled.length,
        reviewAtMs === undefined ? 0 : (reviewAtMs - nowMs) / 1_000,
      ];
    };
    test.each<[string, GPULease, string, readonly unknown[]]>([
      ['not yet', unstated('2026-03-01T11:50:01Z'), '2026-03-01T11:45:00Z', [false, 0, 1]],
      ['over', unstated('2026-03-01T11:50:00Z'), '2026-03-01T11:45:00Z', [true, 1, 0]],
      [
        'an end in the future holds it no longer than twice that',
        unstated('2031-01-01T00:00:00Z'),
        '2026-03-01T11:40:01Z',
        [false, 0, 1],
      ],
      [
        'from when the hub stopped it',
        unstated('2031-01-01T00:00:00Z', '2026-03-01T11:45:00Z'),
        '2026-03-01T11:40:00Z',
        [false, 0, 300],
      ],
    ])('%s', (_, lease, deletionTimestamp, expected) => {
      expect(look(lease, deletionTimestamp)).toEqual(expected);
    });
  });

  test('without any row when its lease was lost', () => {
    const lost = { time: '2026-03-01T11:59:00Z', reason: 'ProviderLost', message: 'gone' } as const;
    const given = { ...running, spec: { ...running.spec, desiredState: 'Stopped', lost } } as const;
    const status = { ...running.status, gpuMilliseconds: '1000' };
    expect(released([{ ...given, status }], aChannel(running, {}))).toBe(true);
  });

  test('once it is settled, even without its channel', () => {
    const settled = anEndedLease({
      failure: 'Cancelled',
      status: used,
      conditions: [aCondition('Settled', 'True', 'Settled')],
    });
    expect(released([settled])).toBe(true);
  });

  test('not while a record may still become a lease', () => {
    expect(decideAbout(deleted(), [], { hasOpenIntents: true }).releaseJob).toBe(false);
  });

  test('not when nobody deleted it', () => {
    expect(decideAbout(aJob(), []).releaseJob).toBe(false);
  });
});

describe('what is over goes away', () => {
  const over = (more: GPUJob['status'], ttlSecondsAfterFinished?: number) =>
    aJob({
      spec: ttlSecondsAfterFinished === undefined ? {} : { runtime: { ttlSecondsAfterFinished } },
      status: { conditions: [aCondition('Succeeded', 'True', 'Completed')], ...more },
    });

  test('the job after runtime.ttlSecondsAfterFinished', () => {
    const completionTime = '2026-03-01T11:59:00Z';
    expect(decideAbout(over({ completionTime }, 60), []).deleteJob).toBe(true);
    expect(decideAbout(over({ completionTime }, 61), [])).toMatchObject({
      deleteJob: false,
      reviewAtMs: nowMs + 1_000,
    });
    expect(decideAbout(over({ completionTime }), []).deleteJob).toBe(false);
  });

  const settled = (endTime: string) =>
    anEndedLease({
      endTime,
      status: { ...accepted, gpuMilliseconds: '1000' },
      conditions: [aCondition('Settled', 'True', 'Settled', { lastTransitionTime: endTime })],
    });

  test('its settled leases after the retention, and not before', () => {
    const job = over({});
    const old = { ...settled('2026-03-01T10:00:00Z') };
    const aged = {
      ...old,
      status: {
        ...old.status,
        conditions: old.status!.conditions!.map((one) => ({
          ...one,
          lastTransitionTime: '2026-03-01T10:00:00Z',
        })),
      },
      metadata: { ...old.metadata, creationTimestamp: '2026-03-01T09:00:00Z' },
    };
    expect(decideAbout(job, [aged]).expired).toEqual([aged]);
    expect(decideAbout(undefined, [aged]).expired).toEqual([aged]);
    expect(decideAbout(aJob(), [aged]).expired).toEqual([]);
    expect(decideAbout(job, [settled('2026-03-01T11:58:00Z')]).expired).toEqual([]);
    // Its provider's clock, or its word, must not keep it for ever.
    const future = { ...aged, status: { ...aged.status, endTime: '2099-03-01T10:00:00Z' } };
    expect(decideAbout(job, [future as GPULease]).expired).toEqual([future]);
    const unsettled = {
      ...aged,
      status: {
        ...aged.status,
        // As old as the settled one: only that nobody has paid it keeps it.
        conditions: aged.status.conditions.filter(({ type }) => type !== 'Settled'),
      },
    };
    expect(decideAbout(job, [unsettled]).expired).toEqual([]);
  });
});

test('an Event tells of refusals and of ends that nobody wished, and of nothing else', () => {
  const pending = aLease();
  const refused = aLease({ conditions: [aCondition('Accepted', 'False', 'Draining')] });
  const failed = anEndedLease({ failure: 'TaskFailed' });
  const taken = aLease({
    status: accepted,
    conditions: [aCondition('Accepted', 'True', 'Accepted')],
  });
  expect(leaseNews(taken, pending)).toBeUndefined();
  expect(leaseNews(refused, pending)).toMatchObject({ type: 'Warning', reason: 'LeaseRefused' });
  expect(leaseNews(failed, running)).toMatchObject({ type: 'Warning', reason: 'LeaseEnded' });
  const stopped = anEndedLease({ failure: 'Stopped' });
  expect(leaseNews(stopped, running, aJob())).toMatchObject({ type: 'Warning' });
  expect(leaseNews(stopped, running, aJob({ spec: { suspend: true } }))).toMatchObject({
    type: 'Normal',
    note: expect.stringContaining('Suspended: the job was suspended'),
  });
  expect(leaseNews(running, taken)).toBeUndefined();
  expect(leaseNews(running, running)).toBeUndefined();
});
