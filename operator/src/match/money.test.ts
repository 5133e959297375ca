import { placementReasons } from '@gridlease/crds/reasons';
import { expect, test } from '@jest/globals';
import { aCondition, aJob, aLease, anAccount, anEndedLease } from '../testing/builders.ts';
import { expectCase, type PlacementCase } from '../testing/placementCase.ts';
import { filters } from './filters.ts';

const moneyCases: readonly PlacementCase[] = [
  {
    reason: 'BudgetExceeded',
    refused: {
      spec: {
        batch: { completions: 2 },
        budget: { accountName: 'team-a', maxTotal: '50.4' },
      },
      leases: [anEndedLease({ maxAmount: 50_400_000n, status: { gpuMilliseconds: '86400000' } })],
    },
    says: /budget\.maxTotal 50\.400000 tUSD leaves nothing for 1 waiting tasks: 50\.400000 tUSD billed/,
    passes: {
      spec: { batch: { completions: 2 }, budget: { accountName: 'team-a', maxTotal: '51' } },
      leases: [anEndedLease({ maxAmount: 50_400_000n, status: { gpuMilliseconds: '86400000' } })],
    },
  },
  {
    reason: 'AccountCapExceeded',
    refused: { account: anAccount({ spec: { caps: { perHour: '2' } } }) },
    says: /needs 2\.100000 tUSD, caps\.perHour of account team-a is 2\.000000 tUSD/,
    passes: { account: anAccount({ spec: { caps: { perHour: '2.1', perDay: '50.4' } } }) },
  },
  {
    reason: 'AccountCapExceeded',
    // Ten minutes of 2.10 an hour cost no more than 0.35, whatever the hour would cost.
    refused: {
      account: anAccount({ spec: { caps: { perHour: '0.34' } } }),
      spec: { runtime: { maxDurationSeconds: 600 } },
    },
    says: /needs 0\.350000 tUSD, caps\.perHour .* 0\.000000 tUSD of it is taken: raise the cap/,
    passes: {
      account: anAccount({ spec: { caps: { perHour: '0.35' } } }),
      spec: { runtime: { maxDurationSeconds: 600 } },
    },
  },
  {
    reason: 'AccountCapExceeded',
    // A short job that is over still counts in its hour.
    refused: {
      account: anAccount({ spec: { caps: { perHour: '0.5' } } }),
      spec: { runtime: { maxDurationSeconds: 600 } },
      leases: [
        anEndedLease({ job: aJob({ name: 'other' }), status: { gpuMilliseconds: '600000' } }),
      ],
    },
    says: /needs 0\.350000 tUSD, caps\.perHour .* 0\.350000 tUSD of it is taken: wait/,
    passes: {
      account: anAccount({ spec: { caps: { perHour: '0.5' } } }),
      spec: { runtime: { maxDurationSeconds: 600 } },
      leases: [
        anEndedLease({
          job: aJob({ name: 'other' }),
          endTime: '2026-03-01T10:59:00Z',
          status: { gpuMilliseconds: '600000' },
        }),
      ],
    },
  },
  {
    reason: 'AccountCapExceeded',
    refused: { account: anAccount({ spec: { caps: { perDay: '50.39' } } }) },
    says: /needs 50\.400000 tUSD, caps\.perDay/,
    passes: { account: anAccount({ spec: { caps: { perDay: '50.4' } } }) },
  },
  {
    reason: 'AccountCapExceeded',
    refused: { account: anAccount({ spec: { caps: { total: '60' } }, status: { spent: '10' } }) },
    says: /caps\.total of account team-a is 60\.000000 tUSD and 10\.000000 tUSD of it is taken/,
    passes: { account: anAccount({ spec: { caps: { total: '60.4' } }, status: { spent: '10' } }) },
  },
  {
    reason: 'EscrowTooSmall',
    refused: { account: anAccount({ status: { free: '10', reserved: '0' } }) },
    says: /^needs 50\.400000 tUSD, tenant 0x0{38}aa has 10\.000000 tUSD available in escrow 0x0{38}ee on chain 31337: deposit 40\.400000 tUSD more or lower budget\.maxTotal \/ runtime\.maxDurationSeconds$/,
    passes: { account: anAccount({ status: { free: '10', reserved: '40.4' } }) },
  },
  {
    reason: 'EscrowTooSmall',
    // Another job's lease may still cost 50.40 of the 100.
    refused: {
      account: anAccount({ status: { free: '100' } }),
      leases: [aLease({ job: aJob({ name: 'other' }), maxAmount: 50_400_000n })],
    },
    says: /has 49\.600000 tUSD available/,
    passes: {
      account: anAccount({ status: { free: '100' } }),
      leases: [aLease({ job: aJob({ name: 'other' }), maxAmount: 49_600_000n })],
    },
  },
  {
    reason: 'DelegateNotAuthorized',
    refused: {
      account: anAccount({
        status: { conditions: [aCondition('Ready', 'False', 'DelegateNotAuthorized')] },
      }),
    },
    says: /^DelegateNotAuthorized\.$/,
    passes: {},
  },
  {
    reason: 'DelegateLimitTooSmall',
    refused: { account: anAccount({ status: { delegateLimit: '60', delegateSpent: '20' } }) },
    says: /delegate 0x0{38}dd may move 40\.000000 tUSD more: raise its limit by 10\.400000 tUSD/,
    passes: {
      account: anAccount({
        status: { delegateLimit: '60', delegateSpent: '20', reserved: '10.4' },
      }),
    },
  },
  {
    reason: 'DelegateGasTooLow',
    refused: {
      account: anAccount({
        status: { conditions: [aCondition('Ready', 'False', 'DelegateGasTooLow')] },
      }),
    },
    says: /^DelegateGasTooLow\.$/,
    passes: {},
  },
];

test.each(moneyCases)('a job that can not be paid for says why: $reason', expectCase);

test('every reason to wait that is not a filter has a case', () => {
  const shown = [...filters, ...moneyCases].map(({ reason }) => reason as string);
  const listed = Object.keys(placementReasons).filter((reason) => reason !== 'NoOffers');
  expect(listed.filter((reason) => !shown.includes(reason))).toEqual([]);
});
